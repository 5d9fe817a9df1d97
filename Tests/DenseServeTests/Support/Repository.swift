import FoundationEssentials

/// The files of the repository these tests were built from.
enum Repository {
    private static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    static func path(_ relative: String) -> String { root.appending(path: relative).path }
}
