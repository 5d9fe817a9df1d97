import Dispatch
import FoundationEssentials
import Glibc
import Locks
import TestCertificates
import Testing

/// Processes that take over from each other.
@Suite("Handing over", .serialized)
struct HandOverTests {
    private static let body = #"{"model": "attention", "input": [[[1, 2, 3, 4], [0, 0, 0, 0]]]}"#
    private static let flags = ["serve", "--port", "0", "--access-log", "false", "--log-format", "json"]

    /// The process that a log line names.
    private static func process(in line: String) throws -> pid_t {
        let digits = line.components(separatedBy: #""process":"#).last?.prefix { $0.isNumber }
        return try #require(digits.flatMap { pid_t($0) })
    }

    @Test("after SIGUSR2 a new process has the ports, and no request over HTTP/1.1, HTTP/2 or TLS has failed")
    func underLoad() throws {
        // A client's thread may have to wait for its turn before it sends the next request.
        let authority = try TestAuthority()
        defer { withExtendedLifetime(authority) {} }
        let identity = try authority.issue("server")
        let first = try ChildProcess(
            Self.flags + [
                "--farewell-timeout-ms", "60000", "--tls-port", "0", "--tls-certificate", identity.certificate,
                "--tls-key", identity.key,
            ])
        let addresses = [try first.address(), try first.address()]
        #expect(addresses.map { $0.prefix(6) } == ["http:/", "https:"])
        let clients = try SteadyClients(addresses, body: Self.body)
        #expect(clients.waitForAnswers(100))
        first.send(SIGUSR2)
        let second = try Self.process(in: first.waitForLog("handing over"))
        #expect([try first.address(), try first.address()] == addresses)
        try first.waitForLog("\"handed over\"")
        #expect(first.waitForExit() == 0)
        // Again, from the second to a third.
        #expect(clients.waitForAnswers(100))
        kill(second, SIGUSR2)
        let third = try Self.process(in: first.waitForLog("handing over"))
        try first.waitForLog("\"stopped\"")
        #expect(clients.waitForAnswers(100))
        #expect(clients.stop() == [])
        #expect(Set([first.identifier, second, third]).count == 3)
        kill(third, SIGTERM)
        // The log ends with the last process that writes it.
        #expect(try first.wait().errors.contains("stopped"))
    }

    @Test("a Unix socket passes on, and its file goes with the last process")
    func unixSocket() throws {
        let path = TemporaryFile.freePath(suffix: ".sock")
        let first = try ChildProcess(Self.flags + ["--host=", "--unix-socket", path])
        let address = try first.address()
        first.send(SIGUSR2)
        let second = try Self.process(in: first.waitForLog("handing over"))
        #expect(first.waitForExit() == 0)
        #expect(try RawClient.exchange(address, "POST", "/dense", body: Self.body).hasPrefix("HTTP/1.1 200"))
        kill(second, SIGTERM)
        _ = try first.wait()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("when the new process cannot start the old one goes on")
    func failure() throws {
        let file = try TemporaryFile(#"{"port": 0}"#)
        let server = try ChildProcess(["serve", "--config", file.path, "--log-format", "json"])
        let address = try server.address()
        try Data("{".utf8).write(to: URL(filePath: file.path))
        server.send(SIGUSR2)
        try server.waitForLog("this one goes on")
        #expect(try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200"))
        // And it can hand over when that is mended.
        try Data(#"{"port": 0}"#.utf8).write(to: URL(filePath: file.path))
        server.send(SIGUSR2)
        let second = try Self.process(in: server.waitForLog("\"handing over\""))
        #expect(server.waitForExit() == 0)
        #expect(try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200"))
        kill(second, SIGTERM)
        _ = try server.wait()
    }
}
