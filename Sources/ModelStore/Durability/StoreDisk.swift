/// The calls by which the store keeps its files: the system's, or those of a disk that fills up, fails or loses power at
/// any of them. Every call is one step that happens or does not.
package protocol StoreDisk: Sendable {
    /// Makes a folder; one that is there already is as good.
    func makeFolder(_ path: String) throws(StoreDiskError)
    /// The names of what is in a folder, in any order.
    func names(in path: String) throws(StoreDiskError) -> [String]
    func removeFolder(_ path: String) throws(StoreDiskError)
    /// Waits until the names in a folder are on the disk.
    func synchronizeFolder(_ path: String) throws(StoreDiskError)

    /// A whole file; nil when there is none.
    func read(_ path: String) throws(StoreDiskError) -> [UInt8]?
    /// Makes an empty file and opens it, to be given back by `close`.
    func create(_ path: String) throws(StoreDiskError) -> Int32
    func append(_ bytes: [UInt8], to file: Int32, at path: String) throws(StoreDiskError)
    /// Waits until a file's bytes are on the disk.
    func synchronize(_ file: Int32, at path: String) throws(StoreDiskError)
    func close(_ file: Int32)
    /// Gives a file another name, in the place of a file that has it.
    func rename(_ path: String, to other: String) throws(StoreDiskError)
    func remove(_ path: String) throws(StoreDiskError)
}

/// A call that failed.
package struct StoreDiskError: Error, Hashable, Sendable {
    /// The system's name for it.
    package let call: String
    package let path: String
    package let code: Int32
    /// Whether what the call was to make last may nevertheless be there after a crash.
    package var isUncertain = false

    package init(call: String, path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }
}
