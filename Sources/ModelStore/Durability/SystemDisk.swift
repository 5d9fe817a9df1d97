internal import FileReading
internal import Glibc

/// The file system itself.
package struct SystemDisk: StoreDisk {
    package init() {}

    package func makeFolder(_ path: String) throws(StoreDiskError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("mkdir", path) }
    }

    package func names(in path: String) throws(StoreDiskError) -> [String] {
        do throws(FileError) { return try Folder.names(in: path) } catch { throw StoreDiskError(error) }
    }

    package func removeFolder(_ path: String) throws(StoreDiskError) {
        guard unsafe rmdir(path) == 0 else { throw Self.failure("rmdir", path) }
    }

    package func synchronizeFolder(_ path: String) throws(StoreDiskError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("fsync", path) }
    }

    package func read(_ path: String) throws(StoreDiskError) -> [UInt8]? {
        do throws(FileError) { return try WholeFile.read(path) } catch {
            if error.code == ENOENT { return nil }
            throw StoreDiskError(error)
        }
    }

    package func create(_ path: String) throws(StoreDiskError) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open", path) }
        return descriptor
    }

    package func append(_ bytes: [UInt8], to file: Int32, at path: String) throws(StoreDiskError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe write(file, bytes.baseAddress.map { unsafe $0 + done }, min(bytes.count - done, 1 << 30))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write", path) }
            done += count
        }
    }

    package func synchronize(_ file: Int32, at path: String) throws(StoreDiskError) {
        guard fsync(file) == 0 else { throw Self.failure("fsync", path) }
    }

    package func close(_ file: Int32) { Glibc.close(file) }

    package func rename(_ path: String, to other: String) throws(StoreDiskError) {
        guard unsafe Glibc.rename(path, other) == 0 else { throw Self.failure("rename", other) }
    }

    package func remove(_ path: String) throws(StoreDiskError) {
        guard unsafe unlink(path) == 0 else { throw Self.failure("unlink", path) }
    }

    static func failure(_ call: String, _ path: String) -> StoreDiskError {
        StoreDiskError(call: call, path: path, code: errno)
    }
}

extension StoreDiskError {
    fileprivate init(_ error: FileError) { self.init(call: error.call, path: error.path, code: error.code) }

    /// Whether there is no room, on the disk or in its owner's share of it.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
}

extension StoreDiskError: CustomStringConvertible {
    package var description: String {
        "\(call) of \(path) failed: \(unsafe String(cString: strerror(code)))"
            + (isUncertain ? ", and whether the change is there after a restart is not known." : ".")
    }
}
