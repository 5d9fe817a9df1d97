package import FileReading

/// A model that a folder's files make up: a file, perhaps with its configuration beside it.
package struct ModelCandidate: Hashable, Sendable {
    /// What stays the same when its files change.
    package struct Key: Hashable, Comparable, Sendable {
        package let name: String
        /// The number that its folder's name says.
        package let version: Int?

        package init(name: String, version: Int?) {
            self.name = name
            self.version = version
        }

        package static func < (left: Key, right: Key) -> Bool {
            (left.name, left.version ?? 0) < (right.name, right.version ?? 0)
        }
    }

    package let key: Key
    package let path: String
    /// Of the file with its configuration, where it has one of its own.
    package let configurationPath: String?
    /// Which files these are, and in what state.
    package let files: [FileIdentity]
    /// What is wrong with how the files lie, as a full sentence.
    package var problem: String?

    package init(key: Key, path: String, configurationPath: String? = nil, files: [FileIdentity]) {
        self.key = key
        self.path = path
        self.configurationPath = configurationPath
        self.files = files
    }

    var paths: [String] { [path] + (configurationPath.map { [$0] } ?? []) }
}
