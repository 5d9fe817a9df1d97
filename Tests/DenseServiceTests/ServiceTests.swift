import DenseEngine
import DenseService
import Dispatch
import HTTPServer
import TensorCoding
import Testing

@Suite("Service")
struct ServiceTests {
    // MARK: Routing

    @Test(
        "a path answers the methods of its operations, and says which they are", arguments: PathTemplate.allCases)
    func methods(path: PathTemplate) throws {
        let server = try TestServer()
        let target = Self.target(path)
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            let implied = method == "HEAD" ? "GET" : method
            let isAllowed = path.operations.contains { $0.method.rawValue == implied }
            let response = try server.request(method, target, body: method == "HEAD" ? nil : "{}")
            #expect((response.status == 405) == !isAllowed, "\(method) \(target): \(response.status)")
            if !isAllowed { #expect(response["Allow"] == path.allow) }
        }
        let options = try server.request("OPTIONS", target)
        #expect(options.status == 204)
        #expect(options["Allow"] == path.allow)
    }

    /// A path of a template, of a model that does not exist.
    static func target(_ path: PathTemplate) -> String {
        path.rawValue.split(separator: "{name}", omittingEmptySubsequences: false).joined(separator: "none")
            .split(separator: "{version}", omittingEmptySubsequences: false).joined(separator: "1")
    }

    @Test(
        "other paths are 404, whatever the method",
        arguments: [
            "/nothing", "/dense/", "/Dense", "/models/", "/models/m/", "/models/m/versions", "/models/m/files/1",
            "/models/m/versions/1/file/x", "/health", "//dense", "/dense%2F",
        ])
    func unknownPaths(path: String) throws {
        let server = try TestServer()
        for method in ["GET", "POST", "OPTIONS"] {
            let response = try server.request(method, path, body: method == "POST" ? "{}" : nil)
            #expect(response.status == 404, "\(method) \(path): \(response.status)")
        }
    }

    @Test("the asterisk stands for the whole server")
    func asterisk() throws {
        let response = try TestServer().request("OPTIONS", "*")
        #expect(response.status == 204)
        #expect(response["Allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    }

    @Test("HEAD tells the size of what GET sends")
    func head() throws {
        let server = try TestServer()
        let get = try server.request("GET", "/models")
        let head = try server.request("HEAD", "/models")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(head["Content-Length"] == String(get.body.count))
    }

    @Test("every response carries the client's request id, or one of the server's")
    func requestID() throws {
        let server = try TestServer()
        for path in ["/", "/nothing"] {
            #expect(try server.request("GET", path, headers: ["X-Request-Id": "abc-1"])["X-Request-Id"] == "abc-1")
            #expect(try server.request("GET", path)["X-Request-Id"]?.isEmpty == false)
        }
    }

    @Test("the root describes the server with all its paths")
    func describes() throws {
        let json = try TestServer().request("GET", "/").json
        guard case .object(let links)? = json["links"] else {
            Issue.record("There are no links.")
            return
        }
        #expect(Set(links.members.map(\.name)) == Set(PathTemplate.allCases.map(\.rawValue)).subtracting(["/"]))
    }

    // MARK: Health

    @Test("ready follows the service's life; live is always 200")
    func health() throws {
        let server = try TestServer(ready: false)
        let starting = try server.request("GET", "/health/ready")
        #expect(starting.status == 503 && starting.code == "starting")
        #expect(starting["Retry-After"] != nil)
        server.service.setReady()
        #expect(try server.request("GET", "/health/ready").text == #"{"status":"ready"}"#)
        server.service.beginDraining()
        #expect(try server.request("GET", "/health/ready").code == "draining")
        server.service.setReady()
        #expect(try server.request("GET", "/health/ready").code == "draining", "the end is for good")
        #expect(try server.request("GET", "/health/live").text == #"{"status":"live"}"#)
        try server.register("m")
        #expect(try server.dense(#"{"input":[[1,2]],"model":"m"}"#).status == 200)
    }

    // MARK: What the HTTP server refuses, in the API's form

    @Test(
        "requests that HTTP itself refuses get the API's error",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400, "malformed_request"),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "malformed_request"),
            ("POST /dense HTTP/1.1\r\nHost: a\r\n\r\n", 411, "length_required"),
            ("PUT /models/m HTTP/1.1\r\nHost: a\r\n\r\n", 411, "length_required"),
            ("POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n", 413, "body_too_large"),
            ("GET /\(String(repeating: "x", count: 600)) HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target_too_long"),
            ("GET / HTTP/1.1\r\nHost: a\r\nExpect: gold\r\nContent-Length: 1\r\n\r\n", 417, "expectation_failed"),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 3000))\r\n\r\n", 431, "head_too_large"),
            ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"),
            (
                "POST /dense HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501,
                "unsupported_transfer_coding"
            ),
            ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "unsupported_http_version"),
        ])
    func serverErrors(request: String, status: Int, code: String) throws {
        var settings = ServerConfiguration()
        settings.maxBodyBytes = 4096
        settings.maxHeadBytes = 2048
        settings.maxTargetBytes = 512
        let server = try TestServer(server: settings)
        let client = try server.client()
        try client.send(Array(request.utf8))
        let response = try client.response()
        #expect(response.status == status, "\(response.text)")
        #expect(response.code == code, "\(response.text)")
        #expect(response["Content-Type"] == "application/json")
        #expect(response["X-Request-Id"] != nil)
    }

    @Test("a request that comes too slowly is 408")
    func slowRequests() throws {
        var settings = ServerConfiguration()
        settings.headTimeout = 20
        let server = try TestServer(server: settings)
        let client = try server.client()
        try client.send(Array("GET / HT".utf8))
        let response = try client.response()
        #expect(response.status == 408)
        #expect(response.code == "head_timeout")
    }

    @Test("heads that cannot be answered are refused before their bodies are read")
    func refusesEarly() throws {
        let server = try TestServer()
        for (path, type, status) in [("/nothing", "application/json", 404), ("/dense", "text/html", 415)] {
            let client = try server.client()
            let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: 1000000\r\n"
            try client.send(Array((head + "Expect: 100-continue\r\n\r\n").utf8))
            #expect(try client.response().status == status)
        }
    }

    // MARK: Queue and deadlines

    /// Keeps both workers busy until the returned semaphore is signalled twice.
    private func occupy(_ server: TestServer) throws -> DispatchSemaphore {
        let release = DispatchSemaphore(value: 0)
        for _ in 0..<2 { try server.workers.async(bytes: 0) { release.wait() } }
        return release
    }

    /// A request too large for the loop.
    private static let large: [UInt8] = {
        let rows = Array(repeating: "[1,2]", count: 5000).joined(separator: ",")
        return Array(#"{"input":[\#(rows)],"model":"m"}"#.utf8)
    }()

    @Test("a full queue is 503 with Retry-After, and small requests, health and metrics are still answered")
    func queueFull() throws {
        let server = try TestServer(maximumRequests: 2, clock: TestServer.stillClock)
        try server.register("m")
        #expect(eventually { server.workers.depth.requests == 0 })
        let release = try occupy(server)
        let response = try server.client().request("POST", "/dense", body: Self.large)
        #expect(response.status == 503, "\(response.text)")
        #expect(response.code == "queue_full")
        #expect(response["Retry-After"] == "1")
        #expect(try server.dense(#"{"input":[[1,2]],"model":"m"}"#).status == 200)
        #expect(try server.request("GET", "/health/ready").status == 200)
        #expect(try server.request("GET", "/metrics").text.contains("\ndense_queue_requests 2\n"))
        #expect(try server.request("DELETE", "/models/m").status == 204)
        for _ in 0..<2 { release.signal() }
    }

    @Test(
        "small requests that are much work are left to the workers",
        arguments: [
            #"{"input":[[1,2]],"layer":{"units":1}}"#, #"{"input":[[1,2]],"layer":{"units":1},"weights":{}}"#,
            #"{"input":{"shape":[9000,0],"data":[]},"layer":{"units":2},"weights":{"kernel":{"shape":[0,2],"data":[]},"bias":[0,0]}}"#,
        ])
    func leftToWorkers(body: String) throws {
        let server = try TestServer(maximumRequests: 2)
        let release = try occupy(server)
        #expect(try server.dense(body).code == "queue_full")
        for _ in 0..<2 { release.signal() }
        #expect(eventually { server.workers.depth.requests == 0 })
        #expect(try server.dense(body).status == 200)
        #expect(eventually { server.workers.depth == (0, 0) })
    }

    @Test("what reading a body takes is counted, and 503 when there is no room for it now")
    func heldBytes() throws {
        let server = try TestServer(maximumBytes: 5 * Self.large.count)
        try server.register("m")
        let response = try server.client().request("POST", "/dense", body: Self.large)
        #expect(response.status == 503, "\(response.text)")
        #expect(response.code == "queue_full")
        #expect(eventually { server.workers.depth == (0, 0) })
    }

    @Test("work that waited past its deadline is 504 and not computed")
    func deadline() throws {
        let server = try TestServer()
        try server.register("m")
        #expect(eventually { server.workers.depth.requests == 0 })
        let release = try occupy(server)
        let client = try server.client()
        var head = "POST /dense HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 1\r\n"
        head += "Content-Length: \(Self.large.count)\r\n\r\n"
        try client.send(Array(head.utf8) + Self.large)
        // The workers are busy until then.
        let response = try client.response()
        #expect(response.status == 504)
        #expect(response.code == "deadline_passed")
        for _ in 0..<2 { release.signal() }
        #expect(eventually { server.workers.depth.requests == 0 })
        #expect(try server.request("GET", "/metrics").text.contains(Self.nothingComputed))
    }

    private static let nothingComputed = "\ndense_phase_duration_seconds_count{phase=\"compute\"} 0\n"

    @Test(
        "a deadline that is no positive integer is 400", arguments: ["0", "-1", "1.5", "soon", "99999999999999999999"])
    func invalidDeadline(value: String) throws {
        let server = try TestServer()
        let response = try server.dense("{}", headers: ["X-Request-Timeout-Ms": value])
        #expect(response.status == 400)
        #expect(response.code == "invalid_header")
    }

    @Test("work whose client has gone is dropped, and counted as 499")
    func clientGone() throws {
        let server = try TestServer()
        try server.register("m")
        #expect(eventually { server.workers.depth.requests == 0 })
        let release = try occupy(server)
        do {
            let client = try server.client()
            let head = "POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.large.count)\r\n\r\n"
            try client.send(Array(head.utf8) + Self.large)
            #expect(eventually { server.workers.depth.requests == 3 })
            client.reset()
        }
        #expect(eventually { server.openConnections == 0 })
        for _ in 0..<2 { release.signal() }
        #expect(eventually { server.service.metrics.requests(.dense, status: 499) == 1 })
        #expect(eventually { server.workers.depth.requests == 0 })
        #expect(try server.request("GET", "/metrics").text.contains(Self.nothingComputed))
    }

    // MARK: Change under load

    @Test("registering and removing while others call: every answer is right or 404")
    func concurrency() throws {
        let server = try TestServer()
        try server.register("stable")
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            do {
                let client = try server.client()
                for round in 0..<40 {
                    switch thread {
                    case 0:
                        let body = TestServer.model.split(separator: "10").joined(separator: String(round + 10))
                        let put = try client.request("PUT", "/models/changing", body: Array(body.utf8))
                        #expect([200, 201].contains(put.status))
                    case 1:
                        let removed = try client.request("DELETE", "/models/changing")
                        #expect([204, 404].contains(removed.status))
                    case 2:
                        #expect(try client.request("GET", "/models").status == 200)
                    case 3:
                        let body = #"{"input":[[1,2]],"model":"changing"}"#
                        let response = try client.request("POST", "/dense", body: Array(body.utf8))
                        #expect([200, 404].contains(response.status), "\(response.text)")
                    default:
                        let body = #"{"input":[[1,2]],"model":"stable"}"#
                        let response = try client.request("POST", "/dense", body: Array(body.utf8))
                        #expect(response.text.hasPrefix(#"{"output":[[10.0,3.0]]"#), "\(response.text)")
                    }
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(eventually { server.service.metrics.inFlight == 0 })
    }
}
