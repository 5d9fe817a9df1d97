internal import DenseEngine
internal import Locks
internal import Synchronization

/// The folder that outlives the process, and how its files are changed: each is written under another name, brought to
/// the disk, and then given its own name, so that at no moment there is half of it.
///
///     lock                            held by the process that may change the folder
///     first_version                   where names begin that are not remembered any more
///     models/NAME/manifest            the versions and labels of a model, with a checksum
///     models/NAME/3.safetensors       configuration and weights of a version
///     models/NAME/3.A.adapter         the factors of an adapter of it (safetensors)
///     models/NAME/*.tmp               what was being written
///
/// A manifest for each model, and not one log of all changes: each change is the same short sequence of calls whatever it
/// changes, there is no torn end to cut off and nothing to compact, and damage is one model's.
package final class StoreFolder: Sendable {
    /// Bytes brought to the disk and the time that took, of this process.
    package struct Synchronization: Hashable, Sendable {
        package fileprivate(set) var count = 0
        package fileprivate(set) var nanoseconds = 0
    }

    let path: String
    private let disk: any StoreDisk
    /// Nil where nobody else can come: on a disk of a test's own.
    private let hasLock: Bool
    private let lock = Lock<FolderLock?>(nil)
    private let temporaries = Atomic<Int>(0)
    private let counters = Lock(Synchronization())

    /// Makes the folder, if it is not there, and takes its lock.
    ///
    /// - Parameter patience: how long to wait for another process that has it, in milliseconds.
    /// - Throws: `storeInUse`, `storage`.
    package convenience init(_ path: String, patience: Int = 0) throws(ModelStoreError) {
        try self.init(path, disk: SystemDisk(), hasLock: true)
        try takeLock(patience: patience)
    }

    /// On a disk that nobody else has.
    package init(_ path: String, disk: any StoreDisk, hasLock: Bool = false) throws(ModelStoreError) {
        self.path = path
        self.disk = disk
        self.hasLock = hasLock
        try storage { () throws(StoreDiskError) in
            try disk.makeFolder(path)
            try disk.makeFolder(modelsPath)
            try synchronizeFolder(path)
        }
        // Its own name, too, unless whoever made it keeps others out of where it is.
        try? synchronizeFolder(parent)
    }

    /// - Throws: `storeInUse`, `storage`.
    func takeLock(patience: Int) throws(ModelStoreError) {
        guard hasLock else { return }
        let taken = try FolderLock("\(path)/lock", patience: patience)
        lock.withLock { $0 = taken }
    }

    /// Leaves the folder to another process.
    func releaseLock() { lock.withLock { $0 = nil } }

    package var synchronization: Synchronization { counters.withLock { $0 } }

    // MARK: Paths

    /// The folder that this one is in.
    private var parent: String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let place = trimmed.lastIndex(of: "/") else { return "." }
        return place == trimmed.startIndex ? "/" : String(trimmed[..<place])
    }

    private var modelsPath: String { "\(path)/models" }
    private var firstVersionPath: String { "\(path)/first_version" }
    func folder(of name: String) -> String { "\(modelsPath)/\(name)" }
    private func manifestPath(_ name: String) -> String { "\(folder(of: name))/manifest" }
    func path(of version: Int, _ name: String) -> String { "\(folder(of: name))/\(version).safetensors" }

    private func path(of version: Int, adapter: String?, _ name: String) -> String {
        adapter.map { "\(folder(of: name))/\(version).\($0)\(Self.adapterSuffix)" } ?? path(of: version, name)
    }

    private static let adapterSuffix = ".adapter"

    /// The adapter whose file has this name, and its version.
    static func adapter(ofFile name: String) -> (version: Int, adapter: String)? {
        guard name.hasSuffix(adapterSuffix), let dot = name.firstIndex(of: "."), let version = Int(name[..<dot]) else {
            return nil
        }
        return (version, String(name[name.index(after: dot)...].dropLast(adapterSuffix.count)))
    }

    /// The version whose file has this name.
    static func version(ofFile name: String) -> Int? {
        guard name.hasSuffix(".safetensors") else { return nil }
        return Int(name.dropLast(".safetensors".count))
    }

    private func temporaryPath(in folder: String) -> String {
        "\(folder)/\(temporaries.wrappingAdd(1, ordering: .relaxed).newValue).tmp"
    }

    // MARK: Reading

    /// The names that have folders.
    func modelNames() throws(ModelStoreError) -> [String] {
        try storage { () throws(StoreDiskError) in
            try disk.names(in: modelsPath).filter(ModelRegistry.isValid).sorted()
        }
    }

    func fileNames(of name: String) throws(ModelStoreError) -> [String] {
        try storage { () throws(StoreDiskError) in try disk.names(in: folder(of: name)) }
    }

    /// A file's bytes; nil when there is none.
    func manifest(of name: String) throws(ModelStoreError) -> [UInt8]? {
        try storage { () throws(StoreDiskError) in try disk.read(manifestPath(name)) }
    }

    /// - Parameter adapter: nil for the version's own content.
    func file(of version: Int, adapter: String? = nil, _ name: String) throws(ModelStoreError) -> [UInt8]? {
        try storage { () throws(StoreDiskError) in try disk.read(path(of: version, adapter: adapter, name)) }
    }

    func firstVersion() throws(ModelStoreError) -> [UInt8]? {
        try storage { () throws(StoreDiskError) in try disk.read(firstVersionPath) }
    }

    // MARK: Writing

    /// A version's file that is on the disk and has no version yet.
    struct Staged: Sendable {
        fileprivate let path: String
        let size: Int
    }

    /// Brings a version's bytes to the disk. What comes of it is not seen until `place`.
    func stage(_ bytes: [UInt8], of name: String) throws(ModelStoreError) -> Staged {
        try storage { () throws(StoreDiskError) in
            try disk.makeFolder(folder(of: name))
            try synchronizeFolder(modelsPath)
            return Staged(path: try write(bytes, in: folder(of: name)), size: bytes.count)
        }
    }

    func discard(_ staged: Staged) { try? disk.remove(staged.path) }

    /// Makes a staged file a version's, or an adapter's of it.
    func place(_ staged: Staged, as version: Int, adapter: String?, of name: String) throws(StoreDiskError) {
        try disk.rename(staged.path, to: path(of: version, adapter: adapter, name))
        try synchronizeFolder(folder(of: name))
    }

    /// Replaces a model's manifest. When that fails the former one is there again, if it can be; the error says when that
    /// is not certain.
    func replaceManifest(of name: String, by manifest: StoredManifest, formerly: StoredManifest?) throws(StoreDiskError)
    {
        if formerly == nil {
            try disk.makeFolder(folder(of: name))
            try synchronizeFolder(modelsPath)
        }
        do throws(StoreDiskError) {
            try replace(manifestPath(name), in: folder(of: name), by: manifest.encoded)
        } catch {
            guard error.isUncertain, let formerly else { throw error }
            var error = error
            do throws(StoreDiskError) {
                try replace(manifestPath(name), in: folder(of: name), by: formerly.encoded)
                error.isUncertain = false
            } catch {}
            throw error
        }
    }

    func replaceFirstVersion(by version: Int) throws(StoreDiskError) {
        try replace(firstVersionPath, in: path, by: CheckedLine.encode(String(version)))
    }

    private func replace(_ path: String, in folder: String, by bytes: [UInt8]) throws(StoreDiskError) {
        let temporary = try write(bytes, in: folder)
        do throws(StoreDiskError) { try disk.rename(temporary, to: path) } catch {
            try? disk.remove(temporary)
            throw error
        }
        do throws(StoreDiskError) { try synchronizeFolder(folder) } catch {
            var error = error
            error.isUncertain = true
            throw error
        }
    }

    /// Writes a file under a name that means nothing, and brings it to the disk.
    private func write(_ bytes: [UInt8], in folder: String) throws(StoreDiskError) -> String {
        let path = temporaryPath(in: folder)
        let file = try disk.create(path)
        do throws(StoreDiskError) {
            defer { disk.close(file) }
            try disk.append(bytes, to: file, at: path)
            try measured { () throws(StoreDiskError) in try disk.synchronize(file, at: path) }
        } catch {
            try? disk.remove(path)
            throw error
        }
        return path
    }

    private func synchronizeFolder(_ path: String) throws(StoreDiskError) {
        try measured { () throws(StoreDiskError) in try disk.synchronizeFolder(path) }
    }

    private func measured(_ body: () throws(StoreDiskError) -> Void) throws(StoreDiskError) {
        let started = Instant.now
        try body()
        let time = Instant.now.since(started)
        counters.withLock { counters in
            counters.count += 1
            counters.nanoseconds += time
        }
    }

    // MARK: Removing

    // What is left behind when one of these fails, or the power before it, is found at the next start.

    func removeFile(of version: Int, adapter: String? = nil, _ name: String) {
        try? disk.remove(path(of: version, adapter: adapter, name))
    }

    func removeFile(named file: String, _ name: String) { try? disk.remove("\(folder(of: name))/\(file)") }

    /// Removes a model's folder with its manifest.
    func forget(_ name: String) {
        try? disk.remove(manifestPath(name))
        try? disk.removeFolder(folder(of: name))
    }
}

/// Runs `body` with its errors made the store's.
func storage<Result>(_ body: () throws(StoreDiskError) -> Result) throws(ModelStoreError) -> Result {
    do throws(StoreDiskError) { return try body() } catch { throw .storage(error) }
}
