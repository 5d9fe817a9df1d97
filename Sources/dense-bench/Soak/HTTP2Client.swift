/// A small client of HTTP/2 (RFC 9113): requests of less than a window, several at once, and no compression of fields.
package final class HTTP2Client {
    /// A request, without its pseudo-fields for the place.
    package struct Request {
        var method: String
        var target: String
        var fields: [(name: String, value: String)]
        var body: [UInt8]

        /// A request for a target.
        package init(
            method: String = "POST", target: String, fields: [(name: String, value: String)] = [], body: [UInt8] = []
        ) {
            self.method = method
            self.target = target
            self.fields = fields
            self.body = body
        }
    }

    /// Why an exchange came to nothing.
    package enum Failure: Error {
        case connection(LoadError)
        /// The server reset a stream, or ended the connection for a fault.
        case ended(frame: UInt8)
        /// The server is about to end the connection and has not looked at some of the requests, which can be sent again.
        case notProcessed
        /// A status other than 200; which one may be compressed.
        case refused
    }

    private enum Kind {
        static let (data, headers, reset, settings, ping, goAway, window) = (
            UInt8(0), UInt8(1), UInt8(3), UInt8(4), UInt8(6), UInt8(7), UInt8(8)
        )
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(Kind.settings, [])
    private static let frameSize = 16_384

    private let connection: BlockingConnection
    private let authority: String
    private let scheme: String
    /// Whether the server wants no more requests on this connection.
    package private(set) var isEnding = false
    private var nextStream: UInt32 = 1
    private var received: [UInt8] = []

    package init(_ connection: BlockingConnection, _ address: LoadAddress) {
        self.connection = connection
        authority = address.authority
        scheme = address.scheme
        connection.send(Self.preface)
    }

    /// Sends all requests, each on a stream of its own, and waits for all answers; their bodies in the requests' order.
    package func exchange(_ requests: [Request]) throws(Failure) -> [[UInt8]] {
        var streams: [UInt32: Int] = [:]
        for (index, request) in requests.enumerated() {
            streams[nextStream] = index
            connection.send(Self.frames(of: request, stream: nextStream, scheme: scheme, authority: authority))
            nextStream += 2
        }
        var bodies = [[UInt8]](repeating: [], count: requests.count)
        var isWhole = true
        while !streams.isEmpty {
            let frame: (kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])
            do throws(Failure) { frame = try nextFrame() } catch {
                // What the last GOAWAY did not name is told of by the end.
                if isEnding { throw .notProcessed }
                throw error
            }
            switch frame.kind {
            case Kind.settings where frame.flags & 1 == 0: connection.send(Self.frame(Kind.settings, flags: 1, []))
            case Kind.ping where frame.flags & 1 == 0: connection.send(Self.frame(Kind.ping, flags: 1, frame.payload))
            case Kind.goAway where frame.payload.count >= 8 && frame.payload[4..<8].allSatisfy({ $0 == 0 }):
                isEnding = true
                let last = frame.payload[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                isWhole = isWhole && streams.keys.allSatisfy { $0 <= last }
                streams = streams.filter { $0.key <= last }
            case Kind.reset, Kind.goAway: throw .ended(frame: frame.kind)
            case Kind.headers:
                // `:status: 200` is one byte, behind changes of the table's size if there are any.
                guard frame.payload.first(where: { $0 & 0xE0 != 0x20 }) == 0x88 else { throw .refused }
            case Kind.data where !frame.payload.isEmpty:
                if let index = streams[frame.stream] { bodies[index] += frame.payload }
                connection.send(Self.frame(Kind.window, Self.bytes(UInt32(frame.payload.count))))
            default: break
            }
            let endsStream = frame.kind <= Kind.headers && frame.flags & 1 != 0
            if endsStream { streams[frame.stream] = nil }
        }
        guard isWhole else { throw .notProcessed }
        return bodies
    }

    private func nextFrame() throws(Failure) -> (kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8]) {
        while true {
            if received.count >= 9 {
                let length = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
                if received.count >= 9 + length {
                    defer { received.removeFirst(9 + length) }
                    let stream = received[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    return (received[3], received[4], stream, Array(received[9..<9 + length]))
                }
            }
            do throws(LoadError) {
                let more = try connection.receive()
                guard !more.isEmpty else { throw .unreachable(address: authority, reason: "it closed the connection") }
                received += more
            } catch {
                throw .connection(error)
            }
        }
    }

    // MARK: Frames

    /// HEADERS and DATA of a request.
    static func frames(of request: Request, stream: UInt32, scheme: String, authority: String) -> [UInt8] {
        let pseudo = [
            (":method", request.method), (":scheme", scheme), (":authority", authority), (":path", request.target),
        ]
        let block = (pseudo + request.fields).flatMap { field($0.0, $0.1) }
        var bytes = frame(Kind.headers, flags: request.body.isEmpty ? 5 : 4, stream: stream, block)
        var start = 0
        while start < request.body.count {
            let end = min(start + frameSize, request.body.count)
            bytes += frame(
                Kind.data, flags: end == request.body.count ? 1 : 0, stream: stream, Array(request.body[start..<end]))
            start = end
        }
        return bytes
    }

    /// RST_STREAM (CANCEL).
    static func reset(stream: UInt32) -> [UInt8] { frame(Kind.reset, stream: stream, bytes(8)) }

    static func frame(_ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8]) -> [UInt8] {
        bytes(UInt32(payload.count)).dropFirst() + [kind, flags] + bytes(stream) + payload
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    /// A literal field without indexing, its name literal, too (RFC 7541, section 6.2.2).
    private static func field(_ name: String, _ value: String) -> [UInt8] {
        [0] + string(name) + string(value)
    }

    /// Less than 127 bytes.
    private static func string(_ text: String) -> [UInt8] { [UInt8(text.utf8.count & 0x7F)] + Array(text.utf8) }
}
