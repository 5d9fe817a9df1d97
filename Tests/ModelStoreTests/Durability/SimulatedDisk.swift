import Glibc
import Locks
import ModelStore

/// A disk in memory that knows what would be left of it if the power failed: names and bytes count as kept once their
/// folder or file was synchronized, and before that they may be there or not. Any call can be made the last one, or fail.
final class SimulatedDisk: StoreDisk {
    /// What happens at one of the calls, counted from 1.
    enum Fault: Hashable, Sendable {
        /// Nothing is done from it on.
        case powerFailure(at: Int)
        /// So many calls from it on fail.
        case failures(at: Int, count: Int, code: Int32)
    }

    /// What the power failure leaves of that which was not synchronized.
    enum Survival: CaseIterable, Sendable {
        case nothing, everything
        /// New names, of files whose bytes did not make it.
        case names
        /// Bytes, of files whose names did not make it.
        case contents
    }

    private struct File: Sendable {
        var bytes: [UInt8] = []
        var kept: [UInt8]?
    }

    /// The files in a folder by their names.
    private struct Folder: Sendable {
        var files: [String: Int] = [:]
        var kept: [String: Int] = [:]
        var folders: Set<String> = []
        var keptFolders: Set<String> = []
    }

    private struct State: Sendable {
        var files: [Int: File] = [:]
        var folders: [String: Folder] = ["": Folder()]
        var nextFile: Int32 = 3
        var calls = 0
        var fault: Fault?
        var isOver = false
    }

    private let state: Lock<State>

    init() { state = Lock(State()) }

    private init(_ state: State) { self.state = Lock(state) }

    /// The calls that change something, so far.
    var calls: Int { state.withLock { $0.calls } }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// What is to happen, with the calls counted anew.
    func set(_ fault: Fault?) {
        state.withLock { state in
            state.fault = fault
            state.calls = 0
        }
    }

    /// The disk as it is found afterwards.
    func surviving(_ survival: Survival) -> SimulatedDisk {
        let old = state.withLock { $0 }
        var new = State()
        new.nextFile = old.nextFile
        func copy(_ path: String) {
            guard let folder = old.folders[path] else { return }
            let seesNew = survival == .everything || survival == .names
            let files = seesNew ? folder.files : folder.kept
            let folders = seesNew ? folder.folders : folder.keptFolders
            new.folders[path] = Folder(files: files, kept: files, folders: folders, keptFolders: folders)
            for (_, number) in files {
                let file = old.files[number] ?? File()
                let bytes = survival == .everything || survival == .contents ? file.bytes : file.kept ?? []
                new.files[number] = File(bytes: bytes, kept: bytes)
            }
            for name in folders { copy(path + "/" + name) }
        }
        copy("")
        return SimulatedDisk(new)
    }

    /// Every file by its path.
    var contents: [String: [UInt8]] {
        state.withLock { state in
            var contents: [String: [UInt8]] = [:]
            for (path, folder) in state.folders {
                for (name, number) in folder.files { contents[path + "/" + name] = state.files[number]?.bytes }
            }
            return contents
        }
    }

    /// Changes a file as no program does.
    func damage(_ path: String, _ change: (inout [UInt8]) -> Void) {
        state.withLock { state in
            let (folder, name) = Self.split(path)
            guard let number = state.folders[folder]?.files[name] else { return }
            change(&state.files[number, default: File()].bytes)
        }
    }

    func lose(_ path: String) {
        state.withLock { state in
            let (folder, name) = Self.split(path)
            state.folders[folder]?.files[name] = nil
        }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        let place = path.lastIndex(of: "/") ?? path.startIndex
        return (String(path[..<place]), String(path[path.index(after: place)...]))
    }

    /// One call that changes something. `interrupted` is what the power failure leaves of it.
    private func step<Result>(
        _ call: String, _ path: String, interrupted: (inout State) -> Void = { _ in },
        _ body: (inout State) -> Result?
    ) throws(StoreDiskError) -> Result {
        try state.withLock { state throws(StoreDiskError) in
            state.calls += 1
            let calls = state.calls
            var code = state.isOver ? EIO : 0
            switch state.fault {
            case .powerFailure(let place) where place == calls:
                state.isOver = true
                interrupted(&state)
                code = EIO
            case .failures(let place, let count, let wanted) where (place..<place + count).contains(calls):
                interrupted(&state)
                code = wanted
            default: break
            }
            guard code == 0 else { throw StoreDiskError(call: call, path: path, code: code) }
            guard let result = body(&state) else { throw StoreDiskError(call: call, path: path, code: ENOENT) }
            return result
        }
    }

    // MARK: StoreDisk

    func makeFolder(_ path: String) throws(StoreDiskError) {
        try step("mkdir", path) { state -> Void? in
            let (parent, name) = Self.split(path)
            guard state.folders[parent] != nil else { return nil }
            if state.folders[parent]?.folders.insert(name).inserted == true { state.folders[path] = Folder() }
            return ()
        }
    }

    func names(in path: String) throws(StoreDiskError) -> [String] {
        let folder = state.withLock { $0.folders[path] }
        guard let folder else { throw StoreDiskError(call: "opendir", path: path, code: ENOENT) }
        return Array(folder.files.keys) + folder.folders
    }

    func removeFolder(_ path: String) throws(StoreDiskError) {
        try step("rmdir", path) { state -> Void? in
            guard let folder = state.folders[path], folder.files.isEmpty, folder.folders.isEmpty else { return nil }
            let (parent, name) = Self.split(path)
            state.folders[parent]?.folders.remove(name)
            return ()
        }
    }

    func synchronizeFolder(_ path: String) throws(StoreDiskError) {
        // The root is the folder without a name.
        let path = path == "/" ? "" : path
        try step("fsync", path) { state -> Void? in
            guard let folder = state.folders[path] else { return nil }
            state.folders[path]?.kept = folder.files
            state.folders[path]?.keptFolders = folder.folders
            return ()
        }
    }

    func read(_ path: String) throws(StoreDiskError) -> [UInt8]? {
        state.withLock { state in
            let (folder, name) = Self.split(path)
            return state.folders[folder]?.files[name].flatMap { state.files[$0]?.bytes }
        }
    }

    func create(_ path: String) throws(StoreDiskError) -> Int32 {
        try step("open", path) { state -> Int32? in
            let (folder, name) = Self.split(path)
            guard state.folders[folder] != nil else { return nil }
            let file = state.nextFile
            state.nextFile += 1
            state.files[Int(file)] = File()
            state.folders[folder]?.files[name] = Int(file)
            return file
        }
    }

    func append(_ bytes: [UInt8], to file: Int32, at path: String) throws(StoreDiskError) {
        try step(
            "write", path,
            interrupted: { $0.files[Int(file), default: File()].bytes += bytes.prefix(bytes.count / 2) }
        ) { state -> Void? in
            state.files[Int(file), default: File()].bytes += bytes
            return ()
        }
    }

    func synchronize(_ file: Int32, at path: String) throws(StoreDiskError) {
        try step("fsync", path) { state -> Void? in
            state.files[Int(file), default: File()].kept = state.files[Int(file)]?.bytes
            return ()
        }
    }

    func close(_ file: Int32) {}

    func rename(_ path: String, to other: String) throws(StoreDiskError) {
        try step("rename", other) { state -> Void? in
            let (folder, name) = Self.split(path)
            let (otherFolder, otherName) = Self.split(other)
            guard let file = state.folders[folder]?.files.removeValue(forKey: name) else { return nil }
            state.folders[otherFolder]?.files[otherName] = file
            return ()
        }
    }

    func remove(_ path: String) throws(StoreDiskError) {
        try step("unlink", path) { state -> Void? in
            let (folder, name) = Self.split(path)
            return state.folders[folder]?.files.removeValue(forKey: name) == nil ? nil : ()
        }
    }
}
