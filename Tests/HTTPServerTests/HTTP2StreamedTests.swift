import HTTPServer
import Locks
import Testing

private let chunk = [UInt8](repeating: 7, count: 16_384)
private let head = HTTPResponse(.ok, headers: [("content-type", "a/b")])

/// A client and the one streamed request it is going to make.
private func streamed(
    _ request: StreamedRequest, settings: [(UInt16, UInt32)] = [],
    _ change: (inout ServerConfiguration) -> Void = { _ in }
) -> H2Peer {
    H2Peer(settings: settings, change, handler: StreamingHandler { _ in request })
}

@Suite("Streamed requests over HTTP/2")
struct HTTP2StreamedTests {
    // MARK: Both ways

    @Test("a body is handed on as it comes, and its answer goes out before it has ended")
    func bothWays() throws {
        let request = StreamedRequest()
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false))
        let stream = try #require(request.stream)
        stream.begin(head)
        stream.send(Array("one".utf8))
        peer.sendLateAnswers()
        #expect(peer[1].status == 200)
        #expect(peer[1].field("content-type") == "a/b")
        #expect(peer[1].field("content-length") == nil)
        #expect(peer[1].text == "one")
        peer.send(H2.data(1, "ab") + H2.data(1, "c"))
        #expect(request.body == Array("abc".utf8))
        stream.send(Array(" two".utf8))
        peer.sendLateAnswers()
        #expect(peer[1].text == "one two")
        peer.send(H2.data(1, "", end: true))
        #expect(request.events == [.begin, .end])
        stream.end(trailers: [("grpc-status", "0")], innerStatus: 7)
        peer.sendLateAnswers()
        #expect(peer[1].ended)
        #expect(peer[1].heads.last?.map(\.name) == ["grpc-status"])
        let record = try #require(peer.records.next())
        #expect(record.status == 200)
        #expect(record.innerStatus == 7)
        #expect(record.client == "somebody")
        #expect(peer.conversation.bufferBytes == 0)
    }

    @Test("what a handler gives while it is called needs no waking", arguments: [false, true])
    func inline(byByte: Bool) {
        let request = StreamedRequest { event, stream in
            if event == .begin { stream.begin(head) }
            if event == .end {
                stream.send([1, 2])
                stream.send([3])
                stream.end(trailers: [("a", "b")])
            }
        }
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false) + H2.data(1, "x", end: true), byByte: byByte)
        #expect(peer[1].body == [1, 2, 3])
        #expect(peer[1].ended)
        #expect(peer[1].heads.last?.first?.name == "a")
    }

    @Test("an end without trailers ends the stream")
    func withoutTrailers() {
        let request = StreamedRequest { event, stream in
            guard event == .begin else { return }
            stream.begin(head)
            stream.end()
        }
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post))
        #expect(peer[1].status == 200)
        #expect(peer[1].ended)
        #expect(peer[1].body.isEmpty)
    }

    @Test("a whole answer takes the place of one in pieces, and what follows of the body is dropped")
    func whole() {
        let request = StreamedRequest { event, stream in
            if event == .begin { stream.answer(HTTPResponse(415, headers: [("a", "b")])) }
        }
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false) + H2.data(1, chunk))
        #expect(peer[1].status == 415)
        #expect(peer[1].ended)
        #expect(request.body.isEmpty)
        #expect(peer.goAways.isEmpty)
    }

    @Test("the client's trailers end the body")
    func trailers() {
        let request = StreamedRequest()
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false) + H2.data(1, "x") + H2.headers(1, [("a", "b")]))
        #expect(request.events == [.begin, .end])
    }

    @Test("over HTTP/1.1, and for HEAD, the request is handled whole")
    func whereItCannotBe() {
        let request = StreamedRequest()
        let conversation = WireConversation(handler: StreamingHandler { _ in request })
        let answer = conversation.receive(
            Array("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx".utf8))
        #expect(String(decoding: answer, as: UTF8.self).hasSuffix("POST /a x"))
        let peer = streamed(request)
        peer.send(H2.headers(1, [(":method", "HEAD")] + H2.get.dropFirst()))
        #expect(peer[1].status == 200)
        #expect(request.events.isEmpty)
    }

    // MARK: Flow

    @Test("the window stays shut while the handler wants nothing, and opens once it has released some")
    func appetite() throws {
        let request = StreamedRequest(appetite: .none, releases: false)
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false))
        for _ in 0..<16 { peer.send(H2.data(1, chunk)) }
        #expect(peer.windowUpdates(1) == 0)
        // It is not the client's fault that nothing comes.
        peer.wait(milliseconds: 60_000)
        #expect(peer[1].status == nil)
        request.want(.anything)
        try #require(request.stream).release(16 * chunk.count)
        peer.sendLateAnswers()
        #expect(peer.windowUpdates(1) == 16 * chunk.count)
    }

    @Test("what handlers hold counts in the connection's bound, and the rest of what has begun goes on alone")
    func budget() throws {
        let requests = [StreamedRequest(appetite: .rest, releases: false), StreamedRequest(releases: false)]
        let peer = H2Peer(
            { $0.maxConnectionBytes = 400_000 },
            handler: StreamingHandler { requests[$0.target.isPath("/up") ? 0 : 1] })
        peer.send(H2.headers(1, H2.get, end: false) + H2.headers(3, H2.post, end: false))
        for _ in 0..<16 { peer.send(H2.data(1, chunk) + H2.data(3, chunk)) }
        let (idle, upload) = (peer.windowUpdates(1), peer.windowUpdates(3))
        for _ in 0..<8 { peer.send(H2.data(3, chunk)) }
        #expect(peer.windowUpdates(3) > upload)
        #expect(peer.windowUpdates(1) == idle)
        try #require(requests[0].stream).release(24 * chunk.count)
        peer.sendLateAnswers()
        #expect(peer.windowUpdates(1) > idle)
    }

    @Test("what a handler sends waits for the client's window, and it hears when there is room again")
    func backPressure() throws {
        let request = StreamedRequest()
        let peer = streamed(request, settings: [(4, 100_000)])
        peer.send(H2.windowUpdate(0, 1 << 20) + H2.headers(1, H2.post, end: false))
        let stream = try #require(request.stream)
        stream.begin(head)
        for _ in 0..<20 { stream.send(chunk) }
        stream.send([])
        peer.sendLateAnswers()
        #expect(peer[1].body.count == 100_000)
        #expect(stream.unsentBytes == 20 * chunk.count - 100_000)
        #expect(request.events == [.begin])
        #expect(peer.conversation.bufferBytes >= stream.unsentBytes)
        peer.send(H2.windowUpdate(1, 100_000))
        #expect(request.events == [.begin])
        peer.send(H2.windowUpdate(1, 100_000))
        #expect(request.events == [.begin, .more])
        peer.send(H2.windowUpdate(1, 100_000))
        #expect(peer[1].body.count == 20 * chunk.count)
        #expect(stream.unsentBytes == 0)
        #expect(!peer[1].ended)
        #expect(peer.frames.allSatisfy { $0.type != .data || !$0.payload.isEmpty })
    }

    @Test("a stream in pieces shares the connection with others")
    func sharing() throws {
        let request = StreamedRequest()
        let peer = H2Peer(handler: StreamingHandler { $0.target.isPath("/up") ? request : nil })
        peer.send(H2.headers(1, H2.post, end: false) + H2.windowUpdate(0, 1 << 20) + H2.windowUpdate(1, 1 << 20))
        let stream = try #require(request.stream)
        stream.begin(head)
        for _ in 0..<100 { stream.send(chunk) }
        let frames = peer.sendLateAnswers()
        #expect(frames.count { $0.type == .data } >= 65)
        peer.send(H2.headers(3, H2.get))
        #expect(peer[3].status == 200)
    }

    // MARK: Time

    @Test("the rest of what a client began has to come in time, and what has not begun may wait for ever")
    func bodyTimeout() {
        let requests = [StreamedRequest(appetite: .rest), StreamedRequest()]
        let peer = H2Peer(
            { $0.bodyTimeout = 1000 }, handler: StreamingHandler { requests[$0.target.isPath("/up") ? 0 : 1] })
        peer.send(H2.headers(1, H2.get, end: false) + H2.headers(3, H2.post, end: false))
        peer.send(H2.data(1, "x") + H2.data(3, "x"))
        peer.wait(milliseconds: 999)
        #expect(peer[3].status == nil)
        peer.wait(milliseconds: 1)
        #expect(peer[3].status == 408)
        #expect(requests[0].events == [.begin, .cancel])
        peer.wait(milliseconds: 10_000)
        #expect(peer[1].status == nil)
        #expect(peer[1].reset == nil)
    }

    @Test("a client that is too slow for an answer that has begun is reset")
    func bodyTimeoutLater() throws {
        let request = StreamedRequest(appetite: .rest)
        let peer = streamed(request, { $0.bodyTimeout = 1000 })
        peer.send(H2.headers(1, H2.post, end: false) + H2.data(1, "x"))
        try #require(request.stream).begin(head)
        peer.sendLateAnswers()
        peer.wait(milliseconds: 1000)
        #expect(peer[1].reset == .cancel)
        #expect(request.events == [.begin, .cancel])
    }

    @Test("a client that takes nothing of an answer in pieces is reset in time")
    func sendTimeout() throws {
        let request = StreamedRequest()
        let peer = streamed(request, settings: [(4, 0)], { $0.sendTimeout = 1000 })
        peer.send(H2.headers(1, H2.post))
        let stream = try #require(request.stream)
        stream.begin(head)
        peer.sendLateAnswers()
        peer.wait(milliseconds: 5000)
        #expect(peer[1].reset == nil)
        stream.send([1])
        peer.sendLateAnswers()
        peer.wait(milliseconds: 1000)
        #expect(peer[1].reset == .cancel)
        #expect(request.events == [.begin, .end, .cancel])
        #expect(stream.clientHasGone)
    }

    @Test("a client with nothing but quiet streams is asked whether it is there, and cut off when it does not say so")
    func quiet() {
        let request = StreamedRequest()
        let peer = streamed(request, { $0.idleTimeout = 1000 })
        peer.send(H2.headers(1, H2.post))
        for _ in 0..<3 {
            let frames = peer.wait(milliseconds: 1000)
            #expect(frames.contains { $0.type == .ping })
            peer.send(H2.ping("\0\0\0\0\0\0\0\0", isAnswer: true))
        }
        peer.wait(milliseconds: 1000)
        #expect(!peer.conversation.isFinished)
        peer.wait(milliseconds: 1000)
        #expect(peer.conversation.isFinished)
        #expect(request.events.last == .cancel)
    }

    // MARK: The end

    @Test("a handler hears of a client that has gone, whichever way", arguments: ["reset", "end", "abandon"])
    func cancelled(way: String) throws {
        let request = StreamedRequest(releases: false)
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false) + H2.data(1, "x"))
        switch way {
        case "reset": peer.send(H2.reset(1))
        case "end": peer.finishSending()
        default: peer.conversation.abandon()
        }
        #expect(request.events == [.begin, .cancel])
        let stream = try #require(request.stream)
        #expect(stream.clientHasGone)
        stream.begin(head)
        stream.send([1])
        stream.release(1)
        stream.end()
        peer.sendLateAnswers()
        #expect(peer[1].status == nil)
        #expect(try #require(peer.records.next()).status == 499)
    }

    @Test("a stream that nobody can end any more is answered with 500, or reset when its answer has begun")
    func dropped() throws {
        let requests = [StreamedRequest(), StreamedRequest()]
        let peer = H2Peer(handler: StreamingHandler { requests[$0.target.isPath("/up") ? 0 : 1] })
        peer.send(H2.headers(1, H2.get) + H2.headers(3, H2.post))
        try #require(requests[1].stream).begin(head)
        for request in requests { request.drop() }
        peer.sendLateAnswers()
        #expect(peer[3].status == 500)
        #expect(peer[1].reset == .internalError)
    }

    @Test("a handler may reset its stream")
    func reset() throws {
        let request = StreamedRequest()
        let peer = streamed(request)
        peer.send(H2.headers(1, H2.post, end: false))
        try #require(request.stream).reset()
        peer.sendLateAnswers()
        #expect(peer[1].reset == .cancel)
        #expect(request.events == [.begin])
    }

    @Test("streams that were reset count until their handlers let go of them")
    func running() {
        let requests = Lock<[StreamedRequest]>([])
        let peer = H2Peer(
            { $0.maxConcurrentStreams = 3 },
            handler: StreamingHandler { _ in
                let request = StreamedRequest()
                requests.withLock { $0.append(request) }
                return request
            })
        for stream: UInt32 in [1, 3, 5] { peer.send(H2.headers(stream, H2.post) + H2.reset(stream)) }
        peer.send(H2.headers(7, H2.post))
        #expect(peer[7].reset == .refusedStream)
        for request in requests.withLock({ $0 }) { request.drop() }
        peer.sendLateAnswers()
        peer.send(H2.headers(9, H2.post))
        #expect(peer[9].reset == nil)
        #expect(requests.withLock { $0.count } == 4)
    }

    @Test("draining is told to those that are there and to those that come, and what they end is sent")
    func draining() {
        let requests = Lock<[StreamedRequest]>([])
        let peer = H2Peer(
            handler: StreamingHandler { _ in
                let request = StreamedRequest { event, stream in
                    if event == .begin { stream.begin(head) }
                    if event == .drain { stream.end(trailers: [("a", "b")]) }
                }
                requests.withLock { $0.append(request) }
                return request
            })
        peer.send(H2.headers(1, H2.post, end: false))
        peer.drain()
        #expect(peer[1].ended)
        peer.send(H2.headers(3, H2.post, end: false))
        #expect(peer[3].ended)
        peer.send(H2.ping("\0\0\0\0\0\0\0\0", isAnswer: true))
        peer.send(H2.data(1, "", end: true) + H2.data(3, "", end: true))
        #expect(peer.conversation.isFinished)
        #expect(requests.withLock { $0.map(\.events) } == [[.begin, .drain], [.begin, .drain]])
    }

    // MARK: A socket

    @Test("a real server wakes a connection whose handler sends from another thread")
    func socket() throws {
        let request = StreamedRequest()
        // The handler has it, and the stream has what the server's loop is known by.
        defer { request.drop() }
        let server = try TestServer({ _ in }, handler: StreamingHandler { _ in request })
        let client = try H2Client.connected(to: server)
        try client.client.send(H2.headers(1, H2.post, end: false))
        #expect(eventually { request.stream != nil })
        let stream = try #require(request.stream)
        stream.begin(head)
        for byte in 0..<100 { stream.send([UInt8(byte)]) }
        stream.end(trailers: [("a", "b")])
        #expect(try client.receive { client[1].ended })
        #expect(client[1].body == Array(0..<100))
        #expect(client[1].heads.last?.first?.value == "b")
    }
    @Test("further ports answer as the first does")
    func morePorts() throws {
        let server = try TestServer { $0.morePorts = [0] }
        try #require(server.addresses.count == 2)
        for address in server.addresses {
            #expect(try TestClient(address).exchange("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").text == "GET /a ")
        }
    }
}
