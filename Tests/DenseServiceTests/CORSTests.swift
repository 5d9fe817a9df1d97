import AccessControl
import DenseService
import HTTPServer
import Testing

@Suite("Cross-origin requests")
struct CORSTests {
    private static func policy(_ origins: String) throws -> CORSPolicy {
        try #require(
            try CORSPolicy(origins: origins, methods: "GET,POST", headers: "Content-Type, X-API-Key", maxAge: 60))
    }

    private static let page = "https://app.example"

    /// The names of the response's fields that are CORS's, in lower case.
    private static func fields(_ response: HTTPClient.Response) -> [String] {
        response.headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("access-control-") }.sorted()
    }

    private static func varies(_ response: HTTPClient.Response) -> Bool {
        response.headers.contains { $0.name == "Vary" && $0.value == "Origin" }
    }

    @Test("a browser that asks first is told what the pages of a listed origin may do")
    func preflight() throws {
        let server = try TestServer(
            gate: AccessGate(list: AccessList()), policy: try Self.policy("http://localhost:3000, \(Self.page)"))
        let asked = ["Origin": Self.page, "Access-Control-Request-Method": "POST"]
        let response = try server.request("OPTIONS", "/dense", headers: asked)
        #expect(response.status == 204)
        #expect(response["Access-Control-Allow-Origin"] == Self.page)
        #expect(response["Access-Control-Allow-Methods"] == "GET, POST")
        #expect(response["Access-Control-Allow-Headers"] == "Content-Type, X-API-Key")
        #expect(response["Access-Control-Max-Age"] == "60")
        #expect(Self.varies(response))

        // Not asked, or not listed: as without CORS.
        for headers in [asked.filter { $0.key == "Origin" }, asked.filter { $0.key != "Origin" }] {
            #expect(try server.request("OPTIONS", "/dense", headers: headers)["Allow"] == "POST, OPTIONS")
        }
        for origin in ["https://app.example.evil", "https://app.exampl", "HTTPS://app.example", "null", ""] {
            let response = try server.request(
                "OPTIONS", "/dense", headers: ["Origin": origin, "Access-Control-Request-Method": "POST"])
            #expect(Self.fields(response).isEmpty, "\(origin)")
            #expect(response["Allow"] == "POST, OPTIONS")
        }
    }

    @Test("answers, errors and refusals can be read by pages of a listed origin, and by no other")
    func answers() throws {
        let gate = AccessGate(
            list: AccessList([
                .init(key: .token(TokenDigest(of: "t")), client: AccessList.Client(name: "t", roles: .infer))
            ]))
        let server = try TestServer(gate: gate, policy: try Self.policy(Self.page))
        let rows: [(method: String, path: String, token: String, body: String?, status: Int)] = [
            ("GET", "/models", "t", nil, 200), ("GET", "/models", "x", nil, 401), ("GET", "/metrics", "t", nil, 403),
            ("POST", "/dense", "t", "{}", 400), ("POST", "/dense", "x", "{}", 401), ("GET", "/nothing", "t", nil, 404),
            ("POST", "/dense", "t", #"{"layer":{"units":1},"input":[[1]]}"#, 200),
            ("GET", "/health/live", "", nil, 200),
        ]
        for (method, path, token, body, status) in rows {
            for origin in [Self.page, "https://other.example"] {
                let response = try server.request(
                    method, path, headers: ["Origin": origin, "X-API-Key": token], body: body)
                #expect(response.status == status, "\(path)")
                #expect(response["Access-Control-Allow-Origin"] == (origin == Self.page ? Self.page : nil), "\(path)")
                #expect((response["Access-Control-Expose-Headers"] != nil) == (origin == Self.page))
                #expect(response["Access-Control-Allow-Credentials"] == nil)
                #expect(Self.varies(response), "\(path)")
            }
        }
        let plain = try server.request("GET", "/models", headers: ["X-API-Key": "t"])
        #expect(Self.fields(plain).isEmpty && Self.varies(plain))
    }

    @Test("errors of the HTTP server can be read, if the head could be")
    func serverErrors() throws {
        var settings = ServerConfiguration()
        settings.maxBodyBytes = 10
        let server = try TestServer(server: settings, policy: try Self.policy(Self.page))
        let response = try server.request(
            "POST", "/dense", headers: ["Origin": Self.page], body: String(repeating: " ", count: 11))
        #expect(response.status == 413 && response["Access-Control-Allow-Origin"] == Self.page)
        let open = try TestServer(policy: try Self.policy("*"))
        let any = try open.client()
        try any.send(Array("NONSENSE\r\n\r\n".utf8))
        #expect(try any.response()["Access-Control-Allow-Origin"] == "*")
    }

    @Test("with * every origin is let in, and answers do not depend on it")
    func any() throws {
        let server = try TestServer(policy: try Self.policy("*"))
        let response = try server.request("GET", "/models", headers: ["Origin": "null"])
        #expect(response["Access-Control-Allow-Origin"] == "*")
        #expect(!Self.varies(response))
    }

    @Test("there is nothing of it when it is off")
    func off() throws {
        let server = try TestServer()
        let asked = ["Origin": Self.page, "Access-Control-Request-Method": "POST"]
        for method in ["OPTIONS", "GET"] {
            let response = try server.request(method, "/models", headers: asked)
            #expect(Self.fields(response).isEmpty && !Self.varies(response))
        }
        let policy = try CORSPolicy(origins: " ,", methods: "", headers: "", maxAge: 0)
        #expect(policy == nil)
    }

    @Test(
        "origins, methods and fields that cannot be are refused",
        arguments: [
            ("null", "", ""), ("https://a/", "", ""), ("https://a/b", "", ""), ("a.example", "", ""),
            ("https://A.example", "", ""), ("https://*.example", "", ""), ("*,https://a", "", ""), ("https://", "", ""),
            ("*", "FETCH", ""), ("*", "", "A:b"),
        ])
    func invalid(origins: String, methods: String, headers: String) {
        #expect(throws: CORSError.self) {
            try CORSPolicy(origins: origins, methods: methods, headers: headers, maxAge: 0)
        }
    }
}
