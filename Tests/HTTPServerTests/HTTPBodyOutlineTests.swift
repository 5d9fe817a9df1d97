import HTTPServer
import Locks
import Testing

/// Knows of each body where its numbers are, and notes where the body came to lie.
private final class OutliningHandler: HTTPHandler {
    private let known: HTTPBodyOutline
    let addresses = Lock<[Int]>([])
    let beginnings = Lock<[Int]>([])

    init(_ known: HTTPBodyOutline) { self.known = known }

    func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        beginnings.withLock { $0.append(beginning.count) }
        return known
    }

    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let (address, body) = unsafe request.body.withUnsafeBytes {
            unsafe (Int(bitPattern: $0.baseAddress), Array($0))
        }
        addresses.withLock { $0.append(address) }
        responder.respond(HTTPResponse(.ok, body: body))
    }
}

@Suite("What is known of bodies before they are there")
struct HTTPBodyOutlineTests {
    private static let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }

    /// A client that takes whatever is sent.
    private static func peer(_ handler: OutliningHandler) -> H2Peer {
        let peer = H2Peer(settings: [(4, 0x7FFF_FFFF)], handler: handler)
        _ = peer.send(H2.windowUpdate(0, 0x7FFF_0000))
        return peer
    }

    @Test("numbers lie at a rounded address in a large body of HTTP/1.1", arguments: [0, 1, 117, 16, 99_999, -3])
    func http1(offset: Int) {
        let handler = OutliningHandler(HTTPBodyOutline(numbersOffset: offset))
        for piece in [Self.body.count, 1000] {
            let conversation = WireConversation(handler: handler)
            var sent = conversation.receive(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n".utf8))
            for start in stride(from: 0, to: Self.body.count, by: piece) {
                sent += conversation.receive(Array(Self.body[start..<min(start + piece, Self.body.count)]))
            }
            #expect(sent.suffix(Self.body.count) == Self.body[...])
        }
        let rounded = handler.addresses.withLock { $0.map { ($0 + max(offset, 0)) % 16 } }
        #expect(rounded == [0, 0])
    }

    @Test("small bodies are not asked about")
    func small() {
        let handler = OutliningHandler(HTTPBodyOutline())
        let conversation = WireConversation(handler: handler)
        let sent = conversation.receive(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8))
        #expect(String(decoding: sent, as: UTF8.self).hasSuffix("hello"))
        #expect(handler.beginnings.withLock { $0 } == [])
    }

    @Test(
        "in HTTP/2 the first frame tells, and a length that is wrong does no harm",
        arguments: [nil, 100_000, 9000, 1, 1 << 40] as [Int?])
    func http2(length: Int?) {
        let handler = OutliningHandler(HTTPBodyOutline(numbersOffset: 13, length: length))
        let peer = Self.peer(handler)
        _ = peer.send(H2.headers(1, H2.post, end: false))
        for start in stride(from: 0, to: Self.body.count, by: 10_000) {
            let end = start + 10_000
            _ = peer.send(H2.data(1, Array(Self.body[start..<end]), end: end == Self.body.count))
        }
        #expect(peer[1].body == Self.body)
        #expect(handler.beginnings.withLock { $0 } == [10_000])
        #expect(handler.addresses.withLock { $0.map { ($0 + 13) % 16 } } == [0])
    }

    @Test("a large body's window is opened wide, on a few streams")
    func windows() {
        let peer = Self.peer(OutliningHandler(HTTPBodyOutline()))
        var opened: [Bool] = []
        for stream in stride(from: UInt32(1), through: 19, by: 2) {
            _ = peer.send(H2.headers(stream, H2.post, end: false))
            for _ in 0..<13 { _ = peer.send(H2.data(stream, Array(Self.body.prefix(10_000)))) }
            #expect(peer.windowUpdates(stream) < 1 << 20)
            _ = peer.send(H2.data(stream, Array(Self.body.prefix(10_000))))
            opened.append(peer.windowUpdates(stream) >= 1 << 20)
        }
        #expect(opened == Array(repeating: true, count: 8) + [false, false])
        // Where one has ended another may have it.
        _ = peer.send(H2.data(1, [], end: true))
        _ = peer.send(H2.data(19, Array(Self.body.prefix(10_000))))
        #expect(peer.windowUpdates(19) >= 1 << 20)
    }
}
