import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("/models")
struct ModelEndpointTests {
    private let server: TestServer

    init() throws { server = try TestServer() }

    private static let other = #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1],[1]],"bias":[0]}}]}"#

    @Test("registering is 201 with a description, again 200 with the same version")
    func registers() throws {
        let first = try server.register("m")
        #expect(first.status == 201, "\(first.text)")
        #expect(first["Location"] == "/models/m/versions/1")
        let json = try first.json
        #expect(
            json.members.map(\.name) == [
                "name", "version", "parameters", "bytes", "memory_bytes", "sha256", "input_shape", "output_shape",
                "batching", "adapters", "layers",
            ])
        #expect(json["name"] == .string("m"))
        #expect(json["version"] == .int(1))
        #expect(json["parameters"] == .int(6))
        #expect(json["input_shape"] == .array([.null, .int(2)]))
        #expect(json["output_shape"] == .array([.null, .int(2)]))

        let again = try server.register("m")
        #expect(again.status == 200)
        #expect(again.text == first.text)
        #expect(try server.register("m", Self.other).json["version"] == .int(2))
    }

    @Test("lists and descriptions tell what is registered")
    func reads() throws {
        #expect(try server.request("GET", "/models").text == #"{"models":[]}"#)
        try server.register("b")
        try server.register("a")
        try server.register("a", Self.other)
        guard case .array(let models)? = try server.request("GET", "/models").json["models"] else {
            Issue.record("There is no list.")
            return
        }
        #expect(models.count == 2)
        guard case .object(let first) = models[0] else { return }
        #expect(first["name"] == .string("a"))
        #expect(first["versions"] == .array([.int(1), .int(2)]))
        #expect(first["layers"] == nil)
        #expect(first["bytes"] == .int(12))
        #expect(first["memory_bytes"] == .int(24))

        let one = try server.request("GET", "/models/a").json
        #expect(one["versions"] == .array([.int(1), .int(2)]))
        #expect(one["version"] == .int(2))
        guard case .array(let layers)? = one["layers"], case .object(let layer)? = layers.first else {
            Issue.record("There are no layers.")
            return
        }
        #expect(layer["class_name"] == .string("Dense"))
        let version = try server.request("GET", "/models/a/versions/1").json
        #expect(version["version"] == .int(1))
        #expect(version["output_shape"] == .array([.null, .int(2)]))
        #expect(try server.request("HEAD", "/models/a").status == 200)
    }

    @Test("trainable can be changed, and nothing else")
    func changes() throws {
        try server.register("m")
        let before = try server.request("GET", "/models/m").json["sha256"]
        let response = try server.request("PATCH", "/models/m", body: #"{"trainable":false}"#)
        #expect(response.status == 200)
        #expect(response.text.contains(#""trainable":false"#))
        #expect(!response.text.contains(#""trainable":true"#))
        #expect(try server.request("GET", "/models/m").text == response.text)
        #expect(try response.json["sha256"] == before)

        for (body, status, code, pointer) in [
            (#"{"units":3}"#, 409, "immutable", "/units"),
            (#"{"trainable":true,"activation":"relu"}"#, 409, "immutable", "/activation"),
            (#"{}"#, 400, "missing_field", ""), (#"{"trainable":1}"#, 400, "wrong_type", "/trainable"),
            (#"{"trainable""#, 400, "invalid_json", ""),
        ] {
            let refused = try server.request("PATCH", "/models/m", body: body)
            #expect(refused.status == status, "\(refused.text)")
            #expect(refused.code == code)
            #expect(code == "invalid_json" || refused.pointer == pointer)
        }
        #expect(try server.request("PATCH", "/models/x", body: #"{"trainable":true}"#).status == 404)
    }

    @Test("removing is 204 and then 404, and the version never comes back")
    func removes() throws {
        try server.register("m")
        try server.register("m", Self.other)
        #expect(try server.request("DELETE", "/models/m/versions/2").status == 204)
        #expect(try server.request("DELETE", "/models/m/versions/2").status == 404)
        #expect(try server.dense(#"{"input":[[1,2]],"model":"m","version":2}"#).status == 404)
        #expect(try server.dense(#"{"input":[[1,2]],"model":"m"}"#).status == 200)
        #expect(try server.request("DELETE", "/models/m").status == 204)
        #expect(try server.request("DELETE", "/models/m").code == "unknown_model")
        #expect(try server.register("m").json["version"] == .int(3))
    }

    @Test("files give the weights back")
    func files() throws {
        try server.register("m")
        let file = try server.request("GET", "/models/m/versions/1/file?format=safetensors")
        #expect(file.status == 200)
        #expect(file["Content-Type"] == "application/octet-stream")
        #expect(file["Content-Disposition"] == #"attachment; filename="m-1.safetensors""#)
        #expect(try server.request("GET", "/models/m/versions/1/file").body == file.body)
        let json = try server.request("GET", "/models/m/versions/1/file?format=json")
        #expect(json["Content-Type"] == "application/json")
        let copy = try server.request("PUT", "/models/copy", body: json.text).json
        #expect(try copy["sha256"] == server.request("GET", "/models/m").json["sha256"])

        let misspelt = try server.request("GET", "/models/m/versions/1/file?fromat=json")
        #expect(misspelt.status == 400 && misspelt.code == "unknown_query_item")
        let unknown = try server.request("GET", "/models/m/versions/1/file?format=onnx")
        #expect(unknown.status == 400)
        #expect(unknown.code == "unknown_file_format")
        #expect(
            try unknown.json["expected"] == .array(["safetensors", "npz", "keras", "json"].map(ConfigValue.string)))
    }

    @Test(
        "what cannot be registered is refused with the place",
        arguments: [
            ("m", "{", 400, "invalid_json", nil), ("m", "{}", 422, "no_layers", nil),
            ("m", #"{"layer":{"units":1}}"#, 422, "unknown_input_shape", nil),
            ("m", #"{"units":0}"#, 422, "invalid_config_value", "/units"),
            ("m", #"{"layers":[{"layer":{"units":"x"}}]}"#, 422, "invalid_config_value", "/layers/0/layer/units"),
            (
                "m", #"{"layer":{"units":1},"weights":{"kernel":[[1,2]],"bias":[0]}}"#, 422, "weight_shape_mismatch",
                "/weights/kernel"
            ),
            ("m", #"{"layer":{"units":1},"colour":1}"#, 400, "unknown_field", "/colour"),
            ("a%2Fb", #"{"units":1}"#, 400, "invalid_model_name", nil),
            ("a%20b", #"{"units":1}"#, 400, "invalid_model_name", nil),
            (String(repeating: "x", count: 200), #"{"units":1}"#, 400, "invalid_model_name", nil),
        ] as [(String, String, Int, String, String?)])
    func refusesBadModels(name: String, body: String, status: Int, code: String, pointer: String?) throws {
        let response = try server.register(name, body)
        #expect(response.status == status, "\(response.text)")
        #expect(response.code == code, "\(response.text)")
        if let pointer { #expect(response.pointer == pointer, "\(response.text)") }
        #expect(try server.register("good").status == 201)
    }

    @Test("a model name with a slash in it is no path")
    func slashes() throws {
        #expect(try server.register("a/b").status == 404)
    }

    @Test("a model that does not fit is 507 with the limit")
    func full() throws {
        let server = try TestServer(maximumModelBytes: 5000)
        #expect(try server.register("a").status == 201)
        let response = try server.register("b", Self.other)
        #expect(response.status == 507)
        #expect(response.code == "model_store_full")
        #expect(try response.json["expected"] == .int(5000))
        #expect(try server.register("a").status == 200)
    }

    @Test(
        "versions that are no positive integers do not exist",
        arguments: ["0", "-1", "x", "1.0", "01", "+1", "9", "99999999999999999999"])
    func oddVersions(version: String) throws {
        try server.register("m")
        for method in ["GET", "DELETE"] {
            let response = try server.request(method, "/models/m/versions/\(version)")
            #expect(response.status == 404)
            #expect(response.code == "unknown_version")
        }
    }
}
