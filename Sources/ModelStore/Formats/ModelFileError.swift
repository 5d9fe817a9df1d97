/// What can be wrong with a model file that is not JSON. Messages are full sentences.
package enum ModelFileError: Error, Hashable, Sendable {
    /// The file breaks its format's rules, at a byte where that is known.
    case damaged(FileKind, message: String, offset: Int? = nil)
    /// The file may be right, and has something this server does not read.
    case unsupported(FileKind, message: String)
    /// What the file says it holds is more than a file of its size may hold here.
    case tooLarge(FileKind, what: String, limit: Int, received: Int)
    /// The file ends before something it announces. `needed` and `size` are in bytes from its beginning.
    case truncated(FileKind, needed: Int, size: Int)
    /// The weights and the configuration do not belong together, or one of them is missing.
    case mismatch(FileKind, message: String)
}

extension ModelFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged(let kind, let message, let offset):
            "The \(kind.rawValue) file is damaged\(offset.map { " at byte \($0)" } ?? ""). \(message)"
        case .unsupported(let kind, let message):
            "The \(kind.rawValue) file has something this server does not read. \(message)"
        case .tooLarge(let kind, let what, let limit, let received):
            "The \(kind.rawValue) file claims too much: \(what). Expected at most \(limit), received \(received)."
        case .truncated(let kind, let needed, let size):
            "The \(kind.rawValue) file is cut off. Expected at least \(needed) bytes, received \(size)."
        case .mismatch(_, let message): message
        }
    }

    /// Whether the bytes are no file of their kind, rather than one that cannot be used.
    package var isMalformed: Bool {
        switch self {
        case .damaged, .truncated: true
        case .unsupported, .tooLarge, .mismatch: false
        }
    }
}
