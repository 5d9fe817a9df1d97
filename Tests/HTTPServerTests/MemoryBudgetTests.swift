import HTTPServer
import Locks
import Testing

/// A client of HTTP/1.1 without a socket.
private final class Client {
    let conversation: WireConversation
    let held = HeldRequest()

    /// `/hold` is answered when the test says so, anything else at once, with as many bytes as the path says.
    init(_ change: (inout ServerConfiguration) -> Void = { _ in }) {
        var configuration = ServerConfiguration()
        change(&configuration)
        let held = held
        conversation = WireConversation(
            configuration: configuration,
            handler: TestHandler(
                handle: { request, responder in
                    if request.target.isPath("/hold") { return held.hold(request, responder) }
                    let count = Int(request.target.rawPath.dropFirst()) ?? 0
                    responder.respond(HTTPResponse(.ok, body: [UInt8](repeating: 7, count: count)))
                },
                refuse: { $0.target.isPath("/no") ? HTTPResponse(404) : nil }))
    }

    func send(_ text: String) -> String { String(decoding: conversation.receive(Array(text.utf8)), as: UTF8.self) }

    func post(_ path: String, length: Int) -> String {
        send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
    }
}

/// Holds a request until a test answers it, as a worker would.
private final class HeldRequest: Sendable {
    private let request = Lock<HTTPRequest?>(nil)
    private let responder = Held()

    func hold(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        self.request.withLock { $0 = request }
        self.responder.hold(responder)
    }

    func release() {
        request.withLock { $0 = nil }
        responder.release(HTTPResponse(.ok))
    }

    func drop() {
        request.withLock { $0 = nil }
        responder.drop()
    }
}

private let large = String(repeating: "x", count: 100_000)

@Suite("The memory of bodies and answers")
struct MemoryBudgetTests {
    @Test("a body counts as it arrives, not as it is announced, until its request is answered")
    func counts() {
        let client = Client()
        #expect(client.post("/hold", length: 100_000).isEmpty)
        #expect(client.conversation.bufferBytes == 0)
        #expect(client.send(String(large.prefix(1000))).isEmpty)
        #expect(client.conversation.bufferBytes == 64 << 10)
        #expect(client.send(String(large.dropFirst(1000))).isEmpty)
        #expect(client.conversation.bufferBytes == 100_000)
        client.held.release()
        _ = client.conversation.sendLateAnswers()
        #expect(client.conversation.bufferBytes == 0)
    }

    @Test("a body that would not fit is refused at its head, one that is small never is")
    func refusedAtHead() {
        let client = Client { $0.maxBufferBytes = 50_000 }
        let refused = client.post("/0", length: 50_001)
        // It is short enough to be read past, so the answer waits for its end and the connection lives on.
        #expect(refused.isEmpty)
        let answer = client.send(String(large.prefix(50_001)))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("Retry-After: 1\r\n"))
        #expect(!answer.contains("Connection: close"))
        #expect(answer.contains("fit into 50000 bytes (max_buffer_bytes), received more."))
        #expect(client.post("/0", length: 4000).isEmpty)
        #expect(client.send(String(large.prefix(4000))).hasPrefix("HTTP/1.1 200 "))
        // This one is not worth reading.
        let closing = client.post("/0", length: 1 << 20)
        #expect(closing.hasPrefix("HTTP/1.1 503 "))
        #expect(closing.contains("Connection: close\r\n"))
        #expect(client.conversation.isFinished)
    }

    @Test("a body without a length is refused when there is no more room")
    func refusedInTheMidst() {
        let client = Client { $0.maxBufferBytes = 50_000 }
        #expect(client.send("POST /0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").isEmpty)
        #expect(client.send("4e20\r\n\(large.prefix(20_000))\r\n").isEmpty)
        #expect(client.conversation.bufferBytes == 20_000)
        let answer = client.send("4e20\r\n\(large.prefix(20_000))\r\n" + "4e20\r\n\(large.prefix(20_000))\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("Connection: close\r\n"))
        #expect(client.conversation.bufferBytes == 0)
    }

    @Test("an answer that does not fit gives way to a refusal")
    func answers() {
        let client = Client { $0.maxBufferBytes = 50_000 }
        #expect(client.send("GET /50000 HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
        #expect(client.send("GET /50001 HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 503 "))
        #expect(client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
    }

    @Test(
        "every end of an HTTP/1 request gives its memory back",
        arguments: ["answered", "dropped", "refused", "ended", "broken", "too large", "gone", "gone while it waits"])
    func endsHTTP1(_ end: String) {
        let client = Client { $0.maxBodyBytes = 150_000 }
        let isChunked = end == "broken" || end == "too large"
        if isChunked {
            _ = client.send(
                "POST /0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n\(large)\r\n")
        } else {
            _ = client.post(end == "refused" ? "/no" : "/hold", length: end == "refused" ? 60_000 : 100_000)
            _ = client.send(String(large.prefix(50_000)))
        }
        #expect(client.conversation.bufferBytes == (end == "refused" ? 0 : isChunked ? 100_000 : 64 << 10))
        switch end {
        case "answered", "dropped", "gone while it waits":
            _ = client.send(String(large.prefix(50_000)))
            #expect(client.conversation.bufferBytes == 100_000)
            if end == "gone while it waits" { client.conversation.abandon() }
            if end == "dropped" { client.held.drop() } else { client.held.release() }
            _ = client.conversation.sendLateAnswers()
        case "ended": _ = client.conversation.endInput()
        case "broken": #expect(client.send("nonsense\r\n").hasPrefix("HTTP/1.1 400 "))
        case "too large": #expect(client.send("186a0\r\n").hasPrefix("HTTP/1.1 413 "))
        case "gone": client.conversation.abandon()
        default: #expect(client.send(String(large.prefix(10_000))).hasPrefix("HTTP/1.1 404 "))
        }
        #expect(client.conversation.bufferBytes == 0)
    }

    @Test(
        "every end of an HTTP/2 stream gives its memory back",
        arguments: ["answered", "reset", "reset while it waits", "late", "broken", "gone", "stalled"])
    func endsHTTP2(_ end: String) {
        let held = HeldRequest()
        let peer = H2Peer(
            settings: end == "stalled" ? [(4, 0)] : [], { $0.sendTimeout = 1000 },
            handle: { request, responder in
                if end == "stalled" {
                    return responder.respond(HTTPResponse(.ok, body: [UInt8](repeating: 1, count: 50_000)))
                }
                held.hold(request, responder)
            })
        peer.send(H2.headers(1, H2.post, end: false))
        for _ in 0..<3 { peer.send(H2.data(1, [UInt8](repeating: 7, count: 16_384))) }
        #expect(peer.conversation.bufferBytes == 64 << 10)
        switch end {
        case "answered", "reset while it waits":
            peer.send(H2.data(1, "", end: true))
            if end != "answered" { peer.send(H2.reset(1)) }
            #expect(peer.conversation.bufferBytes == 64 << 10)
            held.release()
            peer.sendLateAnswers()
        case "reset": peer.send(H2.reset(1))
        case "late": peer.wait(milliseconds: 30_000)
        case "broken": peer.send(H2.data(0, "x"))
        case "gone": peer.conversation.abandon()
        default:
            peer.send(H2.data(1, "", end: true))
            #expect(peer.conversation.bufferBytes == 50_000)
            peer.wait(milliseconds: 1000)
            #expect(peer[1].reset == .cancel)
        }
        #expect(peer.conversation.bufferBytes == 0)
    }

    @Test("HTTP/2 refuses one stream and serves the others")
    func refusesStream() {
        let peer = H2Peer({ $0.maxBufferBytes = 50_000 })
        peer.send(H2.headers(1, H2.post + [("content-length", "50001")], end: false))
        #expect(peer[1].status == 503)
        #expect(peer[1].field("retry-after") == "1")
        peer.send(H2.headers(3, H2.post, end: false))
        for _ in 0..<4 { peer.send(H2.data(3, [UInt8](repeating: 7, count: 16_384))) }
        #expect(peer[3].status == 503)
        peer.send(H2.headers(5, H2.get))
        #expect(peer[5].status == 200)
        #expect(peer.conversation.bufferBytes == 0)
        #expect(peer.goAways.isEmpty)
    }
}
