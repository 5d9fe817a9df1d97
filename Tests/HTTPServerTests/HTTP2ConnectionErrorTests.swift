import HTTPServer
import Testing

/// Bytes that end a connection, and the code that says so.
struct ConnectionError: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var code: HTTP2ErrorCode

    init(_ name: String, _ code: HTTP2ErrorCode, _ bytes: [UInt8]) {
        testDescription = name
        self.bytes = bytes
        self.code = code
    }

    private static let block = H2.block(H2.get)
    private static let big = [UInt8](repeating: 0, count: 16_385)

    /// A field block as it stands, in a frame of its own.
    private static func hpack(_ bytes: [UInt8]) -> [UInt8] { H2.frame(.headers, flags: 5, stream: 1, bytes) }

    static let all: [ConnectionError] = [
        // RFC 9113, section 4.2: no frame is larger than SETTINGS_MAX_FRAME_SIZE.
        ConnectionError("DATA too large", .frameSizeError, H2.headers(1, H2.post, end: false) + H2.data(1, big)),
        ConnectionError("HEADERS too large", .frameSizeError, H2.frame(.headers, flags: 5, stream: 1, big)),
        ConnectionError("SETTINGS too large", .frameSizeError, H2.frame(.settings, big)),
        ConnectionError("an unknown frame too large", .frameSizeError, H2.frame(0xF0, big)),
        // Section 6.1
        ConnectionError("DATA on stream 0", .protocolError, H2.data(0, "x")),
        ConnectionError("DATA on an idle stream", .protocolError, H2.data(1, "x")),
        ConnectionError(
            "DATA padded beyond its end", .protocolError,
            H2.headers(1, H2.post, end: false) + H2.frame(.data, flags: 8, stream: 1, [3, 0, 0])),
        ConnectionError(
            "padded DATA without its length", .protocolError,
            H2.headers(1, H2.post, end: false) + H2.frame(.data, flags: 8, stream: 1)),
        // Section 6.2
        ConnectionError("HEADERS on stream 0", .protocolError, H2.headers(0, H2.get)),
        ConnectionError("HEADERS on a stream of the server's", .protocolError, H2.headers(2, H2.get)),
        ConnectionError(
            "HEADERS padded beyond its end", .protocolError, H2.frame(.headers, flags: 0xD, stream: 1, [200] + block)),
        ConnectionError(
            "HEADERS too short for its priority", .frameSizeError,
            H2.frame(.headers, flags: 0x25, stream: 1, [0, 0, 0])),
        // Section 5.1.1: new streams have higher numbers.
        ConnectionError(
            "HEADERS on a stream that was passed over", .protocolError, H2.headers(5, H2.get) + H2.headers(3, H2.get)),
        // Section 6.3
        ConnectionError("PRIORITY on stream 0", .protocolError, H2.frame(.priority, [0, 0, 0, 1, 0])),
        ConnectionError("PRIORITY of a wrong size", .frameSizeError, H2.frame(.priority, stream: 1, [0, 0, 0, 1])),
        // Section 6.4
        ConnectionError("RST_STREAM on stream 0", .protocolError, H2.reset(0)),
        ConnectionError("RST_STREAM on an idle stream", .protocolError, H2.reset(1)),
        ConnectionError("RST_STREAM of a wrong size", .frameSizeError, H2.frame(.resetStream, stream: 1, [0, 0, 1])),
        // Section 6.5
        ConnectionError("SETTINGS on a stream", .protocolError, H2.frame(.settings, stream: 1)),
        ConnectionError("SETTINGS of a wrong size", .frameSizeError, H2.frame(.settings, [0, 1, 0, 0, 0])),
        ConnectionError("SETTINGS acknowledged with a payload", .frameSizeError, H2.frame(.settings, flags: 1, [0])),
        ConnectionError("ENABLE_PUSH neither 0 nor 1", .protocolError, H2.settings([(2, 2)])),
        ConnectionError("INITIAL_WINDOW_SIZE too large", .flowControlError, H2.settings([(4, 1 << 31)])),
        ConnectionError("MAX_FRAME_SIZE too small", .protocolError, H2.settings([(5, 16_383)])),
        ConnectionError("MAX_FRAME_SIZE too large", .protocolError, H2.settings([(5, 1 << 24)])),
        // Section 6.6
        ConnectionError(
            "PUSH_PROMISE of a client", .protocolError,
            H2.headers(1, H2.post, end: false) + H2.frame(.pushPromise, flags: 4, stream: 1, [0, 0, 0, 2] + block)),
        // Section 6.7
        ConnectionError(
            "PING on a stream", .protocolError, H2.frame(.ping, stream: 1, [UInt8](repeating: 0, count: 8))),
        ConnectionError("PING of a wrong size", .frameSizeError, H2.frame(.ping, [0])),
        // Section 6.8
        ConnectionError(
            "GOAWAY on a stream", .protocolError, H2.frame(.goAway, stream: 1, [UInt8](repeating: 0, count: 8))),
        ConnectionError("GOAWAY too short", .frameSizeError, H2.frame(.goAway, [0, 0, 0, 0])),
        // Section 6.9
        ConnectionError("WINDOW_UPDATE of a wrong size", .frameSizeError, H2.frame(.windowUpdate, [0, 0, 1])),
        ConnectionError("WINDOW_UPDATE by nothing", .protocolError, H2.windowUpdate(0, 0)),
        // Section 6.9 has a stream error here; the session does not trust the client any more.
        ConnectionError(
            "WINDOW_UPDATE of a stream by nothing", .protocolError,
            H2.headers(1, H2.post, end: false) + H2.windowUpdate(1, 0)),
        ConnectionError("WINDOW_UPDATE on an idle stream", .protocolError, H2.windowUpdate(1, 1)),
        ConnectionError(
            "WINDOW_UPDATE beyond the largest window", .flowControlError, H2.windowUpdate(0, 0x7FFF_FFFF)),
        // Section 6.10
        ConnectionError("CONTINUATION of nothing", .protocolError, H2.frame(.continuation, flags: 4, stream: 1, block)),
        ConnectionError(
            "CONTINUATION of a whole head", .protocolError,
            H2.headers(1, H2.post, end: false) + H2.frame(.continuation, flags: 4, stream: 1, block)),
        ConnectionError(
            "CONTINUATION on another stream", .protocolError,
            H2.frame(.headers, stream: 1, block) + H2.frame(.continuation, flags: 4, stream: 3)),
        ConnectionError(
            "DATA inside a head", .protocolError, H2.frame(.headers, stream: 1, block) + H2.data(1, "x")),
        ConnectionError("PING inside a head", .protocolError, H2.frame(.headers, stream: 1, block) + H2.ping()),
        ConnectionError(
            "an unknown frame inside a head", .protocolError, H2.frame(.headers, stream: 1, block) + H2.frame(0xF0)),
        // RFC 7541: a field block that cannot be unpacked leaves the two sides with different tables.
        ConnectionError("the field with index 0", .compressionError, hpack([0x80])),
        ConnectionError("an index beyond the tables", .compressionError, hpack([0xBE])),
        ConnectionError(
            "an index that overflows", .compressionError, hpack([0xFF] + [UInt8](repeating: 0xFF, count: 9))),
        ConnectionError("a name that is cut off", .compressionError, hpack([0x00, 0x05, 0x61])),
        ConnectionError("a table larger than allowed", .compressionError, hpack([0x3F, 0xE2, 0x1F])),
        ConnectionError("a table's size behind a field", .compressionError, hpack([0x82, 0x20])),
        ConnectionError("Huffman text with a wrong end", .compressionError, hpack([0x00, 0x81, 0x00, 0x00])),
        ConnectionError(
            "Huffman text with the end-of-string symbol", .compressionError,
            hpack([0x00, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00])),
    ]
}

@Suite("What ends an HTTP/2 connection")
struct HTTP2ConnectionErrorTests {
    @Test("a connection error is told with its code, however its bytes are cut", arguments: ConnectionError.all)
    func connectionError(_ error: ConnectionError) {
        for byByte in [false, true] {
            let peer = H2Peer()
            peer.send(error.bytes, byByte: byByte)
            #expect(peer.ending == error.code)
            #expect(peer.conversation.isFinished)
            // What comes behind it is not looked at.
            #expect(peer.send(H2.headers(7, H2.get)).isEmpty)
        }
    }

    @Test("the first frame has to be SETTINGS")
    func firstFrame() {
        for frame in [H2.ping(), H2.headers(1, H2.get), H2.settingsAcknowledgement] {
            let peer = H2Peer(isFresh: true)
            peer.send(H2.preface + frame)
            #expect(peer.ending == .protocolError)
            #expect(peer.conversation.isFinished)
        }
    }

    @Test("a preface that goes wrong late is answered as HTTP/1")
    func wrongPreface() {
        for wrong in ["PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "PRI * HTTP/2.1\r\n\r\n", "PRX"] {
            let peer = H2Peer(isFresh: true)
            let answer = String(decoding: peer.conversation.receive(Array(wrong.utf8)), as: UTF8.self)
            #expect(wrong == "PRX" ? answer.isEmpty : answer.hasPrefix("HTTP/1.1 50"))
        }
    }

    @Test("a connection that is HTTP/2 for certain takes no other preface")
    func certain() {
        let conversation = WireConversation(
            handler: TestHandler(handle: { $1.respond(.echo($0)) }, refuse: { _ in nil }), speaksHTTP2: true)
        var bytes = conversation.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        let frames = H2Frame.parse(&bytes)
        #expect(frames.first?.type == .settings)
        #expect(frames.last?.type == .goAway)
        #expect(frames.last?.number(at: 4) == HTTP2ErrorCode.protocolError.rawValue)
        #expect(conversation.isFinished)
    }
}
