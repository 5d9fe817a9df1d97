import HTTPServer

/// A frame as it stands on the wire (RFC 9113, section 4.1).
struct H2Frame: Equatable {
    enum Kind: UInt8 {
        case data, headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate, continuation
    }

    var kind: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    var type: Kind? { Kind(rawValue: kind) }
    var endsStream: Bool { (type == .data || type == .headers) && flags & 1 != 0 }
    var isAcknowledgement: Bool { (type == .settings || type == .ping) && flags & 1 != 0 }

    /// Four bytes of the payload.
    func number(at offset: Int) -> UInt32 { payload[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }

    /// All whole frames at the beginning of `bytes`, which are taken off.
    static func parse(_ bytes: inout [UInt8]) -> [H2Frame] {
        var frames: [H2Frame] = []
        var position = 0
        while bytes.count - position >= 9 {
            let head = bytes[position..<position + 9].map { UInt32($0) }
            let length = Int(head[0] << 16 | head[1] << 8 | head[2])
            guard bytes.count - position >= 9 + length else { break }
            frames.append(
                H2Frame(
                    kind: UInt8(head[3]), flags: UInt8(head[4]),
                    stream: (head[5] << 24 | head[6] << 16 | head[7] << 8 | head[8]) & 0x7FFF_FFFF,
                    payload: Array(bytes[position + 9..<position + 9 + length])))
            position += 9 + length
        }
        bytes.removeFirst(position)
        return frames
    }
}

/// Frames as bytes, right or wrong.
enum H2 {
    typealias Fields = [(String, String)]

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let get: Fields = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")]
    static let post: Fields = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/up")]

    static func frame(
        _ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil
    ) -> [UInt8] {
        let length = UInt32(length ?? payload.count)
        return bytes(length).dropFirst() + [kind, flags] + bytes(stream) + payload
    }

    static func frame(
        _ kind: H2Frame.Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
    ) -> [UInt8] {
        frame(kind.rawValue, flags: flags, stream: stream, payload)
    }

    static func settings(_ values: [(UInt16, UInt32)] = []) -> [UInt8] {
        frame(.settings, values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] + bytes($1) })
    }

    static let settingsAcknowledgement = frame(.settings, flags: 1)

    static func headers(_ stream: UInt32, _ fields: Fields, end: Bool = true) -> [UInt8] {
        frame(.headers, flags: end ? 5 : 4, stream: stream, block(fields))
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], end: Bool = false) -> [UInt8] {
        frame(.data, flags: end ? 1 : 0, stream: stream, bytes)
    }

    static func data(_ stream: UInt32, _ text: String, end: Bool = false) -> [UInt8] {
        data(stream, Array(text.utf8), end: end)
    }

    static func reset(_ stream: UInt32, _ code: HTTP2ErrorCode = .cancel) -> [UInt8] {
        frame(.resetStream, stream: stream, bytes(code.rawValue))
    }

    static func ping(_ text: String = "12345678", isAnswer: Bool = false) -> [UInt8] {
        frame(.ping, flags: isAnswer ? 1 : 0, Array(text.utf8))
    }

    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
        frame(.windowUpdate, stream: stream, bytes(increment))
    }

    /// Fields as literals that enter no table and are not compressed (RFC 7541, section 6.2.2).
    static func block(_ fields: Fields) -> [UInt8] {
        fields.flatMap { [0] + string($0) + string($1) }
    }

    static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var length: [UInt8] = [127]
        while rest >= 128 {
            length.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
