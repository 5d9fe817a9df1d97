import Dispatch
import FoundationEssentials
import Glibc
import Testing

/// What a system may do to a server. After each fault it serves as before, with the sockets it had before.
@Suite("Faults", .serialized)
struct FaultTests {
    private static let get = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func isAnswered(_ client: RawClient) throws -> Bool {
        try client.send(get)
        return try client.receive(through: "}").hasPrefix("HTTP/1.1 200")
    }

    /// Waits until a new client is answered with 200.
    private static func isServed(_ address: String) -> Bool {
        for _ in 0..<60_000 {
            if let client = try? RawClient(address), client.status(of: get) == "200" { return true }
            usleep(1000)
        }
        return false
    }

    /// The sockets a process has open. What the runtime opens for itself some time after the start is none.
    private static func sockets(of process: pid_t) -> Int {
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasPrefix("socket:")
                == true
        }
    }

    /// Waits until a process has no more sockets than so many.
    private static func hasAtMost(_ count: Int, _ process: pid_t) -> Bool {
        for _ in 0..<60_000 {
            if sockets(of: process) <= count { return true }
            usleep(1000)
        }
        return false
    }

    /// Waits until a process has obeyed SIGSTOP.
    private static func isStopped(_ process: pid_t) -> Bool {
        for _ in 0..<60_000 {
            let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
            if status.contains("State:\tT") { return true }
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
        let before = Self.sockets(of: server.identifier)
        var others = try (0..<60).map { _ in try RawClient(address) }
        for _ in 0..<100 { #expect(try Self.isAnswered(first)) }
        others.removeFirst(40)
        // Of the rest some wait, and some have been told that there are too many; a new one is served.
        #expect(Self.isServed(address))
        others = []
        #expect(Self.hasAtMost(before, server.identifier))
        #expect(try Self.isAnswered(RawClient(address)))
    }

    @Test("stopped and continued, it answers what came meanwhile, whatever the clock says")
    func stoppedAndContinued() throws {
        // With longer times where the machine is too slow for the shorter ones.
        for milliseconds in [1_000, 4_000, 16_000, 64_000] {
            let server = try ChildProcess([
                "serve", "--port", "0", "--idle-timeout-ms", "\(milliseconds)", "--head-timeout-ms", "\(milliseconds)",
            ])
            let address = try server.address()
            let start = DispatchTime.now()
            let clients = try (0..<50).map { _ in try RawClient(address) }
            let half = try RawClient(address)
            try half.send("GET /health/live HT")
            var areAnswered = true
            for client in clients where areAnswered { areAnswered = (try? Self.isAnswered(client)) == true }
            server.send(SIGSTOP)
            #expect(Self.isStopped(server.identifier))
            guard areAnswered, DispatchTime.now() < start + .milliseconds(milliseconds / 2) else { continue }
            for client in clients { try client.send(Self.get) }
            try half.send("TP/1.1\r\nHost: a\r\n\r\n")
            usleep(UInt32(milliseconds + 200) * 1_000)
            server.send(SIGCONT)
            for client in clients + [half] { #expect(try client.receive(through: "}").hasPrefix("HTTP/1.1 200")) }
            return
        }
        Issue.record("the machine is too slow for this")
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

    @Test("where memory is short it refuses what has no room, serves what has, and takes large bodies again later")
    func littleMemory() throws {
        // A sanitizer maps more than all of this at its start.
        guard !Sanitizer.isAddress, !Sanitizer.isThread else { return }
        let server = try ChildProcess(
            ["serve", "--port", "0", "--access-log", "false", "--log-format", "json"], limits: "ulimit -v 1500000")
        let address = try server.address()
        try server.waitForLog(#""setting":"max_buffer_bytes""#)
        let body = String(repeating: "a", count: 40 << 20)
        func post(_ client: RawClient) {
            client.sendWhileTaken("POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count + 1)\r\n\r\n")
            client.sendWhileTaken(body)
        }
        // All but the last byte, so that nothing is answered but what is refused.
        let clients = try (0..<12).map { _ in try RawClient(address) }
        for client in clients { post(client) }
        let refused = clients.filter(\.hasReceived)
        #expect(!refused.isEmpty && refused.count < clients.count)
        for client in refused { #expect(try client.receive(through: "\r\n").hasPrefix("HTTP/1.1 503")) }
        #expect(try Self.isAnswered(RawClient(address)))
        for client in clients { client.reset() }
        // What they had is free once the server has noticed.
        for attempt in 0..<10_000 {
            let client = try RawClient(address)
            post(client)
            client.sendWhileTaken("a")
            let status = try client.receive(through: "\r\n")
            if status.hasPrefix("HTTP/1.1 400") { break }
            #expect(status.hasPrefix("HTTP/1.1 503") && attempt < 9_999, "\(status)")
        }
    }

    @Test("clients that connect and reset leave nothing behind")
    func resets() throws {
        let server = try ChildProcess(["serve", "--port", "0", "--access-log", "false"])
        let address = try server.address()
        let honest = try RawClient(address)
        #expect(try Self.isAnswered(honest))
        let before = Self.sockets(of: server.identifier)
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
