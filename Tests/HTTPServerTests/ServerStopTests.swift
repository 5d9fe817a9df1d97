import Dispatch
import Glibc
import HTTPServer
import Locks
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("A server that stops", .serialized)
struct ServerStopTests {
    @Test("answers the request that comes on an idle connection meanwhile, and closes it")
    func idleConnection() throws {
        let server = try TestServer { $0.farewellTimeout = 60_000 }
        let used = try server.client()
        #expect(try used.exchange(get).fields["connection"] == nil)
        let fresh = try server.client()
        #expect(eventually { server.server.counters.openConnections == 2 })
        server.server.stop(drainTimeout: 60_000)
        for client in [used, fresh] {
            let response = try client.exchange(get)
            #expect(response.status == 200)
            #expect(response.fields["connection"] == "close")
            #expect(try client.receiveAll().isEmpty)
            client.finishSending()
        }
        server.server.wait()
    }

    @Test("closes a connection without a request after a while, with an end and no reset for what comes later")
    func farewell() throws {
        let server = try TestServer {
            $0.farewellTimeout = 20
            $0.lingerTimeout = 60_000
        }
        let client = try server.client()
        #expect(try client.exchange(get).status == 200)
        server.server.stop(drainTimeout: 60_000)
        #expect(try client.receiveAll().isEmpty)
        try client.send(get)
        #expect(try client.receiveAll().isEmpty)
        client.finishSending()
        server.server.wait()
    }

    @Test("accepts and answers what waits in the queue before the port closes")
    func queue() throws {
        let held = Held()
        let isBlocked = DispatchSemaphore(value: 0)
        let server = try TestServer({ $0.loops = 1 }) { request, responder in
            if request.target.rawPath == "/block" {
                held.hold(responder)
                isBlocked.wait()
            } else {
                responder.respond(.echo(request))
            }
        }
        let first = try server.client()
        try first.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(held.wait())
        // The stop is first in the loop's mail; the clients come while it cannot look at either.
        server.server.stop(drainTimeout: 60_000)
        let clients = try (0..<50).map { _ in try server.client() }
        for client in clients { try client.send(get) }
        isBlocked.signal()
        for client in clients { #expect(try client.response().status == 200) }
        held.release(HTTPResponse(.ok))
        #expect(try first.response().status == 200)
        for client in clients + [first] { client.finishSending() }
        server.server.wait()
        #expect(throws: TestClient.Failure.self) { try server.client() }
    }

    @Test("tells a connection that begins with HTTP/2 only now that the end is near")
    func lateHTTP2() throws {
        let server = try TestServer { $0.farewellTimeout = 60_000 }
        let client = try server.client()
        #expect(eventually { server.server.counters.openConnections == 1 })
        server.server.stop(drainTimeout: 60_000)
        try client.send(H2.preface + H2.frame(.settings))
        var bytes: [UInt8] = []
        var frames: [H2Frame] = []
        while !frames.contains(where: { $0.type == .goAway }) {
            let more = try client.receiveSome()
            try #require(!more.isEmpty)
            bytes += more
            frames += H2Frame.parse(&bytes)
        }
    }

    @Test("does not wait for a handler that does not return")
    func stuckLoop() throws {
        let isBlocked = DispatchSemaphore(value: 0)
        let held = Held()
        // The handler has it, and it has what the server's loop is known by.
        defer { held.drop() }
        let server = try TestServer { _, responder in
            held.hold(responder)
            isBlocked.wait()
        }
        let client = try server.client()
        try client.send(get)
        #expect(held.wait())
        server.server.stop(drainTimeout: 0)
        #expect(!server.server.wait(milliseconds: 50))
        isBlocked.signal()
        #expect(server.server.wait(milliseconds: 60_000))
    }

    @Test("leaves the file of a Unix socket that is another server's by now")
    func foreignFile() throws {
        let path = "/tmp/http-server-tests-\(getpid())-foreign.socket"
        func start() throws -> TestServer {
            try TestServer {
                $0.host = nil
                $0.unixSocket = path
            }
        }
        let first = try start()
        unsafe unlink(path)
        let second = try start()
        first.server.stop(drainTimeout: 0)
        first.server.wait()
        #expect(try second.client().exchange(get).status == 200)
        second.server.stop(drainTimeout: 0)
        #expect(unsafe access(path, F_OK) != 0)
    }

    @Test("reads what clients have sent before it looks at their deadlines, after a halt")
    func halt() throws {
        let isFastEnough = try withEnoughTime { idleTimeout in
            let held = Held()
            let isBlocked = DispatchSemaphore(value: 0)
            let server = try TestServer({
                $0.loops = 1
                $0.idleTimeout = idleTimeout
            }) { request, responder in
                if request.target.rawPath == "/block" {
                    held.hold(responder)
                    isBlocked.wait()
                } else {
                    responder.respond(.echo(request))
                }
            }
            let start = DispatchTime.now()
            // More than the loop looks at in one go.
            let clients = try (0..<600).map { _ in try server.client() }
            for client in clients { try client.send(get) }
            for client in clients { guard (try? client.response().status) == 200 else { return false } }
            let first = try server.client()
            try first.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(held.wait())
            defer { held.release(HTTPResponse(.ok)) }
            guard DispatchTime.now() < start + .milliseconds(idleTimeout / 2) else {
                isBlocked.signal()
                return false
            }
            for client in clients { try client.send(get) }
            // The loop stands still, as if the process were stopped, until all idle times are over.
            usleep(UInt32(idleTimeout + 200) * 1_000)
            isBlocked.signal()
            for client in clients { #expect(try client.response().status == 200) }
            return true
        }
        #expect(isFastEnough)
    }
}
