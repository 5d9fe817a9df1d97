import DenseEngine
import DenseService
import HTTPServer
import TensorCoding
import Testing

/// What clients get wrong, and what they are told. After each the server answers the next request.
@Suite("Bad input")
struct BadInputTests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
        try server.register("m")
    }

    struct Case: CustomTestStringConvertible {
        let body: String
        let status: Int
        let code: String
        let pointer: String

        init(_ body: String, _ status: Int, _ code: String, _ pointer: String = "") {
            self.body = body
            self.status = status
            self.code = code
            self.pointer = pointer
        }

        var testDescription: String { String(body.prefix(120)) }
    }

    private func check(_ bad: Case) throws {
        let client = try server.client()
        let response = try client.request("POST", "/dense", body: Array(bad.body.utf8))
        #expect(response.status == bad.status, "\(response.text)")
        #expect(response.code == bad.code, "\(response.text)")
        #expect(response.pointer == bad.pointer, "\(response.text)")
        #expect(response.error.hasSuffix(".") || response.error.contains("received"), "\(response.error)")
        #expect(response["Content-Type"] == "application/json")
        // The same connection lives on.
        let good = try client.request("POST", "/dense", body: Array(#"{"input":[[1,2]],"model":"m"}"#.utf8))
        #expect(good.status == 200)
    }

    @Test(
        "members that are wrong by themselves or together are 400",
        arguments: [
            Case("", 400, "invalid_json"), Case("nonsense", 400, "wrong_type"), Case("[]", 400, "wrong_type"),
            Case(#"{"input":[[1,2]]}"#, 400, "layer_or_model_missing"),
            Case(#"{"input":[[1,2]],"model":"m","layer":{"units":1}}"#, 400, "layer_and_model", "/model"),
            Case(#"{"input":[[1,2]],"model":"m","layers":[{"units":1}]}"#, 400, "layer_and_model", "/model"),
            Case(#"{"input":[[1,2]],"layer":{"units":1},"layers":[]}"#, 400, "conflicting_fields", "/layers"),
            Case(#"{"input":[[1,2]],"model":"m","weights":{}}"#, 400, "unexpected_field", "/weights"),
            Case(#"{"input":[[1,2]],"layer":{"units":1},"version":1}"#, 400, "unexpected_field", "/version"),
            Case(#"{"model":"m"}"#, 400, "missing_field", "/input"),
            Case(#"{"input":[[1,2]],"model":"m","batch":1}"#, 400, "unknown_field", "/batch"),
            Case(#"{"input":[[1,2]],"model":"m","input":[[1,2]]}"#, 400, "duplicate_field", "/input"),
            Case(#"{"input":[[1,2]],"model":7}"#, 400, "wrong_type", "/model"),
            Case(#"{"input":[[1,2]],"model":"m","version":"1"}"#, 400, "wrong_type", "/version"),
            Case(#"{"input":[[1,2]],"model":"m","version":1.5}"#, 400, "not_an_integer", "/version"),
            Case(#"{"input":[[1,2]],"model":"m","parameters":[]}"#, 400, "wrong_type", "/parameters"),
            Case(#"{"input":[[1,2]],"model":"m","parameters":{"color":1}}"#, 400, "unknown_field", "/parameters/color"),
            Case(
                #"{"input":[[1,2]],"model":"m","parameters":{"format":"csv"}}"#, 400, "invalid_parameter",
                "/parameters/format"),
            Case(
                #"{"input":[[1,2]],"model":"m","parameters":{"return_logits":1}}"#, 400, "wrong_type",
                "/parameters/return_logits"),
            Case(#"{"input":[[1,2]],"model":"m"} x"#, 400, "invalid_json"),
        ])
    func members(bad: Case) throws { try check(bad) }

    @Test(
        "tensors that are none are refused with the place",
        arguments: [
            Case(#"{"input":[[1,2],[3]],"model":"m"}"#, 422, "ragged_tensor", "/input/1"),
            Case(#"{"input":[[1,[2]]],"model":"m"}"#, 422, "mixed_nesting", "/input/0/1"),
            Case(#"{"input":[[1,"2"]],"model":"m"}"#, 400, "wrong_type", "/input/0/1"),
            Case(#"{"input":[[1,null]],"model":"m"}"#, 400, "wrong_type", "/input/0/1"),
            Case(#"{"input":[[1,true]],"model":"m"}"#, 400, "wrong_type", "/input/0/1"),
            Case(#"{"input":"12","model":"m"}"#, 400, "wrong_type", "/input"),
            Case(#"{"input":[[1,1e999]],"model":"m"}"#, 422, "number_out_of_range", "/input/0/1"),
            Case(#"{"input":[[1,1e39]],"model":"m"}"#, 422, "number_out_of_range", "/input/0/1"),
            Case(#"{"input":[[1,NaN]],"model":"m"}"#, 400, "non_finite_token", "/input/0/1"),
            Case(#"{"input":[[1,-Infinity]],"model":"m"}"#, 400, "non_finite_token", "/input/0/1"),
            Case(#"{"input":[[1,01]],"model":"m"}"#, 400, "invalid_json", "/input/0/1"),
            Case(#"{"input":{"shape":[1,3],"data":[1,2]},"model":"m"}"#, 422, "element_count_mismatch", "/input/data"),
            Case(
                #"{"input":{"shape":[4611686018427387904,4],"data":[]},"model":"m"}"#, 422, "invalid_shape",
                "/input/shape"),
            Case(#"{"input":{"shape":[-1,2],"data":[1,2]},"model":"m"}"#, 422, "invalid_shape", "/input/shape"),
            Case(#"{"input":{"shape":[1,2],"b64":"!!"},"model":"m"}"#, 400, "invalid_base64", "/input/b64"),
            Case(
                #"{"input":{"shape":[1,2],"dtype":"int3","b64":""},"model":"m"}"#, 422, "unknown_dtype", "/input/dtype"),
        ])
    func tensors(bad: Case) throws { try check(bad) }

    @Test("nesting is 32 deep at most, wherever it is")
    func depth() throws {
        let deep = String(repeating: "[", count: 100_000)
        for body in [
            deep, #"{"input":\#(deep)"#, #"{"layer":\#(deep)"#,
            #"{"input":\#(deep)1\#(String(deep.map { _ in "]" }))}"#,
        ] {
            let response = try server.dense(body)
            #expect(response.status == 400, "\(response.text.prefix(300))")
        }
    }

    @Test(
        "units must be a positive integer",
        arguments: ["0", "-3", "2.5", "true", #""64""#, "null", "[1]", "1e2", "99999999999999999999"])
    func units(units: String) throws {
        let response = try server.dense(#"{"input":[[1,2]],"layer":{"units":\#(units)}}"#)
        #expect(response.status == 422, "\(response.text)")
        #expect(response.pointer == "/layer/units")
        #expect(response.error.contains("Received an invalid value for `units`, expected a positive integer."))
    }

    @Test(
        "layers and weights that cannot work are 422",
        arguments: [
            Case(#"{"input":[[1,2]],"layer":{}}"#, 422, "missing_config_key", "/layer/units"),
            Case(
                #"{"input":[[1,2]],"layer":{"units":1,"activation":"nope"}}"#, 422, "unknown_activation",
                "/layer/activation"),
            Case(#"{"input":[[1,2]],"layer":{"units":1,"colour":2}}"#, 422, "unknown_config_key", "/layer/colour"),
            Case(
                #"{"input":[[1,2]],"layers":[{"units":1},{"layer":{"units":1,"activation":"nope"}}]}"#, 422,
                "unknown_activation", "/layers/1/layer/activation"),
            Case(
                #"{"input":[[1,2]],"layer":{"units":2},"weights":{"kernel":[[1,2,3],[4,5,6]],"bias":[0,0]}}"#, 422,
                "weight_shape_mismatch", "/weights/kernel"),
            Case(
                #"{"input":[[1,2]],"layer":{"units":2},"weights":{"kernel":[[1,2],[4,5]],"bias":[0]}}"#, 422,
                "weight_shape_mismatch", "/weights/bias"),
            Case(
                #"{"input":[[1,2]],"layer":{"units":2,"use_bias":false},"weights":{"kernel":[[1,2],[4,5]],"bias":[0,0]}}"#,
                422, "unexpected_weight", "/weights/bias"),
            Case(
                #"{"input":[[1,2]],"layer":{"units":2},"weights":{"kernels":[[1,2],[4,5]]}}"#, 422,
                "unexpected_weight", "/weights/kernels"),
            Case(#"{"input":[1,2],"model":"m"}"#, 422, "input_rank_too_low", "/input"),
            Case(#"{"input":7,"model":"m"}"#, 422, "input_rank_too_low", "/input"),
            Case(#"{"input":[[1,2,3]],"model":"m"}"#, 422, "input_shape_mismatch", "/input"),
            Case(#"{"input":[[1,2]],"layers":[]}"#, 422, "no_layers"),
            Case(
                #"{"input":[[1,2]],"layers":[{"units":1}],"weights":[{},{}]}"#, 422, "weight_count_mismatch", "/weights"
            ),
            Case(#"{"input":[[1,2]],"layer":{"units":2000000000}}"#, 422, "too_large_to_compute", "/layer"),
        ])
    func layers(bad: Case) throws { try check(bad) }

    @Test(
        "models that are not there are 404",
        arguments: [
            Case(#"{"input":[[1,2]],"model":"x"}"#, 404, "unknown_model", "/model"),
            Case(#"{"input":[[1,2]],"model":""}"#, 404, "unknown_model", "/model"),
            Case(#"{"input":[[1,2]],"model":"sha256:12"}"#, 404, "unknown_model", "/model"),
            Case(#"{"input":[[1,2]],"model":"m","version":2}"#, 404, "unknown_version", "/version"),
            Case(#"{"input":[[1,2]],"model":"m","version":-1}"#, 404, "unknown_version", "/version"),
        ])
    func models(bad: Case) throws { try check(bad) }

    @Test("a valid body cut off at any byte is 400, with the place")
    func cutOff() throws {
        let body = Array(
            #"{"input":[[1.5,-2e3]],"layer":{"units":1,"activation":"relu"},"weights":{"kernel":[[1],[2]],"bias":[0]},"parameters":{"format":"flat"}}"#
                .utf8)
        let client = try server.client()
        for count in body.indices {
            let response = try client.request("POST", "/dense", body: Array(body[..<count]))
            #expect(response.status == 400, "\(count): \(response.text)")
            #expect(try response.json["offset"] != nil, "\(count): \(response.text)")
        }
        #expect(try client.request("POST", "/dense", body: body).status == 200)
    }

    @Test("a valid body with any one byte replaced never breaks the server")
    func replacedBytes() throws {
        let body = Array(#"{"input":[[1.5,-2]],"layer":{"units":1},"weights":{"kernel":[[1],[2]],"bias":[0]}}"#.utf8)
        let client = try server.client()
        for index in body.indices {
            for byte: UInt8 in [0, 0x22, 0x2C, 0x5B, 0x5D, 0x7D, 0x80, 0xFF] where byte != body[index] {
                var broken = body
                broken[index] = byte
                let response = try client.request("POST", "/dense", body: broken)
                #expect([200, 400, 422].contains(response.status), "\(index) \(byte): \(response.text)")
            }
        }
    }

    @Test("NaN and infinity are read where the setting allows them")
    func allowsNonFinite() throws {
        var configuration = ServiceConfiguration()
        configuration.allowsNonFiniteJSON = true
        let server = try TestServer(configuration)
        try server.register("m")
        let response = try server.dense(
            #"{"input":[[NaN,-Infinity]],"model":"m","parameters":{"non_finite":"string"}}"#)
        #expect(response.text.hasPrefix(#"{"output":[["NaN","NaN"]]"#), "\(response.text)")
    }

    @Test("a result larger than a request may be is refused before it is computed")
    func tooLarge() throws {
        var configuration = ServiceConfiguration()
        configuration.maximumRequestBytes = 1 << 20
        let server = try TestServer(configuration)
        let zeros = Array(repeating: "0", count: 20_000).joined(separator: ",")
        try server.register(
            "wide",
            #"{"layer":{"units":20000,"use_bias":false},"weights":{"kernel":{"shape":[1,20000],"data":[\#(zeros)]}}}"#)
        let response = try server.dense(
            #"{"model":"wide","input":{"shape":[100,1],"data":[\#(Array(repeating: "1", count: 100).joined(separator: ","))]}}"#
        )
        #expect(response.status == 422)
        #expect(response.code == "too_large_to_compute", "/layer")
    }

    // 422 and not 503, which would ask the client to try again what can never be done.
    @Test(
        "an answer far larger than its request is refused, with the limit, before it is computed",
        arguments: [
            // Rows of nothing become rows of 512 biases.
            (#"{"input":{"shape":[2000,0],"data":[]},"model":"rows of nothing"}"#, 422),
            (#"{"input":{"shape":[20,0],"data":[]},"model":"rows of nothing"}"#, 200),
            (#"{"input":{"shape":[2000,0],"data":[]},"layer":{"units":512},"weights":{}}"#, 422),
            // Each number of the nested form stands in 31 pairs of brackets.
            (
                #"{"input":{"shape":[9000,ONES],"data":[ZEROS]},"layer":{"class_name":"Dropout","config":{"rate":0.5}}}"#,
                422
            ),
            (
                #"{"input":{"shape":[9000,ONES],"data":[ZEROS]},"layer":{"class_name":"Dropout","config":{"rate":0.5}},"parameters":{"format":"flat"}}"#,
                200
            ),
            // The logits would not fit beside the output.
            (
                #"{"input":{"shape":[55,0],"data":[]},"model":"rows of nothing","parameters":{"return_logits":true}}"#,
                422
            ),
            (#"{"input":{"shape":[55,0],"data":[]},"model":"rows of nothing"}"#, 200),
        ])
    func amplified(body: String, status: Int) throws {
        var configuration = ServiceConfiguration()
        configuration.maximumRequestBytes = 1 << 20
        let server = try TestServer(configuration, maximumBytes: 1 << 20)
        try server.register("nothing", #"{"layer":{"units":512},"weights":{"kernel":{"shape":[0,512],"data":[]}}}"#)
        let response = try server.dense(
            body.replacing("rows of nothing", with: "nothing")
                .replacing("ONES", with: Array(repeating: "1", count: 31).joined(separator: ","))
                .replacing("ZEROS", with: Array(repeating: "0", count: 9000).joined(separator: ",")))
        #expect(response.status == status, "\(response.text.prefix(300))")
        guard status == 422 else { return }
        #expect(response.code == "too_large_to_compute")
        #expect(response.error.contains("at most 1048576 bytes (max_queue_bytes)"), "\(response.error)")
        #expect(try response.json["expected"] == .int(1 << 20))
    }
}
