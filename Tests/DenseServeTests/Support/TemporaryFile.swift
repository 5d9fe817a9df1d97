import FoundationEssentials
import Testing

/// A file that goes with its last reference.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8], suffix: String = "") throws {
        path = Self.freePath(suffix: suffix)
        try Data(bytes).write(to: URL(filePath: path))
    }

    convenience init(_ text: String, suffix: String = "") throws {
        try self.init(Array(text.utf8), suffix: suffix)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var contents: [UInt8] { (try? Data(contentsOf: URL(filePath: path))).map(Array.init) ?? [] }

    /// A path at which there is no file yet.
    static func freePath(suffix: String = "") -> String {
        FileManager.default.temporaryDirectory.appending(path: "dense-serve-\(UUID())\(suffix)").path
    }
}
