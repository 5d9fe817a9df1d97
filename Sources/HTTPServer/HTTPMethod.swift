/// The request methods the server passes on (RFC 9110, section 9, and PATCH of RFC 5789).
///
/// Any other method, and CONNECT, which only a proxy implements, is answered with 501.
package enum HTTPMethod: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    case trace = "TRACE"

    /// The method the bytes of this range name, exactly: methods are case-sensitive.
    ///
    /// The letters are packed into one integer, so that telling methods apart is one comparison.
    init?(_ input: Span<UInt8>, _ range: Range<Int>) {
        guard range.count <= 7 else { return nil }
        var packed: UInt64 = 0
        for index in range { packed = packed << 8 | UInt64(input[index]) }
        switch packed {
        case 0x47_4554: self = .get
        case 0x4845_4144: self = .head
        case 0x504F_5354: self = .post
        case 0x50_5554: self = .put
        case 0x50_4154_4348: self = .patch
        case 0x4445_4C45_5445: self = .delete
        case 0x4F_5054_494F_4E53: self = .options
        case 0x54_5241_4345: self = .trace
        default: return nil
        }
    }
}
