import FoundationEssentials
import Testing

@Suite("Model files in PUT /models/{name}")
struct ModelUploadTests {
    private let server: TestServer

    init() throws { server = try TestServer() }

    private func file(_ name: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Golden/files/\(name)")))
    }

    private func put(_ body: [UInt8], _ type: String?, query: String = "") throws -> HTTPClient.Response {
        try server.client().request(
            "PUT", "/models/m" + query, headers: type.map { ["Content-Type": $0] } ?? [:], body: body)
    }

    @Test(
        "a file is recognised by its content, under any of the media types",
        arguments: ["mlp.keras", "mlp.h5", "one.npz", "kernel.npy"],
        [nil, "application/octet-stream", "application/zip", "application/x-hdf5", "application/x-www-form-urlencoded"])
    func recognised(name: String, type: String?) throws {
        let response = try put(try file(name), type)
        #expect(response.status == 201, "\(response.text)")
    }

    @Test(
        "an export registers again as the same version, in every form",
        arguments: ["safetensors", "npz", "keras", "json"])
    func exported(format: String) throws {
        #expect(try put(try file("mlp.keras"), "application/zip").status == 201)
        let export = try server.request("GET", "/models/m/versions/1/file?format=\(format)")
        #expect(export.status == 200)
        #expect(try put(export.body, export["Content-Type"]).status == 200)
    }

    private func form(_ parts: [(name: String, content: [UInt8])], boundary: String = "x-1") -> [UInt8] {
        parts.flatMap { part in
            Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"; filename=\"a\"\r\n\r\n".utf8)
                + part.content + [13, 10]
        } + Array("--\(boundary)--\r\n".utf8)
    }

    @Test("weights come with their configuration in a form")
    func forms() throws {
        let parts = [("file", try file("stack.weights.h5")), ("config", try file("stack.json"))]
        let type = "multipart/form-data; boundary=\"x-1\""
        let response = try put(form(parts), type)
        #expect(response.status == 201, "\(response.text)")
        let reversed = try put(form(parts.reversed()), "multipart/form-data; BOUNDARY=x-1")
        #expect(reversed.status == 200, "\(reversed.text)")
        let arrays = [("file", try file("torch.safetensors")), ("activations", Array("relu,linear".utf8))]
        #expect(try put(form(arrays), type).status == 201)
        #expect(try put(try file("torch.safetensors"), nil, query: "?activations=relu,linear").status == 200)
    }

    @Test("weights are quantized as the document, the query or the form says, to the same content")
    func quantized() throws {
        let layer = #"{"layer":{"units":2},"weights":{"kernel":[[0.5,-1],[0.25,3]],"bias":[0,1]}"#
        let config = #"{"class_name":"Int8QuantizationConfig","config":{}}"#
        #expect(try put(Array((layer + #","quantize":"int8"}"#).utf8), nil).status == 201)
        #expect(try put(Array((layer + ",\"quantize\":\(config)}").utf8), nil).status == 200)
        #expect(try put(Array((layer + "}").utf8), nil, query: "?quantize=int8").status == 200)
        let parts = [("file", Array((layer + "}").utf8)), ("quantize", Array(config.utf8))]
        #expect(try put(form(parts), "multipart/form-data; boundary=\"x-1\"").status == 200)
        #expect(try put(try file("one.npz"), nil, query: "?quantize=int8").status == 201)

        let answer = try server.request(
            "POST", "/dense", body: #"{"model":"m","version":1,"input":[[1,2]],"parameters":{"format":"flat"}}"#)
        #expect(answer.text.contains("[1.0") && answer.text.contains(",6.0"), "\(answer.text)")
        let export = try server.request("GET", "/models/m/versions/1/file?format=json")
        #expect(export.text.contains(#""kernel":[[127.0,-42.0],[63.0,127.0]]"#), "\(export.text)")

        for (body, code) in [
            (layer + #","quantize":"int7"}"#, "invalid_config_value"),
            (layer + #","quantize":8}"#, "invalid_config_value"),
            (layer + #","quantize":{"class_name":"Int5Config"}}"#, "unknown_quantization"),
            (layer + #","quantize":"gptq"}"#, "unsupported"),
            (layer + #","quantize":{"class_name":"AWQConfig"}}"#, "unsupported"),
        ] {
            let response = try put(Array(body.utf8), nil)
            #expect(response.status == 422 && response.text.contains(code), "\(response.text)")
            #expect(response.text.contains("\"pointer\":\"/quantize"), "\(response.text)")
        }
        for (mode, output) in [("int4", "[0.9666"), ("float8", "[1.0,6.0]")] {
            let answer = try put(Array((layer + ",\"quantize\":\"\(mode)\"}").utf8), nil)
            #expect(answer.status == 201, "\(answer.text)")
            let body = #"{"model":"m","input":[[1,2]],"parameters":{"format":"flat"}}"#
            let outputs = try server.request("POST", "/dense", body: body)
            #expect(outputs.text.contains(output), "\(outputs.text)")
        }
        let twice = try put(export.body, nil, query: "?quantize=int8")
        #expect(twice.status == 422 && twice.text.contains("already quantized"), "\(twice.text)")
    }

    @Test("a form that is none is refused with a sentence")
    func brokenForms() throws {
        let whole = form([("file", try file("one.npz"))])
        let type = "multipart/form-data; boundary=x-1"
        for (body, type) in [
            (whole, "multipart/form-data"), (whole, "multipart/form-data; boundary=y"),
            (Array(whole.dropLast(6)), type),
            (form([("other", [1])]), type), (form([("config", [1])]), type),
            (form([("file", [1]), ("file", [1])]), type),
            ([], type), (Array("--x-1".utf8), type), (Array("--x-1--".utf8), type),
            (Array("--x-1\r\n--x-1--".utf8), type),
        ] {
            let response = try put(body, type)
            #expect(response.status == 400, "\(response.text)")
            #expect(response.text.contains("invalid_form"), "\(response.text)")
        }
    }

    @Test("a damaged file is 400, one that cannot be used 422, and both say why")
    func refused() throws {
        let damaged = try put(Array(try file("mlp.keras").dropLast(40)), "application/zip")
        #expect(damaged.status == 400)
        #expect(damaged.text.contains("invalid_model_file"), "\(damaged.text)")
        let lone = try put(try file("stack.weights.h5"), "application/x-hdf5")
        #expect(lone.status == 422)
        #expect(lone.text.contains("holds weights only"), "\(lone.text)")
        let guess = try put(try file("torch.safetensors"), nil)
        #expect(guess.status == 422)
        #expect(guess.text.contains("activations"), "\(guess.text)")
        #expect(try put([1, 2, 3], "text/plain").status == 415)
    }
}
