import DenseEngine
import DenseService
import TensorCoding
import Testing

@Suite("POST /dense without JSON")
struct DenseFormsTests {
    private let server: TestServer
    private let input: Tensor

    init() throws {
        server = try TestServer()
        try server.register("m")
        input = try Tensor([1, 2], [1, 2])
    }

    private func post(_ path: String, _ headers: [String: String], _ body: [UInt8]) throws -> HTTPClient.Response {
        try server.client().request("POST", path, headers: headers, body: body)
    }

    @Test("a NumPy file is answered with one")
    func npy() throws {
        let response = try post(
            "/dense?model=m", ["Content-Type": "application/x-npy"], NumPyFile.encode(input))
        #expect(response.status == 200, "\(response.text)")
        #expect(response["Content-Type"] == "application/x-npy")
        #expect(response["X-Model-Version"] == "1")
        #expect(try Self.npy(response.body) == Tensor([1, 2], [10, 3]))
    }

    private static func npy(_ bytes: [UInt8]) throws -> Tensor {
        try unsafe bytes.withUnsafeBytes { try unsafe NumPyFile.decode($0) }
    }

    @Test("octets are answered with octets, their shape and type beside them")
    func octets() throws {
        let response = try post(
            "/dense?model=m&version=1",
            ["Content-Type": "application/octet-stream", "X-Tensor-Shape": "1, 2", "X-Tensor-Dtype": "float64"],
            RawTensor.encode(input, dtype: .float64))
        #expect(response.status == 200, "\(response.text)")
        #expect(response["X-Tensor-Shape"] == "1,2")
        #expect(response["X-Tensor-Dtype"] == "float32")
        #expect(response.body == RawTensor.encode(try Tensor([1, 2], [10, 3])))
    }

    @Test(
        "Accept chooses the answer's form",
        arguments: [
            ("application/json", "application/json"), ("application/x-npy", "application/x-npy"),
            ("application/octet-stream", "application/octet-stream"), ("*/*", "application/json"),
            ("application/*", "application/json"), ("text/html, application/x-npy;q=0.5", "application/x-npy"),
            ("application/x-npy;q=0.2, application/octet-stream;q=0.8", "application/octet-stream"),
            ("application/json;q=0, */*", "application/x-npy"), ("APPLICATION/X-NPY", "application/x-npy"),
        ])
    func accept(accept: String, type: String) throws {
        let response = try server.dense(#"{"input":[[1,2]],"model":"m"}"#, headers: ["Accept": accept])
        #expect(response.status == 200)
        #expect(response["Content-Type"] == type)
    }

    @Test("an Accept that nothing meets is 406 with what there is")
    func notAcceptable() throws {
        for accept in ["text/html", "application/json;q=0"] {
            let response = try server.dense(#"{"input":[[1,2]],"model":"m"}"#, headers: ["Accept": accept])
            #expect(response.status == 406)
            #expect(response.code == "not_acceptable")
        }
    }

    @Test(
        "JSON is what these are read as",
        arguments: [
            nil, "application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"",
            "application/x-www-form-urlencoded",
        ])
    func jsonTypes(type: String?) throws {
        let headers = type.map { ["Content-Type": $0] } ?? [:]
        #expect(try server.dense(#"{"input":[[1,2]],"model":"m"}"#, headers: headers).status == 200)
    }

    @Test(
        "other media types and codings are 415 with what is understood",
        arguments: [
            ["Content-Type": "text/plain"], ["Content-Type": "application/json; charset=utf-16"],
            ["Content-Type": "multipart/form-data; boundary=x"], ["Content-Encoding": "compress"],
            ["Content-Encoding": "br", "Content-Type": "application/json"],
        ])
    func unsupportedTypes(headers: [String: String]) throws {
        let response = try server.dense(#"{"input":[[1,2]],"model":"m"}"#, headers: headers)
        #expect(response.status == 415)
        #expect(response.code.hasPrefix("unsupported_"))
    }

    @Test("the query holds the parameters of a body without JSON")
    func queryParameters() throws {
        let response = try post(
            "/dense?model=m&format=flat&return_logits=true",
            ["Content-Type": "application/x-npy", "Accept": "application/json"], NumPyFile.encode(input))
        #expect(
            response.text
                == #"{"output":{"shape":[1,2],"data":[10.0,3.0]},"shape":[1,2],"dtype":"float32","logits":{"shape":[1,2],"data":[10.0,3.0]},"version":1}"#
        )
    }

    private static let npyType = ["Content-Type": "application/x-npy"]
    private static let octetType = ["Content-Type": "application/octet-stream"]

    @Test(
        "what is wrong beside the tensor is named",
        arguments: [
            ("/dense", npyType, 400, "missing_query_item"),
            ("/dense?model=m&color=red", npyType, 400, "unknown_query_item"),
            ("/dense?model=m&version=one", npyType, 400, "invalid_query_item"),
            ("/dense?model=m&format=csv", npyType, 400, "invalid_parameter"),
            ("/dense?model=m&return_logits=yes", npyType, 400, "invalid_parameter"),
            ("/dense?model=m&return_logits=true", npyType, 400, "parameter_needs_json"),
            ("/dense?model=m", ["Content-Type": "application/json"], 400, "query_beside_json"),
            ("/dense?model=x", npyType, 404, "unknown_model"),
            ("/dense?model=m&version=9", npyType, 404, "unknown_version"),
            ("/dense?model=m", octetType, 400, "missing_header"),
            ("/dense?model=m", octetType.merging(["X-Tensor-Shape": "1,x"]) { $1 }, 400, "invalid_header"),
            ("/dense?model=m", octetType.merging(["X-Tensor-Shape": "-1,2"]) { $1 }, 400, "invalid_header"),
            (
                "/dense?model=m",
                octetType.merging(["X-Tensor-Shape": "4611686018427387904,4611686018427387904"]) { $1 }, 422,
                "invalid_shape"
            ),
            ("/dense?model=m", octetType.merging(["X-Tensor-Shape": "7,7"]) { $1 }, 422, "byte_count_mismatch"),
            (
                "/dense?model=m", octetType.merging(["X-Tensor-Shape": "1,2", "X-Tensor-Dtype": "int3"]) { $1 }, 422,
                "unknown_dtype"
            ),
        ])
    func badBinaryRequests(path: String, headers: [String: String], status: Int, code: String) throws {
        let response = try post(path, headers, NumPyFile.encode(input))
        #expect(response.status == status, "\(response.text)")
        #expect(response.code == code)
        // There is no JSON for it to lead into.
        #expect(try response.json["pointer"] == nil)
    }

    @Test(
        "a NumPy file with a lying header is refused",
        arguments: [
            ("(1, 2)", "(1, 3)"), ("(1, 2)", "(9, 9)"), ("<f4", "<f8"), ("<f4", "<c8"), ("'shape'", "'shame'"),
            ("False", "Maybe"), ("(1, 2)", "(-1, 2)"), ("NUMPY", "NUMPX"),
        ])
    func lyingNumPyFiles(from: String, to: String) throws {
        var file = NumPyFile.encode(input)
        guard let place = file.indices.first(where: { file[$0...].starts(with: from.utf8) }) else {
            Issue.record("The file has no \(from).")
            return
        }
        file.replaceSubrange(place..<place + from.utf8.count, with: Array(to.utf8))
        let response = try post("/dense?model=m", Self.npyType, file)
        #expect([400, 422].contains(response.status), "\(response.text)")
        #expect(!response.error.isEmpty)
    }

    @Test("a NumPy file cut off anywhere is refused")
    func cutNumPyFiles() throws {
        let file = NumPyFile.encode(input)
        let client = try server.client()
        for count in file.indices {
            let response = try client.request(
                "POST", "/dense?model=m", headers: Self.npyType, body: Array(file[..<count]))
            #expect(response.status == 400, "\(count): \(response.text)")
        }
    }
}
