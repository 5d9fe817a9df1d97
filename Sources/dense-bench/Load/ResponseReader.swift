/// Reads HTTP/1.1 responses (RFC 9112) off a connection's bytes: a pure value, without a socket.
///
/// `next` is called with the bytes that have not been taken yet, again and again, until it gives `nil`, which means more
/// have to come. Interim responses (1xx) are passed over.
package struct ResponseReader: Sendable {
    package enum Event: Hashable, Sendable {
        /// A response's head has been read.
        case head(status: Int)
        /// A piece of the body, by its place in the bytes given.
        case body(Range<Int>)
        /// The response is complete.
        case end
    }

    private enum State: Hashable {
        case head
        /// This much of the body is to come.
        case length(Int)
        /// The line with the size of the next chunk is to come.
        case chunkSize
        case chunk(Int)
        /// The line end behind a chunk is to come.
        case chunkEnd
        case trailer
        case untilClose
    }

    /// The most bytes a head, and a line between chunks, may have.
    package static let maximumHead = 64 << 10

    private var state = State.head
    /// Whether the server closes the connection after the response whose head was read last.
    package private(set) var closes = false

    /// A reader at the start of a connection.
    package init() {}

    /// Whether the connection may end here: between two responses.
    package var isBetweenResponses: Bool { state == .head }

    /// What comes next in `bytes` from `position` on, which is moved behind it.
    package mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) throws(ResponseError) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try ResponseHead(bytes, &position) else { return nil }
                if (100..<200).contains(head.status) { continue }
                closes = head.closes
                switch head.framing {
                case .length(let count): state = .length(count)
                case .chunked: state = .chunkSize
                case .untilClose:
                    closes = true
                    state = .untilClose
                }
                return .head(status: head.status)
            case .length(0):
                state = .head
                return .end
            case .length(let rest):
                guard let piece = Self.piece(bytes, &position, rest) else { return nil }
                state = .length(rest - piece.count)
                return .body(piece)
            case .chunkSize:
                guard let line = try ResponseHead.line(bytes, &position) else { return nil }
                let size = try ResponseHead.chunkSize(bytes, line)
                state = size == 0 ? .trailer : .chunk(size)
            case .chunk(let rest):
                guard let piece = Self.piece(bytes, &position, rest) else { return nil }
                state = piece.count == rest ? .chunkEnd : .chunk(rest - piece.count)
                return .body(piece)
            case .chunkEnd:
                guard let line = try ResponseHead.line(bytes, &position) else { return nil }
                guard line.isEmpty else { throw .malformedChunk }
                state = .chunkSize
            case .trailer:
                guard let line = try ResponseHead.line(bytes, &position) else { return nil }
                guard line.isEmpty else { continue }
                state = .head
                return .end
            case .untilClose:
                guard let piece = Self.piece(bytes, &position, .max) else { return nil }
                return .body(piece)
            }
        }
    }

    /// The connection has ended: `end` when that ends a response, `nil` when it falls between two.
    package mutating func finish() throws(ResponseError) -> Event? {
        switch state {
        case .untilClose:
            state = .head
            return .end
        case .head: return nil
        default: throw .cutShort
        }
    }

    private static func piece(_ bytes: Span<UInt8>, _ position: inout Int, _ rest: Int) -> Range<Int>? {
        let count = min(bytes.count - position, rest)
        guard count > 0 else { return nil }
        defer { position += count }
        return position..<position + count
    }
}

/// Why something is no HTTP/1.1 response.
package enum ResponseError: Error, Hashable, Sendable {
    /// The first line is no status line.
    case noStatusLine
    case headTooLong(limit: Int)
    /// `Content-Length` is no number, or says two things.
    case malformedLength
    case malformedChunk
    /// The connection ended within a response.
    case cutShort
}

extension ResponseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noStatusLine: "It does not speak HTTP/1.1: its first line is no status line."
        case .headTooLong(let limit): "Its response has a head of more than \(limit) bytes."
        case .malformedLength: "Its response has a Content-Length that is no number, or more than one."
        case .malformedChunk: "Its response has a chunk without a proper size or end."
        case .cutShort: "It closed the connection within a response."
        }
    }
}
