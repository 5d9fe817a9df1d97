/// Finds the messages of a gRPC body: each has a prefix of five bytes, whether it is compressed and its length (gRPC's
/// PROTOCOL-HTTP2.md, "Length-Prefixed-Message"). A pure parser: it keeps no byte of a message.
package struct GRPCFramer: Sendable {
    /// The bytes before a message.
    package static let prefixBytes = 5

    package enum Event: Hashable, Sendable {
        /// A message begins.
        case begin(length: Int, isCompressed: Bool)
        /// Bytes of it: this range of the input.
        case bytes(Range<Int>)
        /// It is complete.
        case end
    }

    private let limit: Int
    private var prefix: [UInt8] = []
    /// What is left of the message; nil between messages.
    private var remaining: Int?

    /// - Parameter limit: the longest message in bytes, as it comes.
    package init(limit: Int) {
        self.limit = limit
        prefix.reserveCapacity(Self.prefixBytes)
    }

    /// Whether something has begun and not ended.
    package var isInside: Bool { remaining != nil || !prefix.isEmpty }

    /// What comes next in the input from a position on, which moves behind it; nil at the input's end.
    ///
    /// - Throws: `GRPCFrameError.invalidFlag`, `.tooLarge`, at the prefix and before anything else of the message is looked at.
    package mutating func next(_ input: Span<UInt8>, at position: inout Int) throws(GRPCFrameError) -> Event? {
        if let remaining {
            guard remaining > 0 else {
                self.remaining = nil
                return .end
            }
            let count = min(remaining, input.count - position)
            guard count > 0 else { return nil }
            self.remaining = remaining - count
            position += count
            return .bytes(position - count..<position)
        }
        while prefix.count < Self.prefixBytes {
            guard position < input.count else { return nil }
            prefix.append(input[position])
            position += 1
        }
        let flag = prefix[0]
        let length = prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        prefix.removeAll(keepingCapacity: true)
        guard flag <= 1 else { throw .invalidFlag(flag) }
        guard length <= limit else { throw .tooLarge(limit: limit, length: length) }
        remaining = length
        return .begin(length: length, isCompressed: flag == 1)
    }

    /// The one message that is the whole body of a call with one request.
    ///
    /// - Throws: for none, for several, and for a part of one.
    package static func only(
        in body: Span<UInt8>, limit: Int
    ) throws(GRPCFrameError) -> (message: Range<Int>, isCompressed: Bool) {
        guard !body.isEmpty else { throw .noMessage }
        var framer = GRPCFramer(limit: limit)
        var position = 0
        guard case .begin(let length, let isCompressed) = try framer.next(body, at: &position) else {
            throw .truncated(expected: prefixBytes, received: body.count)
        }
        let received = body.count - prefixBytes
        guard received >= length else { throw .truncated(expected: length, received: received) }
        guard received == length else { throw .severalMessages }
        return (position..<body.count, isCompressed)
    }

    /// The prefix of a message.
    package static func prefix(length: Int, isCompressed: Bool = false) -> [UInt8] {
        let length = UInt32(clamping: length)
        return [isCompressed ? 1 : 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    }
}

/// Why bytes are no gRPC messages.
package enum GRPCFrameError: Error, Hashable, Sendable {
    case invalidFlag(UInt8)
    case tooLarge(limit: Int, length: Int)
    case noMessage
    case severalMessages
    case truncated(expected: Int, received: Int)
}

extension GRPCFrameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidFlag(let flag): "A message's compressed flag is wrong. Expected 0 or 1, received \(flag)."
        case .tooLarge(let limit, let length):
            "A message is too large. Expected at most \(limit) bytes (max_body_bytes), received a length of \(length)."
        case .noMessage: "The call has no request. Expected one message, received none."
        case .severalMessages: "The call takes one request. Expected one message, received more bytes behind it."
        case .truncated(let expected, let received):
            "A message is cut off. Expected \(expected) bytes, received \(received)."
        }
    }
}
