/// What is wrong with a line of an access list. What the line says is never told: it may be a token that somebody put
/// where its hash belongs.
package struct AccessListError: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Reason: Error, Hashable, Sendable {
        case notText
        case tooLong(limit: Int)
        case tooManyLines(limit: Int)
        case fieldCount(Int)
        case unknownKey(byteCount: Int)
        /// A token stands where its hash belongs.
        case tokenItself
        case hashOfNothing
        case emptyName(prefix: String)
        case unclosedQuote
        case unknownRole
        case invalidName(limit: Int)
        /// The name of a client would show its token.
        case nameIsToken
        case repeated(line: Int)
    }

    /// Counted from 1.
    package let line: Int
    package let reason: Reason

    /// What is wrong with the line of this number.
    package init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }
}

extension AccessListError: CustomStringConvertible {
    package var description: String { "Line \(line): \(reason)" }
}

extension AccessListError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notText: "The line is not text. Expected UTF-8 without control characters, received other bytes."
        case .tooLong(let limit): "The list is too long. Expected at most \(limit) bytes, received more."
        case .tooManyLines(let limit): "There are too many clients. Expected at most \(limit), received more."
        case .fieldCount(let count):
            "The line has the wrong number of fields. Expected TOKEN-HASH ROLE[,ROLE] [NAME], received "
                + "\(count == 1 ? "1 field" : "\(count) fields")."
        case .unknownKey(let count):
            "The first field is no token's hash. Expected the 64 hexadecimal digits of a SHA-256 digest, subject:NAME or "
                + "san:KIND:NAME, received \(count) other bytes."
        case .tokenItself:
            "A token stands here itself. Expected its SHA-256 digest in 64 hexadecimal digits, received the token; make "
                + "another, since this one has been written down."
        case .hashOfNothing:
            "The hash is that of an empty token. Expected the hash of a token, received that of nothing."
        case .emptyName(let prefix):
            "The certificate's name is missing. Expected \(prefix)NAME, received \(prefix) alone."
        case .unclosedQuote:
            "A quotation mark is not closed. Expected another behind the name, received the line's end."
        case .unknownRole:
            "The second field is no list of roles. Expected \(AccessRole.allCases.map(\.rawValue).joined(separator: ", ")), "
                + "separated by commas only, received something else."
        case .invalidName(let limit):
            "The client's name cannot be used. Expected 1 to \(limit) printable ASCII characters, received something else."
        case .nameIsToken:
            "The client's name looks like a token. Expected a name that may be seen in logs, received a token."
        case .repeated(let line):
            "The client is listed twice. Expected a line of its own, received that of line \(line)."
        }
    }
}
