import AccessControl
import DenseService
import HTTPServer
import Testing

@Suite("Access control")
struct AccessTests {
    /// Clients called for their roles, whose tokens are their names in capitals.
    private static let roles: [(name: String, roles: AccessRoles)] = [
        ("infer", .infer), ("register", .register), ("metrics", .metrics), ("admin", .admin),
        ("both", [.infer, .metrics]),
    ]

    private static func gate(failuresPerMinute: Int = 20) -> AccessGate {
        AccessGate(
            list: AccessList(
                roles.map { name, roles in
                    AccessList.Entry(
                        key: .token(TokenDigest(of: name.uppercased())),
                        client: AccessList.Client(name: name, roles: roles))
                } + [
                    AccessList.Entry(
                        key: .subject("CN=edge"), client: AccessList.Client(name: "edge", roles: .infer))
                ]), failuresPerMinute: failuresPerMinute)
    }

    /// Who may do what: the whole of it, by itself and not by the code under test.
    private static let table: [(request: String, names: [String]?)] = [
        ("POST /dense", ["infer", "admin", "both"]),
        ("GET /models", ["infer", "register", "admin", "both"]),
        ("GET /models/m", ["infer", "register", "admin", "both"]),
        ("GET /models/m/versions/1", ["infer", "register", "admin", "both"]),
        ("GET /models/m/versions/1/file", ["register", "admin"]),
        ("PUT /models/m", ["register", "admin"]),
        ("PATCH /models/m", ["register", "admin"]),
        ("DELETE /models/m/versions/1", ["register", "admin"]),
        ("DELETE /models/m", ["register", "admin"]),
        ("GET /models/m/labels", ["infer", "register", "admin", "both"]),
        ("PUT /models/m/labels/l", ["register", "admin"]),
        ("DELETE /models/m/labels/l", ["register", "admin"]),
        ("GET /models/m/adapters", ["infer", "register", "admin", "both"]),
        ("GET /models/m/adapters/a", ["infer", "register", "admin", "both"]),
        ("PUT /models/m/adapters/a", ["register", "admin"]),
        ("DELETE /models/m/adapters/a", ["register", "admin"]),
        ("GET /models/m/versions/1/adapters", ["infer", "register", "admin", "both"]),
        ("GET /models/m/versions/1/adapters/a", ["infer", "register", "admin", "both"]),
        ("PUT /models/m/versions/1/adapters/a", ["register", "admin"]),
        ("DELETE /models/m/versions/1/adapters/a", ["register", "admin"]),
        ("GET /metrics", ["metrics", "admin", "both"]),
        ("HEAD /metrics", ["metrics", "admin", "both"]),
        ("GET /", nil), ("GET /openapi.json", nil), ("GET /health/live", nil), ("GET /health/ready", nil),
        ("GET /v2/models/m", ["infer", "register", "admin", "both"]),
        ("GET /v2/models/m/ready", ["infer", "register", "admin", "both"]),
        ("GET /v2/models/m/config", ["infer", "register", "admin", "both"]),
        ("POST /v2/models/m/infer", ["infer", "admin", "both"]),
        ("GET /v2/models/m/stats", ["infer", "register", "metrics", "admin", "both"]),
        ("GET /v2/models/m/versions/1", ["infer", "register", "admin", "both"]),
        ("GET /v2/models/m/versions/1/ready", ["infer", "register", "admin", "both"]),
        ("GET /v2/models/m/versions/1/config", ["infer", "register", "admin", "both"]),
        ("POST /v2/models/m/versions/1/infer", ["infer", "admin", "both"]),
        ("GET /v2/models/m/versions/1/stats", ["infer", "register", "metrics", "admin", "both"]),
        ("GET /v2/models/stats", ["infer", "register", "metrics", "admin", "both"]),
        ("GET /v2/models", ["infer", "register", "admin", "both"]),
        ("POST /v2/repository/index", ["infer", "register", "admin", "both"]),
        ("POST /v2/repository/models/m/load", ["register", "admin"]),
        ("POST /v2/repository/models/m/unload", ["register", "admin"]),
        ("GET /v2/logging", ["admin"]),
        ("POST /v2/logging", ["admin"]),
        ("GET /v2/trace/setting", ["admin"]),
        ("POST /v2/trace/setting", ["admin"]),
        ("GET /v2/models/m/trace/setting", ["admin"]),
        ("POST /v2/models/m/trace/setting", ["admin"]),
        ("GET /v2/systemsharedmemory/status", ["admin"]),
        ("GET /v2/systemsharedmemory/region/m/status", ["admin"]),
        ("POST /v2/systemsharedmemory/region/m/register", ["admin"]),
        ("POST /v2/systemsharedmemory/region/m/unregister", ["admin"]),
        ("POST /v2/systemsharedmemory/unregister", ["admin"]),
        ("GET /v2/cudasharedmemory/status", ["admin"]),
        ("GET /v2/cudasharedmemory/region/m/status", ["admin"]),
        ("POST /v2/cudasharedmemory/region/m/register", ["admin"]),
        ("POST /v2/cudasharedmemory/region/m/unregister", ["admin"]),
        ("POST /v2/cudasharedmemory/unregister", ["admin"]),
        ("GET /v2", nil),
        ("GET /v2/health/live", nil),
        ("GET /v2/health/ready", nil),
        ("GET /v1/models", ["infer", "register", "admin", "both"]),
        ("GET /v1/models/m", ["infer", "register", "admin", "both"]),
        ("GET /v1/models/m/metadata", ["infer", "register", "admin", "both"]),
        ("POST /v1/models/m:predict", ["infer", "admin", "both"]),
        ("POST /v1/models/m:classify", ["infer", "admin", "both"]),
        ("POST /v1/models/m:regress", ["infer", "admin", "both"]),
        ("GET /v1/models/m/versions/1", ["infer", "register", "admin", "both"]),
        ("GET /v1/models/m/versions/1/metadata", ["infer", "register", "admin", "both"]),
        ("POST /v1/models/m/versions/1:predict", ["infer", "admin", "both"]),
        ("POST /v1/models/m/versions/1:classify", ["infer", "admin", "both"]),
        ("POST /v1/models/m/versions/1:regress", ["infer", "admin", "both"]),
        ("GET /v1/models/m/labels/l", ["infer", "register", "admin", "both"]),
        ("GET /v1/models/m/labels/l/metadata", ["infer", "register", "admin", "both"]),
        ("POST /v1/models/m/labels/l:predict", ["infer", "admin", "both"]),
        ("POST /v1/models/m/labels/l:classify", ["infer", "admin", "both"]),
        ("POST /v1/models/m/labels/l:regress", ["infer", "admin", "both"]),
        ("GET /ping", nil),
        ("POST /invocations", ["infer", "admin", "both"]),
        ("OPTIONS /dense", nil), ("OPTIONS /models/m", nil), ("OPTIONS *", nil), ("GET /nothing", nil),
        ("POST /metrics", nil),
    ]

    @Test("every operation of the API has its place in the table")
    func isComplete() {
        for operation in Operation.allCases {
            for path in operation.paths {
                let text = path.rawValue.replacing("{name}", with: "m").replacing("{version}", with: "1")
                    .replacing("{label}", with: "l").replacing("{adapter}", with: "a")
                #expect(Self.table.contains { $0.request == "\(operation.method.rawValue) \(text)" }, "\(text)")
            }
        }
    }

    @Test("each role may do what the table says, and nothing else", arguments: table)
    func roles(request: String, names: [String]?) throws {
        let server = try TestServer(gate: Self.gate())
        let client = try server.client()
        let parts = request.split(separator: " ").map(String.init)
        let body = ["POST", "PUT", "PATCH"].contains(parts[0]) ? Array("{}".utf8) : nil
        func status(_ token: String?) throws -> Int {
            try client.request(
                parts[0], parts[1], headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:], body: body
            ).status
        }
        #expect((try status(nil) == 401) == (names != nil))
        for (name, _) in Self.roles {
            let status = try status(name.uppercased())
            #expect((status != 403) == (names?.contains(name) ?? true), "\(name): \(status)")
            #expect(status != 401, "\(name)")
        }
    }

    @Test(
        "tokens are taken from Authorization and X-API-Key, and nowhere else",
        arguments: [
            ("Authorization: Bearer INFER", 200), ("authorization: bEARER   INFER  ", 200), ("X-API-Key: INFER", 200),
            ("x-api-key:  INFER", 200), ("Authorization: Basic abc\r\nX-API-Key: INFER", 200),
            ("Authorization: Basic INFER", 401), ("Authorization: BearerINFER", 401), ("Authorization: Bearer", 401),
            ("Authorization: Bearer ", 401), ("Authorization: INFER", 401), ("Authorization:", 401),
            ("X-API-Key:", 401),
            ("X-API-Key: Bearer INFER", 401), ("Authorization: Bearer infer", 401),
            ("Authorization: Bearer INFER x", 401),
            ("Authorization: Bearer INFER,", 401), ("X-API-Key: INFÉR", 401), ("Cookie: token=INFER", 401),
            ("X-API-Key: \(String(repeating: "I", count: 10_000))", 401), ("Authorization: Bearer\tINFER", 401),
            ("Authorization: Bearer INFER\r\nAuthorization: Bearer INFER", 400),
            ("Authorization: Bearer INFER\r\nX-API-Key: INFER", 400), ("X-API-Key: INFER\r\nX-API-Key: x", 400),
        ])
    func forms(fields: String, status: Int) throws {
        let server = try TestServer(gate: Self.gate())
        let client = try server.client()
        try client.send(
            Array("GET /models?access_token=ADMIN&token=ADMIN HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n".utf8))
        let response = try client.response()
        #expect(response.status == status)
        #expect(response["WWW-Authenticate"]?.hasPrefix("Bearer realm=\"dense-serve\"") == (status == 200 ? nil : true))
        for secret in ["INFER", "ADMIN", "IIII"] { #expect(!response.text.contains(secret), "\(response.text)") }
    }

    @Test("a refusal says what is missing, and is counted by its reason")
    func refusals() throws {
        let server = try TestServer(gate: Self.gate())
        func get(_ path: String, _ token: String?) throws -> HTTPClient.Response {
            try server.request("GET", path, headers: token.map { ["X-API-Key": $0] } ?? [:])
        }
        let missing = try get("/models", nil)
        #expect(missing.code == "no_credentials" && missing["WWW-Authenticate"] == "Bearer realm=\"dense-serve\"")
        let unknown = try get("/models", "who")
        #expect(unknown.code == "unknown_token")
        #expect(unknown["WWW-Authenticate"] == "Bearer realm=\"dense-serve\", error=\"invalid_token\"")
        let forbidden = try get("/metrics", "INFER")
        #expect(forbidden.code == "forbidden")
        #expect(
            forbidden.error == "The client may not do this. Expected the role metrics or admin, received infer.")
        #expect(forbidden["WWW-Authenticate"]?.contains("insufficient_scope") == true)
        #expect(server.service.metrics.access.refused(.noCredentials) == 1)
        #expect(server.service.metrics.access.refused(.unknownToken) == 1)
        #expect(server.service.metrics.access.refused(.forbidden) == 1)
        #expect(try get("/metrics", "METRICS").text.contains("dense_access_refused_total{reason=\"forbidden\"} 1\n"))
        #expect(server.service.metrics.requests(.metrics, status: 403) == 1)
        #expect(server.records.wait(for: 4).map(\.client) == [nil, nil, "infer", "metrics"])
    }

    @Test("a body that may not be sent is refused before it is")
    func bodies() throws {
        let server = try TestServer(gate: Self.gate())
        let client = try server.client()
        try client.send(
            Array("PUT /models/m HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99\r\n\r\n".utf8))
        #expect(try client.response().status == 401)
        let large = try server.client()
        try large.send(
            Array("PUT /models/m HTTP/1.1\r\nHost: a\r\nX-API-Key: INFER\r\nContent-Length: 9999999\r\n\r\n".utf8))
        #expect(try large.response().status == 403)
    }

    @Test("a certificate's subject carries roles, and a token counts before it")
    func certificates() throws {
        #expect(try Self.status("GET /models", certificate: "CN=edge") == 200)
        #expect(try Self.status("GET /metrics", certificate: "CN=edge") == 403)
        #expect(try Self.status("GET /models", certificate: "CN=other") == 401)
        #expect(try Self.status("GET /metrics", token: "METRICS", certificate: "CN=edge") == 200)
        #expect(try Self.status("GET /models", token: "who", certificate: "CN=edge") == 401)
    }

    /// What the handlers make of a request's head.
    private static func status(
        _ request: String, token: String? = nil, certificate: String? = nil, isLocal: Bool = true,
        gate: AccessGate = gate()
    ) throws -> Int {
        let field = token.map { "X-API-Key: \($0)\r\n" } ?? ""
        let tls = certificate.map { subject in
            TLSDetails(
                version: "TLSv1.3", cipher: "c", isResumed: false,
                clientCertificate: ClientCertificate(subject: subject, commonName: nil, names: [], fingerprint: ""))
        }
        let bytes = Array("\(request) HTTP/1.1\r\nHost: a\r\n\(field)\r\n".utf8)
        let head = try HTTPRequest(parsing: bytes, tls: tls).head
        let handler = AccessHandler(gate, metrics: AccessMetrics(), next: Welcoming())
        switch handler.admit(head, from: HTTPPeer(address: "192.0.2.1:9", isLocal: isLocal)) {
        case .admitted, .streamed: return 200
        case .refused(let response, _): return response.status.code
        }
    }

    private struct Welcoming: HTTPHandler {
        func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {}
    }

    @Test(
        "without a list, models are changed over the network by nobody, unless a setting lets everybody",
        arguments: ["PUT /models/m", "PATCH /models/m", "DELETE /models/m", "DELETE /models/m/versions/1"])
    func openRegistration(request: String) throws {
        let closed = AccessGate(list: nil)
        #expect(try Self.status(request, isLocal: true, gate: closed) == 200)
        #expect(try Self.status(request, isLocal: false, gate: closed) == 403)
        #expect(try Self.status(request, certificate: "CN=any", isLocal: false, gate: closed) == 200)
        for other in ["POST /dense", "GET /models", "GET /metrics", "GET /models/m/versions/1/file"] {
            #expect(try Self.status(other, isLocal: false, gate: closed) == 200)
        }
        let open = AccessGate(list: nil, allowsOpenRegistration: true)
        #expect(try Self.status(request, isLocal: false, gate: open) == 200)
    }

    @Test("unknown tokens are slowed, known ones from the same address are not")
    func slows() throws {
        // The first attempt comes back after a minute, and more would come back sooner.
        let server = try TestServer(gate: Self.gate(failuresPerMinute: 1))
        #expect(try server.request("GET", "/models", headers: ["X-API-Key": "x"]).status == 401)
        let response = try server.request("GET", "/models", headers: ["X-API-Key": "x"])
        #expect(response.status == 429 && response.code == "too_many_failures")
        #expect((1...60).contains(Int(response["Retry-After"] ?? "") ?? 0))
        #expect(response["Connection"] == "close")
        #expect(try server.request("GET", "/models", headers: ["X-API-Key": "INFER"]).status == 200)
        #expect(try server.request("GET", "/models").status == 401)
        #expect(server.service.metrics.access.refused(.tooManyFailures) == 1)
    }

    @Test("a list can be replaced under way, and an empty one lets nobody in")
    func replaces() throws {
        let gate = Self.gate()
        #expect(try Self.status("GET /models", token: "INFER", gate: gate) == 200)
        gate.replace(AccessList())
        #expect(try Self.status("GET /models", token: "INFER", gate: gate) == 401)
        #expect(try Self.status("GET /models", gate: gate) == 401)
        #expect(try Self.status("PUT /models/m", gate: gate) == 401)
        #expect(try Self.status("GET /health/live", gate: gate) == 200)
    }
}
