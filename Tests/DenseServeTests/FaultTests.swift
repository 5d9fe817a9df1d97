import FoundationEssentials
import Glibc
import Testing

/// What a system may do to a server. After each fault it serves as before, with the descriptors it had before.
@Suite("Faults", .serialized)
struct FaultTests {
    private static let get = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func isAnswered(_ client: RawClient) throws -> Bool {
        try client.send(get)
        return try client.receive(through: "}").hasPrefix("HTTP/1.1 200")
    }

    /// The descriptors a process has open.
    private static func descriptors(of process: pid_t) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
    }

    /// Waits until a process has no more descriptors than so many.
    private static func hasAtMost(_ count: Int, _ process: pid_t) -> Bool {
        for _ in 0..<60_000 {
            if descriptors(of: process) <= count { return true }
            usleep(1000)
        }
        return false
    }

    @Test("without descriptors it serves those it has, and the others when there are some again")
    func descriptorsExhausted() throws {
        let server = try ChildProcess(["serve", "--port", "0"], limits: "ulimit -n 48")
        let address = try server.address()
        let first = try RawClient(address)
        #expect(try Self.isAnswered(first))
        let before = Self.descriptors(of: server.identifier)
        var others = try (0..<60).map { _ in try RawClient(address) }
        for _ in 0..<100 { #expect(try Self.isAnswered(first)) }
        others.removeFirst(40)
        for client in others { #expect(try Self.isAnswered(client)) }
        others = []
        #expect(Self.hasAtMost(before, server.identifier))
        #expect(try Self.isAnswered(RawClient(address)))
    }

    @Test("stopped and continued, it answers what came meanwhile, whatever the clock says")
    func stoppedAndContinued() throws {
        let server = try ChildProcess([
            "serve", "--port", "0", "--idle-timeout-ms", "3000", "--head-timeout-ms", "3000",
        ])
        let address = try server.address()
        let clients = try (0..<50).map { _ in try RawClient(address) }
        for client in clients { #expect(try Self.isAnswered(client)) }
        let half = try RawClient(address)
        try half.send("GET /health/live HT")
        #expect(try Self.isAnswered(clients[0]))
        server.send(SIGSTOP)
        for client in clients { try client.send(Self.get) }
        try half.send("TP/1.1\r\nHost: a\r\n\r\n")
        usleep(3_200_000)
        server.send(SIGCONT)
        for client in clients + [half] { #expect(try client.receive(through: "}").hasPrefix("HTTP/1.1 200")) }
    }

    @Test("when nobody reads the log, requests are answered, and the lines that had no room are counted")
    func unreadLog() throws {
        let server = try ChildProcess(["serve", "--port", "0", "--log-format", "json", "--loops", "1"])
        let client = try RawClient(server.address())
        // A megabyte and more waits in memory, 64 kB in the pipe.
        for _ in 0..<80 { try client.repeatExchange(Self.get, count: 100) }
        #expect(try server.waitForLog("log lines were dropped").contains(#""count":"#))
        #expect(try Self.isAnswered(client))
    }

    @Test("clients that connect and reset leave nothing behind")
    func resets() throws {
        let server = try ChildProcess(["serve", "--port", "0", "--access-log", "false"])
        let address = try server.address()
        let honest = try RawClient(address)
        #expect(try Self.isAnswered(honest))
        let before = Self.descriptors(of: server.identifier)
        let starts = [
            "", "G", Self.get, "POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]
        for round in 0..<400 {
            for start in starts {
                let client = try RawClient(address)
                try client.send(start)
                client.reset()
            }
            if round.isMultiple(of: 40) { #expect(try Self.isAnswered(honest)) }
        }
        #expect(Self.hasAtMost(before, server.identifier))
        #expect(try Self.isAnswered(honest))
    }
}
