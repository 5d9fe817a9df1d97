import ContentCoding
import DenseService
import Dispatch
import HTTPServer
import Synchronization
import TensorCoding
import Testing

/// Coded bodies there and back, through the whole server.
@Suite("Content codings of requests and answers")
struct ContentCodingTests {
    private static let rows = 300
    private static let body: [UInt8] = {
        let row = "[1.5,2.25]"
        return Array(
            (#"{"model":"m","input":["# + Array(repeating: row, count: rows).joined(separator: ",") + "]}").utf8)
    }()

    private func server(maximumBodyBytes: Int = 1 << 20) throws -> TestServer {
        var configuration = ServiceConfiguration()
        configuration.maximumBodyBytes = maximumBodyBytes
        let server = try TestServer(configuration)
        try server.register("m")
        return server
    }

    private func coded(_ bytes: [UInt8], _ codings: [ContentCoding]) throws -> [UInt8] {
        try codings.reduce(bytes) { try #require(ContentEncoder.encode($0, $1)) }
    }

    private func decoded(_ response: HTTPClient.Response) throws -> [UInt8] {
        let codings = try ContentCoding.list([response["Content-Encoding"] ?? ""])
        return try ContentDecoder.decode(response.body, codings, limit: 1 << 20)
    }

    @Test(
        "a coded request gives the answer of the plain one, coded as the client likes",
        arguments: ContentCoding.allCases)
    func dense(coding: ContentCoding) throws {
        let server = try server()
        let client = try server.client()
        let plain = try client.request("POST", "/dense", body: Self.body)
        #expect(plain.status == 200)
        #expect(plain["Content-Encoding"] == nil)
        let response = try client.request(
            "POST", "/dense", headers: ["Content-Encoding": coding.rawValue, "Accept-Encoding": coding.rawValue],
            body: coded(Self.body, [coding]))
        #expect(response.status == 200, "\(response.text)")
        #expect(response["Content-Encoding"] == coding.rawValue)
        #expect(response["Vary"] == "Accept-Encoding")
        #expect(response.body.count < plain.body.count)
        #expect(try ContentDecoder.decode(response.body, [coding], limit: 1 << 20) == plain.body)
    }

    @Test("a coded request's deadline counts from its arrival, not from the end of its decoding")
    func deadline() throws {
        let server = try server()
        let input = Array(repeating: "[1.5,2.25]", count: 4_000).joined(separator: ",")
        let body = try coded(Array((#"{"model":"m","input":["# + input + "]}").utf8), [.gzip])
        let head = "POST /dense HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
        let now = try HTTPRequest(parsing: Array(head.utf8) + body)
        for (arrival, expected) in [(now.arrival, 200), (1, 504)] {
            let request = HTTPRequest(head: now.head, body: now.body, id: now.id, peer: now.peer, arrival: arrival)
            let answer = Answer()
            ContentCodingHandler(server.service).handle(request, HTTPResponder { answer.take($0) })
            #expect(answer.status == expected)
        }
    }

    /// The status of an answer, once it is there.
    private final class Answer: Sendable {
        private let code = Atomic<Int>(0)
        private let isThere = DispatchSemaphore(value: 0)

        func take(_ response: HTTPResponse) {
            code.store(response.status.code, ordering: .relaxed)
            isThere.signal()
        }

        var status: Int {
            isThere.wait()
            return code.load(ordering: .relaxed)
        }
    }

    @Test("models are registered from coded bodies, and what GET gives is coded")
    func everywhere() throws {
        let server = try server()
        let client = try server.client()
        let model = try coded(Array((TestServer.model + String(repeating: " ", count: 500)).utf8), [.gzip])
        #expect(
            try client.request("PUT", "/models/n", headers: ["Content-Encoding": "gzip"], body: model).status == 201)
        for path in ["/openapi.json", "/metrics"] {
            let plain = try client.request("GET", path)
            #expect(plain["Vary"] == "Accept-Encoding")
            let response = try client.request("GET", path, headers: ["Accept-Encoding": "gzip;q=0.5, zstd"])
            #expect(response["Content-Encoding"] == "zstd")
            #expect(response["Vary"] == "Accept-Encoding")
            #expect(try !decoded(response).isEmpty)
            if path == "/openapi.json" { #expect(try decoded(response) == plain.body) }
        }
        // Binary, and small answers, go as they are.
        let file = try client.request("GET", "/models/m/versions/1/file", headers: ["Accept-Encoding": "gzip"])
        #expect(file["Content-Encoding"] == nil)
        #expect(file["ETag"]?.hasPrefix("\"") == true)
        let live = try client.request("GET", "/health/live", headers: ["Accept-Encoding": "gzip"])
        #expect(live["Content-Encoding"] == nil)
    }

    @Test("an answer that must not go as it is goes coded, or not at all")
    func identity() throws {
        let server = try server()
        let client = try server.client()
        let coded = try client.request("GET", "/", headers: ["Accept-Encoding": "identity;q=0, gzip"])
        #expect(coded.status == 200)
        #expect(coded["Content-Encoding"] == "gzip" || coded.body.count < 100)
        let refused = try client.request("GET", "/openapi.json", headers: ["Accept-Encoding": "br, identity;q=0"])
        #expect(refused.status == 406)
        #expect(refused.code == "not_acceptable")
    }

    struct Case: CustomTestStringConvertible {
        let encoding: String
        let body: [UInt8]
        let status: Int
        let code: String
        var testDescription: String { "\(encoding) \(code)" }
    }

    @Test(
        "what is no such coding is refused, and the connection lives on",
        arguments: [
            Case(encoding: "br", body: body, status: 415, code: "unsupported_content_coding"),
            Case(encoding: "gzip,gzip,gzip,gzip", body: body, status: 415, code: "unsupported_content_coding"),
            Case(encoding: "gzip", body: body, status: 400, code: "invalid_content_coding"),
            Case(encoding: "zstd", body: [], status: 400, code: "invalid_content_coding"),
            Case(encoding: "deflate", body: [0x78], status: 400, code: "invalid_content_coding"),
            Case(encoding: "identity", body: Array("{".utf8), status: 400, code: "invalid_json"),
        ])
    func refused(bad: Case) throws {
        let server = try server()
        let client = try server.client()
        let response = try client.request(
            "POST", "/dense", headers: ["Content-Encoding": bad.encoding], body: bad.body)
        #expect(response.status == bad.status, "\(response.text)")
        #expect(response.code == bad.code)
        if bad.status == 415 { #expect(response["Accept-Encoding"] == "zstd, gzip, deflate") }
        #expect(try client.request("POST", "/dense", body: Self.body).status == 200)
    }

    @Test("a body that comes out longer than allowed is 413, small or large", arguments: ContentCoding.allCases)
    func bomb(coding: ContentCoding) throws {
        let server = try server(maximumBodyBytes: 100_000)
        let client = try server.client()
        for count in [100_001, 30 << 20] {
            let bomb = try coded([UInt8](repeating: 0x20, count: count), [coding])
            let response = try client.request(
                "POST", "/dense", headers: ["Content-Encoding": coding.rawValue], body: bomb)
            #expect(response.status == 413, "\(response.text)")
            #expect(response.code == "body_too_large")
        }
        // Exactly as long is long enough: white space, which is no document.
        let most = try coded([UInt8](repeating: 0x20, count: 100_000), [coding])
        let response = try client.request("POST", "/dense", headers: ["Content-Encoding": coding.rawValue], body: most)
        #expect(response.code == "invalid_json")
    }
}
