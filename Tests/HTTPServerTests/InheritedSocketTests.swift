import Dispatch
import Glibc
import HTTPServer
import Locks
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
private let close = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

@Suite("Listening sockets of other processes", .serialized)
struct InheritedSocketTests {
    private static func server(inheriting sockets: [InheritedSocket]) throws -> TestServer {
        try TestServer {
            $0.inherited = sockets
            $0.farewellTimeout = 60_000
        }
    }

    /// Copies of a server's sockets, as another process would have them.
    private static func copies(of server: TestServer) -> [InheritedSocket] {
        server.server.withListeningSockets { sockets in
            sockets.map { socket in
                var copy = socket
                copy.number = fcntl(socket.number, F_DUPFD_CLOEXEC, 3)
                return copy
            }
        }
    }

    @Test("are served, TCP and Unix, and not those of the configuration")
    func served() throws {
        let path = "/tmp/http-server-tests-\(getpid())-inherited.socket"
        let first = try TestServer { $0.unixSocket = path }
        let second = try Self.server(inheriting: Self.copies(of: first))
        #expect(second.addresses == first.addresses)
        first.server.stop(drainTimeout: 0, successor: true)
        first.server.wait()
        #expect(try second.client().exchange(get).status == 200)
        #expect(try TestClient(.unix(path: path)).exchange(get).status == 200)
        // The file has gone over, too, and goes with its last owner.
        second.server.stop(drainTimeout: 0)
        #expect(unsafe access(path, F_OK) != 0)
        #expect(second.server.withListeningSockets { $0.isEmpty })
    }

    @Test("leave a Unix socket's file where it is unless they own it")
    func foreignFile() throws {
        let path = "/tmp/http-server-tests-\(getpid())-kept.socket"
        let first = try TestServer { $0.unixSocket = path }
        var sockets = Self.copies(of: first)
        for index in sockets.indices { sockets[index].isOwn = false }
        let second = try Self.server(inheriting: sockets)
        second.server.stop(drainTimeout: 0)
        second.server.wait()
        #expect(unsafe access(path, F_OK) == 0)
        #expect(try TestClient(.unix(path: path)).exchange(get).status == 200)
    }

    @Test("are refused when they are something else", arguments: ["closed", "file", "datagrams", "silent"])
    func refused(_ kind: String) throws {
        let number: Int32
        let received: String
        switch kind {
        case "closed": (number, received) = (999, "a descriptor that is not open")
        case "file": (number, received) = (unsafe open("/dev/null", O_RDONLY), "a file that is no socket")
        case "datagrams":
            (number, received) = (socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0), "a socket for datagrams")
        default:
            (number, received) = (socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), "a socket that does not listen")
        }
        let error = HTTPServerError.inheritedSocket(number: number, received: received)
        #expect(throws: error) { try Self.server(inheriting: [InheritedSocket(number: number)]) }
        #expect(error.description.contains("Descriptor \(number), which another process passed on, cannot be served."))
        if kind != "closed" { Glibc.close(number) }
    }

    @Test("pass from server to server without one failed request", arguments: [true, false])
    func handOver(keepsAlive: Bool) throws {
        var current = try Self.server(inheriting: [])
        let address = current.address
        let isOver = Lock(false)
        let answers = Lock(0)
        let failures = Lock<[String]>([])
        let clients = DispatchGroup()
        for number in 0..<4 {
            DispatchQueue(label: "client \(number)").async(group: clients) {
                var client: TestClient?
                while !isOver.withLock({ $0 }) {
                    do {
                        let connection = try client ?? TestClient(address)
                        let response = try connection.exchange(keepsAlive ? get : close)
                        guard response.status == 200 else { throw TestClient.Failure(call: "status", code: 0) }
                        client = response.fields["connection"] == "close" ? nil : connection
                        answers.withLock { $0 += 1 }
                    } catch {
                        client = nil
                        failures.withLock { $0.append("\(error)") }
                    }
                }
            }
        }
        for _ in 0..<20 {
            let before = answers.withLock { $0 }
            let next = try Self.server(inheriting: Self.copies(of: current))
            current.server.stop(drainTimeout: 60_000, successor: true)
            current.server.wait()
            current = next
            #expect(eventually { answers.withLock { $0 } > before + 20 })
        }
        isOver.withLock { $0 = true }
        clients.wait()
        #expect(failures.withLock { $0 } == [])
    }

    @Test("may be several at one port where that is wanted")
    func reusePort() throws {
        let first = try TestServer { $0.reusePort = true }
        let port = try #require(first.address.port)
        let second = try TestServer {
            $0.reusePort = true
            $0.port = port
        }
        first.server.stop(drainTimeout: 0)
        first.server.wait()
        #expect(try second.client().exchange(get).status == 200)
        #expect(throws: HTTPServerError.system(call: "bind", subject: "127.0.0.1:\(port)", errno: EADDRINUSE)) {
            try TestServer { $0.port = port }
        }
    }
}
