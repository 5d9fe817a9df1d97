import Glibc
import Testing

/// What may be going on when a signal stops the server.
@Suite("dense-serve stops")
struct StopTests {
    private static let body = #"{"model": "attention", "input": [[[1, 2, 3, 4], [0, 0, 0, 0]]]}"#

    private static func server(_ flags: String...) throws -> (process: ChildProcess, address: String) {
        let process = try ChildProcess(["serve", "--port", "0", "--log-format", "json"] + flags)
        return (process, try process.address())
    }

    @Test("during the drain delay it is not ready, and everything else is answered on old connections and new ones")
    func drainDelay() throws {
        let (server, address) = try Self.server("--drain-delay-ms", "60000")
        let old = try RawClient(address)
        try old.send("GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try old.receive(through: "}").hasPrefix("HTTP/1.1 200"))
        server.send(SIGTERM)
        try server.waitForLog("\"stopping\"")
        // Draining begins a moment after the line is logged.
        while try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200") {}
        for client in [old, try RawClient(address)] {
            try client.send("GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.receive(through: "}").hasPrefix("HTTP/1.1 503"))
            let length = "Content-Length: \(Self.body.utf8.count)"
            try client.send("POST /dense HTTP/1.1\r\nHost: a\r\n\(length)\r\n\r\n" + Self.body)
            let answer = try client.receive(through: "}")
            #expect(answer.hasPrefix("HTTP/1.1 200") && !answer.contains("Connection: close"), "\(answer)")
        }
    }

    @Test(
        "it ends with 0 when its time is over, whatever clients do",
        arguments: [
            "", "POST /dense HT", "POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{",
            String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000),
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ])
    func stuckClient(_ request: String) throws {
        let (server, address) = try Self.server("--drain-timeout-ms", "100")
        let client = try RawClient(address)
        try client.send(request)
        // It is accepted by now, for it came first.
        _ = try RawClient.exchange(address, "GET", "/health/live")
        server.send(SIGTERM)
        let result = try server.wait()
        #expect(result.status == 0)
        #expect(result.errors.contains("\"stopped\""))
        withExtendedLifetime(client) {}
    }

    @Test("a signal during the start ends it with 0")
    func early() throws {
        let server = try ChildProcess(["serve", "--port", "0"])
        server.send(SIGINT)
        let status = try server.wait().status
        // Before it can obey, the system's default is to end it.
        #expect(status == 0 || status == 128 + SIGINT)
    }

    @Test("it ends with 0 when nobody reads its log")
    func unreadLog() throws {
        let (server, address) = try Self.server()
        let client = try RawClient(address)
        // More lines than the pipe holds.
        for _ in 0..<10 {
            try client.repeatExchange("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n", count: 100)
        }
        server.send(SIGTERM)
        #expect(server.waitForExit() == 0)
    }
}
