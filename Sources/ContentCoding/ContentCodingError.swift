/// What is wrong with a coded body.
package enum ContentCodingError: Error, Hashable, Sendable {
    /// A coding that is not known: 415.
    case unsupported(String)
    /// More codings in a row than are undone: 415.
    case tooMany(limit: Int)
    /// The bytes are not what the coding says; `reason` is the library's word for it: 400.
    case corrupt(ContentCoding, reason: String)
    /// The body ends before the coding does: 400.
    case truncated(ContentCoding)
    /// Bytes follow the coding's end: 400.
    case trailingBytes(ContentCoding, count: Int)
    /// Decoded, it is larger than a body may be: 413.
    case tooLarge(limit: Int)
    /// Whoever takes the decoded bytes has no room for more: 503.
    case noRoom
    /// The system has no memory for the decoder: 503.
    case outOfMemory
}

extension ContentCodingError: CustomStringConvertible {
    package var description: String {
        let known = ContentCoding.allCases.map(\.rawValue).joined(separator: ", ")
        return switch self {
        case .unsupported(let received):
            "The body's content coding is not understood. Expected one of \(known), or none (identity), received "
                + "'\(received)'."
        case .tooMany(let limit):
            "The body has too many content codings. Expected at most \(limit) of \(known), received more."
        case .corrupt(let coding, let reason):
            "The body is not what its content coding says. Expected \(coding.rawValue), received other bytes (\(reason))."
        case .truncated(let coding):
            "The body ends too early. Expected the end of its \(coding.rawValue) coding, received only a part."
        case .trailingBytes(let coding, let count):
            "The body goes on behind its end. Expected nothing behind the \(coding.rawValue) coding, received \(count) "
                + "bytes more."
        case .tooLarge(let limit):
            "The decoded body is too large. Expected at most \(limit) bytes, received more."
        case .noRoom: "There is no memory left for the decoded body. Try again soon."
        case .outOfMemory: "There is no memory left to decode the body. Try again soon."
        }
    }
}
