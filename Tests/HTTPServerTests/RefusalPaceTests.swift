import HTTPServer
import Locks
import TestCertificates
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
private let milliseconds: UInt64 = 1_000_000

/// A pace that expectations may change.
private final class Pace {
    private var pace: RefusalPace<Int>
    init(rate: Int) { pace = RefusalPace(rate: rate) }

    var nextEnd: UInt64 { pace.nextEnd }
    func countRefusal(at now: UInt64) { pace.countRefusal(at: now) }
    func rest(_ client: Int, at now: UInt64) -> Bool { pace.rest(client, at: now) }
    func takeRested(at now: UInt64, isOneMore: Bool) -> Int? { pace.takeRested(at: now, isOneMore: isOneMore) }
}

@Suite("The pace of refusals")
struct RefusalPaceTests {
    /// When the tests begin, by the clock.
    private let start: UInt64 = 5_000_000_000

    @Test("nobody rests within the burst, and everybody beyond it")
    func burst() {
        // 20 ms are twenty of them.
        let pace = Pace(rate: 1_000)
        for client in 0..<20 {
            pace.countRefusal(at: start)
            #expect(!pace.rest(client, at: start))
        }
        pace.countRefusal(at: start)
        #expect(pace.rest(20, at: start))
        #expect(pace.nextEnd == start + milliseconds)
    }

    @Test("whoever has rested longest goes on first, one at a time, each refusal putting the next off")
    func order() {
        let pace = Pace(rate: 1_000)
        for _ in 0..<21 { pace.countRefusal(at: start) }
        for client in 1...3 { #expect(pace.rest(client, at: start)) }
        #expect(pace.takeRested(at: start, isOneMore: false) == nil)
        let next = start + milliseconds
        #expect(pace.takeRested(at: next, isOneMore: false) == 1)
        #expect(pace.takeRested(at: next, isOneMore: true) == nil)
        pace.countRefusal(at: next)
        #expect(pace.takeRested(at: next, isOneMore: false) == nil)
        #expect(pace.takeRested(at: next + milliseconds, isOneMore: false) == 2)
        // Was not refused.
        #expect(pace.takeRested(at: next + milliseconds, isOneMore: false) == 3)
        #expect(pace.takeRested(at: next + milliseconds, isOneMore: false) == nil)
        #expect(pace.nextEnd == .max)
    }

    @Test("nobody rests for longer than a second, however many are refused")
    func longest() {
        let pace = Pace(rate: 10)
        for client in 0..<100 {
            pace.countRefusal(at: start)
            #expect(pace.rest(client, at: start))
        }
        let end = start + 1_000 * milliseconds
        // Ten seconds would be the pace.
        #expect(pace.takeRested(at: end - 1, isOneMore: false) == nil)
        #expect(pace.nextEnd == end)
        for client in 0..<100 { #expect(pace.takeRested(at: end, isOneMore: client > 0) == client) }
        #expect(pace.takeRested(at: end, isOneMore: true) == nil)
    }

    @Test("a pause makes room for one burst, not for more")
    func pause() {
        let pace = Pace(rate: 1_000)
        for _ in 0..<500 { pace.countRefusal(at: start) }
        let later = start + 60_000 * milliseconds
        for _ in 0..<20 { pace.countRefusal(at: later) }
        #expect(!pace.rest(1, at: later))
        pace.countRefusal(at: later)
        #expect(pace.rest(1, at: later))
    }

    @Test("a rate of 0 is no bound")
    func unbounded() {
        let pace = Pace(rate: 0)
        for _ in 0..<10_000 { pace.countRefusal(at: start) }
        #expect(!pace.rest(1, at: start))
    }
}

@Suite("Connections that are refused too often", .serialized)
struct RestingConnectionTests {
    /// A server that refuses `/full`, and has every connection rest that it has refused.
    private func server(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws -> TestServer {
        try TestServer {
            // One is more than a burst has room for.
            $0.maxRefusalRate = 40
            $0.loops = 1
            change(&$0)
        } handle: { request, responder in
            responder.respond(request.target.rawPath == "/full" ? HTTPResponse(.serviceUnavailable) : .echo(request))
        }
    }

    private let full = "GET /full HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("a refused connection rests and is answered later; others are answered meanwhile and never rest")
    func rests() throws {
        let paths = Lock<[String]>([])
        let server = try TestServer {
            $0.maxRefusalRate = 1
            $0.loops = 1
        } handle: { request, responder in
            let path = request.target.rawPath
            paths.withLock { $0.append(path) }
            responder.respond(path == "/full" ? HTTPResponse(.serviceUnavailable) : .echo(request))
        }
        let (refused, other) = (try server.client(), try server.client())
        var rests = 0
        // A rest lasts a second, in which a busy machine may not get to the others.
        let isRead = try (0..<10).allSatisfy { _ in
            #expect(try refused.exchange(full).status == 503)
            rests += 1
            paths.withLock { $0 = [] }
            try refused.send(get)
            for _ in 0..<3 { #expect(try other.exchange("GET /other HTTP/1.1\r\nHost: a\r\n\r\n").status == 200) }
            #expect(try refused.response().status == 200)
            return paths.withLock { $0.last } == "/other"
        }
        #expect(!isRead)
        #expect(server.server.counters.rests == rests)
    }

    @Test("requests sent in one piece are all answered")
    func pipelined() throws {
        let server = try server()
        let client = try server.client()
        try client.send(full + get + full + get)
        for status in [503, 200, 503, 200] { #expect(try client.response().status == status) }
        #expect(try client.exchange(get).status == 200)
    }

    @Test("a request that came during the rest is answered before the server stops")
    func draining() throws {
        let server = try server { $0.maxRefusalRate = 1 }
        let client = try server.client()
        #expect(try client.exchange(full).status == 503)
        try client.send(get)
        #expect(eventually { server.server.counters.rests == 1 })
        server.server.stop(drainTimeout: 3_600_000)
        #expect(try client.response().status == 200)
        client.finishSending()
        server.server.wait()
    }

    @Test("a client that leaves while it rests is forgotten")
    func leaving() throws {
        let server = try server()
        var client: TestClient? = try server.client()
        #expect(try client?.exchange(full).status == 503)
        client = nil
        #expect(eventually { server.server.counters.openConnections == 0 })
        #expect(try server.client().exchange(get).status == 200)
    }

    @Test("over HTTP/2 the streams that were answered with 503 count")
    func http2() throws {
        let server = try server()
        let client = try H2Client.connected(to: server)
        try client.client.send(H2.headers(1, H2.get.dropLast() + [(":path", "/full")]))
        #expect(try client.receive { client[1].ended })
        #expect(client[1].status == 503)
        #expect(eventually { server.server.counters.rests == 1 })
        try client.client.send(H2.headers(3, H2.get))
        #expect(try client.receive { client[3].ended })
        #expect(client[3].status == 200)
    }

    @Test("over TLS nothing is lost that came with the refused request")
    func tls() throws {
        let authority = try TestAuthority()
        let tls = try TLSContexts(TLSConfiguration(authority.issue("server")))
        let server = try server {
            $0.tls = tls
            $0.tlsPort = 0
            $0.speaksClearText = false
        }
        let client = try TLSTestClient(server.address, .init(authority: authority.file))
        try client.send(full + get)
        for status in [503, 200] { #expect(try client.response().status == status) }
        // In one record, of which half is read before the rest.
        let large = "GET /large HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 9_000))\r\n\r\n"
        try client.send(full + large)
        for status in [503, 200] { #expect(try client.response().status == status) }
        #expect(server.server.counters.rests >= 1)
    }
}
