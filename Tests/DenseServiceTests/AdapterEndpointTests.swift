import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("/models/{name}/adapters")
struct AdapterEndpointTests {
    private let server: TestServer

    /// A model whose output is the input times ten, and the sum; adapters that add to the first and to the second unit.
    init() throws {
        server = try TestServer()
        try server.register("m")
        #expect(try put("/models/m/adapters/a", Self.adapter("[[1,0]]")).status == 201)
        #expect(try put("/models/m/versions/1/adapters/b", Self.adapter("[[0,1]]", alpha: 3)).status == 201)
    }

    /// The sum of the features, of rank 1.
    private static func adapter(_ b: String, alpha: Int = 1) -> String {
        #"{"layers":{"dense":{"lora_kernel_a":[[1],[1]],"lora_kernel_b":\#(b),"lora_alpha":\#(alpha)}}}"#
    }

    private func put(_ path: String, _ body: String) throws -> HTTPClient.Response {
        try server.request("PUT", path, body: body)
    }

    @Test("registering is 201 with a description, again 200, and 409 for other content")
    func registers() throws {
        let first = try put("/models/m/adapters/c", Self.adapter("[[1,2]]", alpha: 4))
        #expect(first.status == 201, "\(first.text)")
        #expect(first["Location"] == "/models/m/versions/1/adapters/c")
        let json = try first.json
        #expect(
            json.members.map(\.name) == [
                "name", "model", "version", "parameters", "bytes", "memory_bytes", "sha256", "layers",
            ])
        #expect(json["parameters"] == .int(4))
        #expect(json["layers"] == .object(["dense": .object(["lora_rank": .int(1), "lora_alpha": .int(4)])]))
        let again = try put("/models/m/versions/1/adapters/c", Self.adapter("[[1,2]]", alpha: 4))
        #expect(again.status == 200 && again.text == first.text)
        let other = try put("/models/m/adapters/c", Self.adapter("[[1,2]]", alpha: 5))
        #expect(other.status == 409 && other.code == "adapter_taken")
        #expect(try server.request("GET", "/models/m/adapters/c").text == first.text)
        #expect(
            try server.request("GET", "/models/m").json["adapters"] == .array(["a", "b", "c"].map(ConfigValue.string)))
        guard case .array(let list)? = try server.request("GET", "/models/m/versions/1/adapters").json["adapters"]
        else {
            Issue.record("There is no list.")
            return
        }
        #expect(list.count == 3 && list[2] == .object(json))
        #expect(try server.request("DELETE", "/models/m/adapters/c").status == 204)
        let gone = try server.request("GET", "/models/m/adapters/c")
        #expect(gone.status == 404 && gone.code == "unknown_adapter")
        #expect(try put("/models/m/adapters/c", Self.adapter("[[1,2]]", alpha: 5)).status == 201)
    }

    @Test("every protocol and form chooses an adapter")
    func protocols() throws {
        let expected = "[[13.0,3.0]]"
        let json = try server.dense(#"{"input":[[1,2]],"model":"m","adapter":"a"}"#)
        #expect(try json.json["output"] == ConfigValue(json: expected), "\(json.text)")
        #expect(
            try server.dense(#"{"input":[[1,2]],"model":"m","adapter":"b"}"#).json["output"]
                == ConfigValue(json: "[[10.0,12.0]]"))
        #expect(
            try server.dense(#"{"input":[[1,2]],"model":"m"}"#).json["output"] == ConfigValue(json: "[[10.0,3.0]]"))
        let logits = try server.dense(
            #"{"input":[[1,2]],"model":"m","adapter":"a","parameters":{"return_logits":true}}"#)
        #expect(try logits.json["logits"] == ConfigValue(json: expected))
        let raw = try server.client().request(
            "POST", "/dense?model=m&adapter=a",
            headers: [
                "Content-Type": "application/octet-stream", "X-Tensor-Shape": "1,2", "Accept": "application/json",
            ], body: [0, 0, 128, 63, 0, 0, 0, 64])
        #expect(try raw.json["output"] == ConfigValue(json: expected), "\(raw.text)")
        let v1 = try server.request("POST", "/v1/models/m:predict", body: #"{"instances":[[1,2]],"adapter":"a"}"#)
        #expect(try v1.json["predictions"] == ConfigValue(json: expected), "\(v1.text)")
        let v2 = try server.request(
            "POST", "/v2/models/m/infer",
            body: #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"#
                + #""parameters":{"adapter":"a"}}"#)
        #expect(v2.text.contains("[13.0,3.0]"), "\(v2.text)")
        let classes = try server.request(
            "POST", "/v1/models/m:classify", body: #"{"adapter":"a","examples":[{"input":[1,2]}]}"#)
        #expect(classes.text.contains("13.0"), "\(classes.text)")
        let metrics = try server.request("GET", "/metrics").text
        #expect(
            metrics.contains("\ndense_model_adapters 2\n") && metrics.contains("\ndense_adapter_requests_total 7\n"))
    }

    @Test("a request that names an adapter wrongly is refused with the place")
    func refused() throws {
        for (body, status, code, pointer) in [
            (#"{"input":[[1,2]],"model":"m","adapter":"x"}"#, 404, "unknown_adapter", "/adapter"),
            (#"{"input":[[1,2]],"model":"m","adapter":1}"#, 400, "wrong_type", "/adapter"),
            (#"{"input":[[1,2]],"layer":{"units":1},"adapter":"a"}"#, 400, "unexpected_field", "/adapter"),
            (
                #"{"input":[[1,2]],"model":"m","adapter":"a","parameters":{"return_losses":true}}"#, 400,
                "conflicting_fields", "/parameters/return_losses"
            ),
        ] {
            let response = try server.dense(body)
            #expect(response.status == status && response.code == code, "\(response.text)")
            #expect(response.pointer == pointer)
        }
        let v1 = try server.request("POST", "/v1/models/m:predict", body: #"{"instances":[[1,2]],"adapter":"x"}"#)
        #expect(v1.status == 404)
        let v2 = try server.request(
            "POST", "/v2/models/m/infer",
            body: #"{"inputs":[{"name":"input","datatype":"FP32","shape":[1,2],"data":[1,2]}],"#
                + #""parameters":{"adapter":"x"}}"#)
        #expect(v2.status == 404)
    }

    @Test("an adapter that cannot be registered is refused with the place")
    func unregistrable() throws {
        for (path, body, status, code, pointer) in [
            ("/models/x/adapters/a", Self.adapter("[[1,0]]"), 404, "unknown_model", ""),
            ("/models/m/versions/2/adapters/a", Self.adapter("[[1,0]]"), 404, "unknown_version", ""),
            ("/models/m/versions/x/adapters/a", Self.adapter("[[1,0]]"), 404, "unknown_version", ""),
            ("/models/m/adapters/%C3%A4", Self.adapter("[[1,0]]"), 400, "invalid_adapter", ""),
            ("/models/m/adapters/c", #"{"layers":"#, 400, "invalid_json", ""),
            (
                "/models/m/adapters/c", #"{"layers":{"x":{"lora_kernel_a":[[1]],"lora_kernel_b":[[1]]}}}"#, 422,
                "invalid_config_value", "/layers/x"
            ),
            (
                "/models/m/adapters/c", Self.adapter("[[1,0,2]]"), 422, "weight_shape_mismatch",
                "/layers/dense/lora_kernel_b"
            ),
            ("/models/m/adapters/c?alpha=1", Self.adapter("[[1,0]]"), 400, "unknown_query_item", ""),
        ] {
            let response = try put(path, body)
            #expect(response.status == status && response.code == code, "\(path): \(response.text)")
            #expect(code == "invalid_json" || response.pointer == pointer, "\(response.text)")
        }
        #expect(try server.request("POST", "/models/m/adapters/c", body: "{}").status == 405)
        #expect(try server.request("PUT", "/models/m/adapters/c").status == 411)
    }

    @Test("a file with an adapter merged is a model of its own, with the adapter's outputs")
    func exports() throws {
        for format in ["safetensors", "npz", "keras", "json"] {
            let file = try server.request("GET", "/models/m/versions/1/file?format=\(format)&adapter=b")
            #expect(file.status == 200, "\(file.text.prefix(300))")
            let type = format == "json" ? "application/json" : "application/octet-stream"
            let copy = try server.client().request(
                "PUT", "/models/merged-\(format)", headers: ["Content-Type": type], body: file.body)
            #expect(copy.status == 201, "\(copy.text)")
            let answer = try server.dense(#"{"input":[[1,2]],"model":"merged-\#(format)"}"#)
            #expect(try answer.json["output"] == ConfigValue(json: "[[10.0,12.0]]"), "\(answer.text)")
        }
        #expect(try server.request("GET", "/models/m/versions/1/file?adapter=x").code == "unknown_adapter")
    }
}
