import HTTPServer
import Testing

/// A request that is none, and the code its stream ends with.
struct StreamError: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var code: HTTP2ErrorCode

    init(_ name: String, _ bytes: [UInt8], _ code: HTTP2ErrorCode = .protocolError) {
        testDescription = name
        self.bytes = bytes
        self.code = code
    }

    init(_ name: String, fields: H2.Fields) { self.init(name, H2.headers(1, fields)) }

    init(_ name: String, _ field: String, _ value: String) { self.init(name, fields: H2.get + [(field, value)]) }

    static let all: [StreamError] = [
        // RFC 9113, section 8.3: pseudo-fields.
        StreamError("a pseudo-field behind a field", fields: [("a", "b")] + H2.get),
        StreamError("an unknown pseudo-field", fields: [(":foo", "b")] + H2.get),
        StreamError("a pseudo-field of answers", fields: [(":status", "200")] + H2.get),
        StreamError("no method", fields: Array(H2.get.dropFirst())),
        StreamError("no path", fields: Array(H2.get.dropLast())),
        StreamError("no scheme", fields: [H2.get[0], H2.get[2], H2.get[3]]),
        StreamError("neither authority nor host", fields: [H2.get[0], H2.get[1], H2.get[3]]),
        StreamError("two paths", fields: H2.get + [(":path", "/")]),
        StreamError("two methods", fields: [(":method", "GET")] + H2.get),
        StreamError("two schemes", fields: [(":scheme", "http")] + H2.get),
        StreamError("two authorities", fields: [(":authority", "a")] + H2.get),
        StreamError("an empty path", fields: H2.get.dropLast() + [(":path", "")]),
        StreamError("a path without its slash", fields: H2.get.dropLast() + [(":path", "a")]),
        StreamError("a path with a space", fields: H2.get.dropLast() + [(":path", "/a b")]),
        StreamError("a whole URL for a path", fields: H2.get.dropLast() + [(":path", "http://a/")]),
        StreamError("an asterisk without OPTIONS", fields: H2.get.dropLast() + [(":path", "*")]),
        StreamError("a method that is no token", fields: [(":method", "G T")] + H2.get.dropFirst()),
        StreamError("an authority that is no host", fields: [H2.get[0], H2.get[1], (":authority", "a b"), H2.get[3]]),
        StreamError("an authority with a user", fields: [H2.get[0], H2.get[1], (":authority", "u@a"), H2.get[3]]),
        StreamError("a host that is not the authority", "host", "b"),
        StreamError("two hosts", fields: [H2.get[0], H2.get[1], H2.get[3], ("host", "a"), ("host", "a")]),
        StreamError("CONNECT with a path", fields: [(":method", "CONNECT")] + H2.get.dropFirst()),
        StreamError(
            "extended CONNECT", fields: [(":method", "CONNECT"), (":protocol", "websocket")] + H2.get.dropFirst()),
        // Section 8.2.1: names and values.
        StreamError("a name in upper case", "Accept", "*/*"),
        StreamError("a name with a space", "a b", "c"),
        StreamError("a name with a colon", "a:b", "c"),
        StreamError("an empty name", "", "c"),
        StreamError("a name beyond ASCII", "\u{E9}", "c"),
        StreamError("a value with NUL", "a", "b\0c"),
        StreamError("a value with CR", "a", "b\rc"),
        StreamError("a value with LF", "a", "b\nc"),
        StreamError("a value that begins with a space", "a", " b"),
        StreamError("a value that ends with a tab", "a", "b\t"),
        // Section 8.2.2: fields of HTTP/1 connections.
        StreamError("Connection", "connection", "close"),
        StreamError("Keep-Alive", "keep-alive", "timeout=5"),
        StreamError("Proxy-Connection", "proxy-connection", "keep-alive"),
        StreamError("Transfer-Encoding", "transfer-encoding", "chunked"),
        StreamError("Upgrade", "upgrade", "h2c"),
        StreamError("TE other than trailers", "te", "gzip"),
        // Section 8.1.1: lengths.
        StreamError("a length that is no number", "content-length", "1x"),
        StreamError("two lengths", fields: H2.get + [("content-length", "0"), ("content-length", "1")]),
        StreamError("a length without a body", "content-length", "1"),
        StreamError(
            "a body shorter than its length",
            H2.headers(1, H2.post + [("content-length", "3")], end: false) + H2.data(1, "ab", end: true)),
        StreamError(
            "a body longer than its length",
            H2.headers(1, H2.post + [("content-length", "3")], end: false) + H2.data(1, "abcd")),
        // Section 8.1: trailers.
        StreamError(
            "trailers that do not end the stream",
            H2.headers(1, H2.post, end: false) + H2.headers(1, [("a", "b")], end: false)),
        StreamError(
            "trailers with a pseudo-field",
            H2.headers(1, H2.post, end: false) + H2.headers(1, [(":path", "/")])),
        StreamError(
            "trailers with Connection", H2.headers(1, H2.post, end: false) + H2.headers(1, [("connection", "close")])),
        // Section 6.9
        StreamError(
            "WINDOW_UPDATE beyond the largest window",
            H2.headers(1, H2.post, end: false) + H2.windowUpdate(1, 0x7FFF_FFFF), .flowControlError),
    ]
}

@Suite("What ends an HTTP/2 stream")
struct HTTP2StreamErrorTests {
    @Test("a stream error is told with its code, and the connection lives on", arguments: StreamError.all)
    func streamError(_ error: StreamError) {
        for byByte in [false, true] {
            let peer = H2Peer()
            peer.send(error.bytes, byByte: byByte)
            #expect(peer[1].reset == error.code)
            #expect(peer[1].heads.isEmpty)
            #expect(peer.goAways.isEmpty)
            #expect(peer.records.next()?.status == 400)
            peer.send(H2.headers(3, H2.get))
            #expect(peer[3].status == 200)
        }
    }

    /// RFC 9113, section 5.1: half-closed (remote). The session takes the whole connection for broken, as section 5.4.1
    /// allows.
    @Test("frames behind the end of a request are an error of the kind STREAM_CLOSED")
    func afterTheEnd() {
        for frame in [H2.data(1, "x"), H2.headers(1, [("a", "b")])] {
            let held = Held()
            let peer = H2Peer(handle: { _, responder in held.hold(responder) })
            peer.send(H2.headers(1, H2.get) + frame)
            #expect((peer.ending ?? peer[1].reset) == .streamClosed)
            held.drop()
        }
    }

    @Test("on a closed stream RST_STREAM, WINDOW_UPDATE and PRIORITY are ignored, anything else is STREAM_CLOSED")
    func closed() {
        let peer = H2Peer()
        peer.send(H2.headers(1, H2.get))
        #expect(peer[1].ended)
        peer.send(H2.reset(1) + H2.windowUpdate(1, 5) + H2.frame(.priority, stream: 1, [0, 0, 0, 0, 1]))
        #expect(peer.goAways.isEmpty)
        peer.send(H2.headers(3, H2.get))
        #expect(peer[3].status == 200)
        peer.send(H2.headers(1, H2.get))
        #expect(peer.ending == .streamClosed)
    }

    @Test("what was under way to a stream that the server has reset is ignored")
    func late() {
        let peer = H2Peer()
        peer.send(H2.headers(1, H2.post + [("connection", "close")], end: false))
        #expect(peer[1].reset == .protocolError)
        peer.send(H2.data(1, "x") + H2.headers(1, [("a", "b")]))
        #expect(peer.goAways.isEmpty)
        peer.send(H2.headers(3, H2.get))
        #expect(peer[3].status == 200)
    }

    @Test("more bytes than the window takes are FLOW_CONTROL_ERROR")
    func overrun() {
        // A handler that never reads has nothing to do with it: what counts is what the budget lets in.
        let peer = H2Peer({ $0.maxConnectionBytes = 1 })
        peer.send(H2.headers(1, H2.post, end: false) + H2.headers(3, H2.post, end: false))
        let chunk = [UInt8](repeating: 7, count: 16_384)
        for _ in 0..<16 { peer.send(H2.data(3, chunk)) }
        #expect(peer[3].reset == nil)
        #expect(peer.windowUpdates(3) == 0)
        peer.send(H2.data(3, "x"))
        #expect((peer.ending ?? peer[3].reset) == .flowControlError)
    }
}
