import HTTPServer
import Locks
import Testing

/// The last request a handler got.
private final class Seen: Sendable {
    private let last = Lock<HTTPRequest?>(nil)

    var request: HTTPRequest? { last.withLock { $0 } }

    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        last.withLock { $0 = request }
        responder.respond(.echo(request))
    }
}

@Suite("HTTP/2 requests and answers")
struct HTTP2RequestTests {
    @Test("a request is answered, whatever pieces it comes in", arguments: [false, true])
    func request(byByte: Bool) throws {
        let peer = H2Peer(isFresh: true)
        peer.send(
            H2.preface + H2.settings() + H2.headers(1, H2.post, end: false) + H2.data(1, "hel")
                + H2.data(1, "lo", end: true)
                + H2.headers(3, H2.get), byByte: byByte)
        #expect(peer.frames.first?.type == .settings)
        #expect(peer.frames.contains { $0.isAcknowledgement })
        #expect(peer[1].status == 200)
        #expect(peer[1].text == "POST /up hello")
        #expect(peer[1].field("content-length") == "14")
        #expect(peer[1].field("date")?.hasSuffix("GMT") == true)
        #expect(peer[1].field("x-request-id")?.count == 16)
        #expect(peer[1].ended)
        #expect(peer[3].text == "GET / ")
        #expect(peer[1].reset == nil)
        let record = try #require(peer.records.next())
        #expect(record.version == "HTTP/2")
        #expect(record.status == 200)
        #expect(record.bytesReceived > 30)
        #expect(record.bytesSent > 14)
    }

    @Test("a handler sees what it would see in HTTP/1.1")
    func sameRequest() throws {
        let seen = Seen()
        let peer = H2Peer(handle: seen.handle)
        peer.send(
            H2.headers(
                1,
                [
                    (":method", "PUT"), (":scheme", "http"), (":path", "/a%20b?x=1&y"), (":authority", "h:80"),
                    ("cookie", "a=1"), ("x-request-id", "mine"), ("cookie", "b=2"), ("te", "trailers"), ("cookie", "c"),
                ], end: false) + H2.data(1, "body") + H2.headers(1, [("grpc-status", "0")]))
        let request = try #require(seen.request)
        #expect(request.method == .put)
        #expect(request.head.version == .http2)
        #expect(request.target.segments == ["a b"])
        #expect(request.target.query("x") == "1")
        #expect(request.headers["Host"] == "h:80")
        #expect(request.headers.values("cookie") == ["a=1; b=2; c"])
        #expect(request.headers.all.map(\.name) == ["host", "x-request-id", "te", "cookie"])
        #expect(request.head.framing == .chunked)
        #expect(request.trailers.all.map(\.value) == ["0"])
        #expect(request.id.description == "mine")
        #expect(peer[1].field("x-request-id") == "mine")
        #expect(peer[1].text == "PUT /a%20b body")
    }

    @Test("a host field does in the place of an authority, and equals it beside one, letter case aside")
    func host() throws {
        let seen = Seen()
        let peer = H2Peer(handle: seen.handle)
        peer.send(H2.headers(1, [H2.get[0], H2.get[1], H2.get[3], ("host", "b")]))
        #expect(seen.request?.headers.values("host") == ["b"])
        peer.send(H2.headers(3, H2.get + [("host", "A")]))
        #expect(seen.request?.headers.values("host") == ["A"])
        #expect(peer[3].status == 200)
    }

    @Test("OPTIONS takes an asterisk")
    func asterisk() {
        let peer = H2Peer()
        peer.send(H2.headers(1, [(":method", "OPTIONS"), (":scheme", "http"), (":authority", "a"), (":path", "*")]))
        #expect(peer[1].text == "OPTIONS * ")
    }

    @Test("a head may come in a CONTINUATION, and with padding and a priority that mean nothing")
    func forms() {
        let block = H2.block(H2.get)
        let peer = H2Peer()
        peer.send(
            H2.frame(.headers, flags: 1, stream: 1, Array(block[..<5]))
                + H2.frame(.continuation, stream: 1, Array(block[5..<9]))
                + H2.frame(.continuation, flags: 4, stream: 1, Array(block[9...])))
        #expect(peer[1].status == 200)
        peer.send(H2.frame(.headers, flags: 0x2D, stream: 3, [3, 0, 0, 0, 0, 1] + block + [0, 0, 0]))
        #expect(peer[3].status == 200)
        peer.send(H2.headers(5, H2.post, end: false) + H2.frame(.data, flags: 9, stream: 5, [2, 0x61, 0, 0]))
        #expect(peer[5].text == "POST /up a")
    }

    @Test(
        "what HTTP/1.1 answers with an error is answered alike",
        arguments: [
            (H2.get.dropLast() + [(":path", "/%zz")], 400), (H2.get.dropLast() + [(":path", "/a\\b")], 400),
            ([(":method", "BREW")] + H2.get.dropFirst(), 501),
            ([(":method", "CONNECT"), (":authority", "a:1")], 501),
            (H2.get.dropLast() + [(":path", "/" + String(repeating: "a", count: 8 << 10))], 414),
            (
                H2.get + [("a", String(repeating: "b", count: 40_000)), ("c", String(repeating: "b", count: 30_000))],
                431
            ),
            (H2.get + (0..<300).map { ("a\($0)", "b") }, 431), (H2.get + [("expect", "miracles")], 417),
        ] as [(H2.Fields, Int)])
    func errors(_ fields: H2.Fields, _ status: Int) throws {
        let peer = H2Peer()
        let block = H2.block(fields)
        // In frames no larger than they may be.
        var bytes = H2.frame(.headers, flags: 1, stream: 1, Array(block.prefix(16_384)))
        var position = min(16_384, block.count)
        while position < block.count {
            let end = min(position + 16_384, block.count)
            bytes += H2.frame(.continuation, stream: 1, Array(block[position..<end]))
            position = end
        }
        peer.send(bytes + H2.frame(.continuation, flags: 4, stream: 1) + H2.headers(3, H2.get))
        #expect(peer[1].status == status)
        #expect(peer[1].ended)
        #expect(try #require(peer.records.next()).status == status)
        #expect(peer[3].status == 200)
    }

    @Test("a body that is too large is answered with 413, announced or not, and the stream is given up without blame")
    func tooLarge() {
        for announced in [true, false] {
            let peer = H2Peer({ $0.maxBodyBytes = 4 })
            peer.send(H2.headers(1, H2.post + (announced ? [("content-length", "20000")] : []), end: false))
            if !announced { peer.send(H2.data(1, "abc") + H2.data(1, "de")) }
            #expect(peer[1].status == 413)
            #expect(peer[1].ended)
            #expect(peer.records.next()?.status == 413)
            // What is under way does no harm, and the client has some time to get the answer.
            peer.send(H2.data(1, [UInt8](repeating: 0, count: 16_384)))
            #expect(peer[1].reset == nil)
            peer.wait(milliseconds: 2_000)
            #expect(peer[1].reset == .noError)
            #expect(peer.windowUpdates(1) == 0)
            peer.send(
                H2.data(1, "fghij", end: true) + H2.headers(3, H2.post, end: false) + H2.data(3, "abcd", end: true))
            #expect(peer[3].text == "POST /up abcd")
        }
    }

    @Test("a handler can refuse a body before it comes, and then there is no 100")
    func refusal() {
        let peer = H2Peer(refuse: { $0.target.isPath("/up") ? HTTPResponse(403) : nil })
        peer.send(H2.headers(1, H2.post + [("expect", "100-continue")], end: false))
        #expect(peer[1].status == 403)
        #expect(peer[1].heads.count == 1)
        #expect(peer[1].ended)
    }

    @Test("100 Continue is sent to who waits for it")
    func expectation() {
        let peer = H2Peer()
        peer.send(H2.headers(1, H2.post + [("expect", "100-continue")], end: false))
        #expect(peer[1].heads.map { $0.map(\.value) } == [["100"]])
        peer.send(H2.data(1, "x", end: true))
        #expect(peer[1].heads.count == 2)
        #expect(peer[1].text == "POST /up x")
        peer.send(H2.headers(3, H2.get + [("expect", "100-continue")]))
        #expect(peer[3].heads.count == 1)
    }

    @Test("HEAD is answered without a body, 204 without a length")
    func withoutBody() {
        let peer = H2Peer(handle: { request, responder in
            responder.respond(request.method == .head ? .echo(request) : HTTPResponse(.noContent, body: [1]))
        })
        peer.send(H2.headers(1, [(":method", "HEAD")] + H2.get.dropFirst()) + H2.headers(3, H2.get))
        #expect(peer[1].field("content-length") == "7")
        #expect(peer[3].field("content-length") == nil)
        for stream: UInt32 in [1, 3] {
            #expect(peer[stream].ended)
            #expect(peer[stream].body.isEmpty)
        }
        #expect(!peer.frames.contains { $0.type == .data })
    }

    @Test("an answer's trailers come behind its body, or its lack of one", arguments: ["", "body"])
    func trailers(_ body: String) {
        let peer = H2Peer(handle: { _, responder in
            var response = HTTPResponse(.ok, body: Array(body.utf8))
            response.trailers = [("Grpc-Status", "0"), ("connection", "close")]
            responder.respond(response)
        })
        peer.send(H2.headers(1, H2.get) + H2.headers(3, [(":method", "HEAD")] + H2.get.dropFirst()))
        #expect(peer[1].text == body)
        #expect(peer[1].heads.count == 2)
        #expect(peer[1].heads.last?.map(\.name) == ["grpc-status"])
        #expect(peer[1].ended)
        #expect(peer[3].heads.count == 1)
        #expect(peer[3].ended)
    }

    @Test("an answer's fields cannot break anything")
    func answerFields() {
        let peer = H2Peer(handle: { _, responder in
            responder.respond(
                HTTPResponse(
                    .ok,
                    headers: [
                        ("Content-Type", " text/plain\t"), ("X", "a\r\nb: c"), ("Transfer-Encoding", "chunked"),
                        ("Connection", "close"), ("Keep-Alive", "1"), ("Upgrade", "x"), ("Proxy-Connection", "x"),
                        (":status", "500"), ("a b", "c"), ("", "c"), ("Content-Length", "7"), ("Date", "now"),
                    ]))
        })
        peer.send(H2.headers(1, H2.get))
        #expect(
            peer[1].heads.first?.map(\.name) == [
                ":status", "content-type", "x", "x-request-id", "date", "content-length",
            ])
        #expect(peer[1].field("content-type") == "text/plain")
        #expect(peer[1].field("x") == "a  b: c")
        #expect(peer[1].field("content-length") == "0")
    }

    @Test("streams are answered in the order their answers are ready")
    func concurrency() {
        let held = [Held(), Held()]
        let peer = H2Peer(handle: { request, responder in held[request.target.isPath("/up") ? 1 : 0].hold(responder) })
        peer.send(H2.headers(1, H2.get) + H2.headers(3, H2.post))
        held[1].release(HTTPResponse(.ok, body: [2]))
        peer.sendLateAnswers()
        #expect(peer[3].body == [2])
        #expect(peer[1].status == nil)
        held[0].drop()
        peer.sendLateAnswers()
        #expect(peer[1].status == 500)
    }

    @Test("more streams than the limit are refused or end the connection, and those before them are not harmed")
    func tooMany() {
        let held = [Held(), Held(), Held()]
        let next = Lock(0)
        let peer = H2Peer(
            { $0.maxConcurrentStreams = 2 },
            handle: { _, responder in
                let index = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                held[index].hold(responder)
            })
        #expect(peer.conversation.isFinished == false)
        peer.send(H2.headers(1, H2.get) + H2.headers(3, H2.get))
        // A stream that is reset still has its handler, so another one has to wait.
        peer.send(H2.reset(3) + H2.headers(5, H2.get))
        #expect(peer[5].reset == .refusedStream)
        #expect(held[1].clientHasGone)
        held[1].release(HTTPResponse(.ok))
        peer.sendLateAnswers()
        peer.send(H2.headers(7, H2.get))
        held[0].release(HTTPResponse(.ok))
        held[2].release(HTTPResponse(201))
        peer.sendLateAnswers()
        #expect(peer[1].status == 200)
        #expect(peer[7].status == 201)
    }

    @Test("a stream that the client resets is left, and reported as 499", arguments: [false, true])
    func reset(answersLate: Bool) throws {
        let held = Held()
        let peer = H2Peer(handle: { _, responder in held.hold(responder) })
        peer.send(H2.headers(1, H2.get))
        #expect(!held.clientHasGone)
        peer.send(H2.reset(1))
        #expect(held.clientHasGone)
        #expect(try #require(peer.records.next()).status == 499)
        if answersLate { held.release(HTTPResponse(.ok)) } else { held.drop() }
        #expect(peer.sendLateAnswers().isEmpty)
        peer.send(H2.headers(3, H2.get))
        #expect(peer.goAways.isEmpty)
    }

    @Test("a client that closes its side loses what is unfinished, and gets what is being answered")
    func endOfInput() throws {
        let held = Held()
        let peer = H2Peer(handle: { _, responder in held.hold(responder) })
        peer.send(H2.headers(1, H2.get) + H2.headers(3, H2.post, end: false))
        peer.finishSending()
        #expect(peer[3].reset == .cancel)
        #expect(!peer.conversation.isFinished)
        #expect(held.clientHasGone)
        held.release(HTTPResponse(.ok))
        peer.sendLateAnswers()
        #expect(peer[1].ended)
        #expect(peer.conversation.isFinished)
    }

    @Test("PING is answered with its own bytes")
    func ping() {
        let peer = H2Peer()
        #expect(
            peer.send(H2.ping("abcdefgh")) == [H2Frame(kind: 6, flags: 1, stream: 0, payload: Array("abcdefgh".utf8))])
    }

    @Test("frames of unknown types and settings of unknown names are ignored")
    func unknown() {
        let peer = H2Peer()
        peer.send(
            H2.frame(0xF0, flags: 0xFF, stream: 9, [1, 2, 3]) + H2.settings([(0xF0F0, 1)]) + H2.headers(1, H2.get))
        #expect(peer[1].status == 200)
    }
}
