import Glibc
import Testing
import dense_serve

/// Sockets that come as from systemd. `systemd-socket-activate` is not needed: a shell sets the variables for the process
/// that it becomes.
@Suite("Socket activation")
struct SocketActivationTests {
    private static let flags = ["serve", "--port", "1", "--access-log", "false", "--log-format", "json"]

    @Test("a passed socket is served instead of host and port, even what waited before the start")
    func served() throws {
        let listener = try ListeningSocket()
        // In the queue before there is a server.
        let early = try RawClient(listener.address)
        try early.send("GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let server = try ChildProcess(
            Self.flags, environment: ["LISTEN_FDS": "1", "LISTEN_FDNAMES": "http"], passing: [listener.number])
        #expect(try server.address() == listener.address)
        #expect(early.receiveToEnd().hasPrefix("HTTP/1.1 200"))
        server.send(SIGTERM)
        #expect(try server.wait().status == 0)
        // The socket is the manager's, and a restarted server finds what came in between.
        let waiting = try RawClient(listener.address)
        try waiting.send("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let next = try ChildProcess(Self.flags, environment: ["LISTEN_FDS": "1"], passing: [listener.number])
        #expect(waiting.receiveToEnd().hasPrefix("HTTP/1.1 200"))
        next.send(SIGTERM)
        #expect(try next.wait().status == 0)
    }

    @Test("a descriptor that is no listening socket, or a wrong variable, stops the start and is named")
    func refused() throws {
        let file = try TemporaryFile("")
        let number = unsafe open(file.path, O_RDONLY | O_CLOEXEC)
        defer { close(number) }
        let result = try ChildProcess(Self.flags, environment: ["LISTEN_FDS": "1"], passing: [number]).wait()
        #expect(result.status == 1)
        #expect(result.errors.contains("received a file that is no socket"), "\(result.errors)")
        let wrong = try ChildProcess(Self.flags, environment: ["LISTEN_FDS": "many"], passing: []).wait()
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("LISTEN_FDS"), "\(wrong.errors)")
    }

    @Test("the manager is told of the start and the stop", arguments: [false, true])
    func notifications(isAbstract: Bool) throws {
        let manager = try NotificationSocket(isAbstract: isAbstract)
        let server = try ChildProcess(
            ["serve", "--port", "0"], environment: ["NOTIFY_SOCKET": manager.name])
        #expect(manager.receive() == "READY=1\nMAINPID=\(server.identifier)")
        server.send(SIGTERM)
        #expect(manager.receive() == "STOPPING=1")
        #expect(try server.wait().status == 0)
    }
}
