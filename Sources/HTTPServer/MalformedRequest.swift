/// Why bytes are no HTTP/1 request.
package enum MalformedRequest: Hashable, Sendable {
    /// A line feed without a carriage return before it, or a carriage return without a line feed behind it.
    case lineEnding
    /// The request line is not `method SP target SP version`.
    case requestLine
    /// The target is none of origin form, absolute form with http or https, and `*` with OPTIONS.
    case target
    /// The target's percent-encoding is broken, or decodes to NUL or to bytes that are no UTF-8.
    case percentEncoding
    /// A field line that is not `name: value`: no colon, a name that is no token, white space before the colon.
    case fieldLine
    /// A field line that begins with white space, a continuation as HTTP once had it.
    case foldedLine
    /// A control byte in a field value.
    case fieldValue
    /// HTTP/1.1 without a `Host` field.
    case missingHost
    /// More than one `Host` field.
    case repeatedHost
    /// A `Host` that is no host with an optional port.
    case invalidHost
    /// A `Content-Length` that is not a decimal number.
    case contentLength
    /// More than one `Content-Length`.
    case repeatedContentLength
    /// Both `Content-Length` and `Transfer-Encoding`.
    case contradictingLengths
    /// A `Transfer-Encoding` that does not end in one `chunked`, or one in HTTP/1.0.
    case transferEncoding
    /// A chunk without a proper size line, or without its line end.
    case chunk
    /// Chunk extensions longer than the largest head.
    case chunkExtensions
}

extension MalformedRequest: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lineEnding:
            "A line of the request does not end properly. Expected CR LF, received one of them alone."
        case .requestLine:
            "The request line is malformed. Expected a method, a target and a version with one space between them, "
                + "received something else."
        case .target:
            "The request target is malformed. Expected a path that begins with a slash, received something else."
        case .percentEncoding:
            "The request target's percent-encoding is invalid. Expected two hexadecimal digits after each % and UTF-8 "
                + "without NUL in the end, received something else."
        case .fieldLine:
            "A header field is malformed. Expected a name, a colon and a value, received something else."
        case .foldedLine:
            "A header line begins with white space. Expected a field name, received a continuation line."
        case .fieldValue:
            "A header field's value is malformed. Expected text, received a control byte."
        case .missingHost:
            "The Host field is missing. Expected one in an HTTP/1.1 request, received none."
        case .repeatedHost:
            "The Host field is repeated. Expected one, received more."
        case .invalidHost:
            "The Host field is invalid. Expected a host with an optional port, received something else."
        case .contentLength:
            "The Content-Length is invalid. Expected a decimal number, received something else."
        case .repeatedContentLength:
            "The Content-Length field is repeated. Expected one, received more."
        case .contradictingLengths:
            "The body's length is ambiguous. Expected Content-Length or Transfer-Encoding, received both."
        case .transferEncoding:
            "The Transfer-Encoding is invalid. Expected chunked, once and in HTTP/1.1, received something else."
        case .chunk:
            "A chunk is malformed. Expected a hexadecimal size, the data and CR LF, received something else."
        case .chunkExtensions:
            "The chunk extensions are too long. Expected fewer bytes than a request head may have, received more."
        }
    }
}
