/// What the header of a frame says (RFC 9113, section 4.1), and an error code where the frame has one.
struct HTTP2Frame {
    /// The types the server tells apart (RFC 9113, section 6); others are ignored as section 5.5 asks.
    enum Kind: UInt8 {
        case data = 0x0
        case headers = 0x1
        case priority = 0x2
        case resetStream = 0x3
        case settings = 0x4
        case ping = 0x6
        case goAway = 0x7
        case windowUpdate = 0x8
        case continuation = 0x9
    }

    /// Nil for a type that means nothing here.
    var kind: Kind?
    var flags: UInt8
    var stream: Int32
    /// The payload's size, padding included.
    var length: Int
    var errorCode = HTTP2ErrorCode.noError

    /// DATA and HEADERS: the last of their stream.
    var endsStream: Bool { flags & 0x1 != 0 }
    /// SETTINGS and PING: the answer to one.
    var isAcknowledgement: Bool { flags & 0x1 != 0 }
    /// The bytes on the wire.
    var size: Int { length + 9 }
}
