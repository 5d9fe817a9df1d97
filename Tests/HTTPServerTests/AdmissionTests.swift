import Glibc
import HTTPServer
import Locks
import Testing

/// What a handler says of heads, before bodies are read.
@Suite("Admission")
struct AdmissionTests {
    private static func server() throws -> TestServer {
        try TestServer(
            admit: { head, _ in
                head.target.rawPath == "/no" ? .refused(HTTPResponse(403), client: "bob") : .admitted(client: "ann")
            },
            handle: { $1.respond(.echo($0)) })
    }

    @Test("a request without a body can be refused, its connection lives on, and records name the client")
    func refusesWithoutBody() throws {
        let server = try Self.server()
        let client = try server.client()
        try client.send("GET /no HTTP/1.1\r\nHost: a\r\n\r\nGET /yes HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 403)
        #expect(try client.response().text == "GET /yes ")
        let records = [server.records.next(), server.records.next()]
        #expect(records.map { $0?.status } == [403, 200])
        #expect(records.map { $0?.client } == ["bob", "ann"])
    }

    @Test("a refused body is forgotten as it comes, and what follows it is read", arguments: [true, false])
    func forgetsBodies(overTCP: Bool) throws {
        let path = "/tmp/dense-admission-\(getpid())-\(UInt32.random(in: .min ... .max)).sock"
        let server = try TestServer(
            { $0.unixSocket = path },
            admit: { head, _ in head.target.rawPath == "/no" ? .refused(HTTPResponse(403)) : .welcome },
            handle: { $1.respond(.echo($0)) })
        let client = try overTCP ? server.client() : TestClient(.unix(path: path))
        for length in [0, 1, 4_000, 60_000, 100_000, 200_000, 250_000] {
            let body = String(repeating: "x", count: length)
            let refused = "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n\(body)"
            // In one piece, in two, and with more behind it.
            for split in [refused.utf8.count, 30, 60, refused.utf8.count - min(length, 1)] {
                try client.send(String(refused.prefix(split)))
                try client.send(String(refused.dropFirst(split)) + "GET /yes HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.response().status == 403)
                #expect(try client.response().text == "GET /yes ")
                #expect(server.records.next()?.bytesReceived == refused.utf8.count)
                _ = server.records.next()
            }
            try client.send("POST /yes HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n\(body)")
            #expect(try client.response().body.count == length + "POST /yes ".utf8.count)
            _ = server.records.next()
        }
        try client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx")
        client.finishSending()
        #expect(try client.response().status == 400)
    }

    @Test("streams of HTTP/2 are admitted alike, with and without bodies")
    func streams() throws {
        let server = try Self.server()
        let client = try H2Client.connected(to: server)
        func fields(_ path: String, _ method: String) -> [(String, String)] {
            [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a")]
        }
        try client.client.send(
            H2.headers(1, fields("/no", "GET")) + H2.headers(3, fields("/no", "POST"), end: false)
                + H2.headers(5, fields("/yes", "GET")))
        #expect(try client.receive { client[1].ended && client[3].ended && client[5].ended })
        #expect([client[1].status, client[3].status, client[5].status] == [403, 403, 200])
        let records = [server.records.next(), server.records.next(), server.records.next()]
        #expect(records.map { $0?.client }.sorted { $0 ?? "" < $1 ?? "" } == ["ann", "bob", "bob"])
    }

    @Test("a head is looked at once, with where it came from")
    func once() throws {
        let peers = Lock<[HTTPPeer]>([])
        let server = try TestServer(
            admit: { _, peer in
                peers.withLock { $0.append(peer) }
                return .welcome
            },
            handle: { $1.respond(.echo($0)) })
        let client = try server.client()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().text == "POST / hi")
        #expect(try client.response().text == "GET / ")
        let seen = peers.withLock { $0 }
        #expect(seen.count == 2)
        #expect(seen.allSatisfy { $0.isLocal && $0.address.hasPrefix("127.0.0.1:") })
    }

    @Test(
        "what only this machine can connect to is local",
        arguments: [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("0.0.0.0", false), ("::", false)])
    func local(host: String, isLocal: Bool) {
        #expect(SocketAddress.internet(host: host, port: 80).isLocal == isLocal)
        #expect(SocketAddress.unix(path: "/a").isLocal)
    }

    @Test("an error of the server's own comes with the head, if there was one")
    func errorsWithHeads() throws {
        let server = try TestServer({ $0.maxBodyBytes = 4 }, handler: PathHandler())
        let known = try server.client()
        try known.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        #expect(try known.response().fields["x-path"] == "/a")
        let unknown = try server.client()
        try unknown.send("POST\r\n\r\n")
        #expect(try unknown.response().fields["x-path"] == "none")
    }
}

/// Its errors tell whose head they came with.
private struct PathHandler: HTTPHandler {
    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) { responder.respond(.echo(request)) }

    func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        HTTPResponse(error.status, headers: [("X-Path", head?.target.rawPath ?? "none")])
    }
}
