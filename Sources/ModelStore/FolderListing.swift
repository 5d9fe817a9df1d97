internal import FileReading

/// What lies in a folder at one moment: hidden names left out, ascending. Links are followed.
struct FolderListing {
    let path: String
    /// All that is no folder, links that lead nowhere among it.
    let files: [String]
    let folders: [String]

    /// - Throws: `unreadableFile`.
    init(_ path: String) throws(ModelStoreError) {
        self.path = path
        var files: [String] = []
        var folders: [String] = []
        do throws(FileError) {
            for name in try Folder.names(in: path).sorted() where !name.hasPrefix(".") {
                if FileIdentity("\(path)/\(name)")?.isFolder == true {
                    folders.append(name)
                } else {
                    files.append(name)
                }
            }
        } catch {
            throw .unreadableFile(path: path, reason: error.description)
        }
        self.files = files
        self.folders = folders
    }

    /// The folders that are called by a number, ascending by it. As with TensorFlow Serving zeros may stand before it, and of
    /// several that say the same one the last by its name counts: `1`, not `01`.
    /// Source: `tensorflow_serving/sources/storage_path/file_system_storage_path_source.cc`.
    var versions: [(version: Int, path: String)] {
        var paths: [Int: String] = [:]
        for name in folders where Self.isNumber(name) {
            // What no Int holds is no version.
            if let version = Int(name) { paths[version] = "\(path)/\(name)" }
        }
        return paths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func isNumber(_ name: String) -> Bool {
        name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
