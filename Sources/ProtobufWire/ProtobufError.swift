/// Why bytes are no message. Positions are bytes from the message's beginning.
package enum ProtobufError: Error, Hashable, Sendable {
    case malformed(at: Int, expected: Rule)
    /// `missing` is how many bytes more the field needs.
    case truncated(at: Int, missing: Int)
    case invalidText(at: Int)
    /// More of something than a request may have.
    case tooMany(String, limit: Int)

    /// What the format expects, in words that fit behind "Expected".
    package enum Rule: String, Sendable {
        case tag = "a field number from 1 to 536870911 and a wire type from 0 to 5"
        case varint = "an integer of at most ten bytes"
        case length = "a field of less than 2 GiB"
        case groupEnd = "the end of a group only where that group is"
        case depth = "at most 100 groups within each other"
    }
}

extension ProtobufError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let position, let rule):
            "The message is no protocol buffers message. Expected \(rule.rawValue), received something else (at byte "
                + "\(position))."
        case .truncated(let position, let missing):
            "The message ends within a field. Expected \(missing) more of its bytes, received none (at byte \(position))."
        case .invalidText(let position):
            "A text of the message is not UTF-8. Expected UTF-8, received other bytes (at byte \(position))."
        case .tooMany(let what, let limit):
            "The message has too many \(what). Expected at most \(limit), received more."
        }
    }
}
