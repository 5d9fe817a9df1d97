import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("Layers and tensors of other types than float32")
struct DTypeServiceTests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
        for type in ["float16", "bfloat16", "float64", "mixed_bfloat16"] { try register(type) }
    }

    /// `Dense(2)` over two features: a third of their sum, and a tenth of the first.
    private func register(_ policy: String) throws {
        let response = try server.register(
            policy,
            #"{"layer": {"units": 2, "dtype": "\#(policy)"}, "weights": {"kernel": [[0.3333333333333333, 0.1], "#
                + #"[0.3333333333333333, 0]], "bias": [0, 0]}}"#)
        #expect(response.status == 201, "\(response.text)")
    }

    private func post(_ path: String, _ headers: [String: String], _ body: [UInt8]) throws -> HTTPClient.Response {
        try server.client().request("POST", path, headers: headers, body: body)
    }

    @Test(
        "answers say their type, and numbers are its shortest decimals",
        arguments: [
            ("float16", "[[0.6665,0.1]]"), ("bfloat16", "[[0.668,0.1]]"), ("mixed_bfloat16", "[[0.668,0.1]]"),
            ("float64", "[[0.6666666666666666,0.1]]"),
        ])
    func json(model: String, output: String) throws {
        let response = try server.dense(#"{"model": "\#(model)", "input": [[1, 1]]}"#)
        let type = model.replacing("mixed_", with: "")
        #expect(response.status == 200)
        #expect(response.text.hasPrefix(#"{"output":\#(output),"shape":[1,2],"dtype":"\#(type)""#), "\(response.text)")
        let base64 = try server.dense(
            #"{"model": "\#(model)", "input": [[1, 1]], "parameters": {"format": "base64"}}"#)
        #expect(base64.text.contains(#""dtype":"\#(type)","b64":"#), "\(base64.text)")
    }

    @Test("layers of a request's own compute in their type, too, wherever they stand in it")
    func layers() throws {
        for body in [
            #"{"input": [[0.1, 1e300]], "layer": {"units": 1, "dtype": "float64"}, "weights": {"kernel": [[0.1], [1]], "bias": [0]}}"#,
            #"{"layer": {"units": 1, "dtype": "float64"}, "weights": {"kernel": [[0.1], [1]], "bias": [0]}, "input": [[0.1, 1e300]]}"#,
        ] {
            let response = try server.dense(body)
            #expect(response.text == #"{"output":[[1e300]],"shape":[1,1],"dtype":"float64"}"#)
        }
        // In one rounding: a float32 on the way would be half-way between two float16.
        let response = try server.dense(
            #"{"input": [[1.000488281250001]], "layer": {"units": 1, "dtype": "float16", "use_bias": false}, "#
                + #""weights": {"kernel": [[1]]}}"#)
        #expect(response.text.hasPrefix(#"{"output":[[1.001]]"#), "\(response.text)")
        // Float32 has no such number.
        #expect(try server.dense(#"{"model": "float64", "input": [[1e300, 0]]}"#).status == 200)
        let small = try server.dense(#"{"input": [[1e300]], "layer": {"units": 1}}"#)
        #expect(small.status == 422 && small.code == "number_out_of_range")
    }

    @Test("NumPy files and octets come in any type and go in the model's", arguments: DType.allCases)
    func binary(type: DType) throws {
        let sent = try Tensor([1, 2], [1, 1]).cast(to: type)
        for model in [DType.float16, .bfloat16, .float64] {
            let path = "/dense?model=\(model.rawValue)"
            let file = try post(path, ["Content-Type": "application/x-npy"], NumPyFile.encode(sent))
            let name = ["float16": "<f2", "bfloat16": "<V2", "float64": "<f8"][model.rawValue] ?? ""
            #expect(file.status == 200 && String(decoding: file.body, as: UTF8.self).contains(name))
            let octets = try post(
                path,
                [
                    "Content-Type": "application/octet-stream", "X-Tensor-Shape": "1,2",
                    "X-Tensor-Dtype": type.rawValue,
                ], RawTensor.encode(sent))
            #expect(octets["X-Tensor-Dtype"] == model.rawValue)
            let expected = try Tensor(shape: Shape([1, 2]), doubles: [1.0 / 3 + 1.0 / 3, 0.1])
            let received = try unsafe octets.body.withUnsafeBytes {
                try unsafe RawTensor.decode($0, shape: expected.shape, dtype: model, asDoubles: true)
            }
            let least = model == .float64 ? 1e-15 : 4e-3
            for (a, b) in zip(received.asDoubles, expected.asDoubles) { #expect(abs(a - b) <= least) }
        }
    }

    @Test(
        "V2 answers in the model's datatype, in JSON and in binary",
        arguments: [
            ("float16", "FP16", "0.6665"), ("bfloat16", "BF16", "0.668"), ("float64", "FP64", "0.6666666666666666"),
        ])
    func v2(model: String, datatype: String, first: String) throws {
        let metadata = try server.request("GET", "/v2/models/\(model)").text
        #expect(metadata.components(separatedBy: #""datatype":"\#(datatype)""#) == 3, "\(metadata)")
        #expect(try server.request("GET", "/v2/models/\(model)/config").text.contains("TYPE_\(datatype)"))
        let inputs = #""inputs":[{"name":"input","shape":[1,2],"datatype":"FP64","data":[1,1]}]"#
        let json = try server.request("POST", "/v2/models/\(model)/infer", body: "{\(inputs)}")
        #expect(json.text.contains(#""datatype":"\#(datatype)","shape":[1,2],"data":[\#(first),0.1]"#), "\(json.text)")
        let binary = try server.request(
            "POST", "/v2/models/\(model)/infer", body: #"{"parameters":{"binary_data_output":true},\#(inputs)}"#)
        let size = 2 * (DType(rawValue: model)?.size ?? 0)
        #expect(String(decoding: binary.body, as: UTF8.self).contains(#""binary_data_size":\#(size)"#))
        // Nothing but the elements, of the model's own type.
        let raw = try post(
            "/v2/models/\(model)/infer", ["Inference-Header-Content-Length": "0"],
            RawTensor.encode(Tensor([1, 2], [1, 1]), dtype: DType(rawValue: model)))
        #expect(raw.status == 200)
        #expect(raw.body.suffix(size) == binary.body.suffix(size))
        let classes = try server.request(
            "POST", "/v2/models/\(model)/infer",
            body: #"{\#(inputs),"outputs":[{"name":"dense","parameters":{"classification":1}}]}"#)
        #expect(classes.text.contains(#"["\#(first):0"]"#), "\(classes.text)")
    }

    @Test("V1 answers with the type's numbers, and tells of it")
    func v1() throws {
        for (model, type, first) in [
            ("float16", "DT_HALF", "0.6665"), ("bfloat16", "DT_BFLOAT16", "0.668"),
            ("float64", "DT_DOUBLE", "0.6666666666666666"),
        ] {
            let response = try server.request(
                "POST", "/v1/models/\(model):predict", body: #"{"instances":[{"input":[1,1]},{"input":[0,0]}]}"#)
            #expect(response.text == #"{"predictions":[[\#(first),0.1],[0.0,0.0]]}"#)
            #expect(try server.request("GET", "/v1/models/\(model)/metadata").text.contains(type))
        }
    }

    @Test("what does not compute in a type is refused with a sentence that says so")
    func refused() throws {
        let layer = #"{"class_name": "LayerNormalization", "config": {"dtype": "float64"}}"#
        let response = try server.dense(#"{"input": [[1, 2]], "layer": \#(layer)}"#)
        #expect(response.status == 422 && response.pointer == "/layer/config/dtype")
        #expect(response.error.contains("LayerNormalization"))
        let quantized = try server.register(
            "q",
            #"{"layer": {"units": 2, "dtype": "bfloat16"}, "weights": {"kernel": [[1, 2]], "bias": [0, 0]}, "quantize": "int8"}"#
        )
        #expect(quantized.status == 422 && quantized.error.contains("float32 only"), "\(quantized.text)")
    }

    @Test("the type is part of the model's identity")
    func digest() throws {
        let digests = try ["float16", "bfloat16", "float64", "mixed_bfloat16"].map {
            try server.request("GET", "/models/\($0)").json["sha256"]
        }
        #expect(Set(digests).count == 4)
    }
}

extension String {
    /// How many parts a text is cut into.
    fileprivate func components(separatedBy text: String) -> Int {
        var count = 1
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
