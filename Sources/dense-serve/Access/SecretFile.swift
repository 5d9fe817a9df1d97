import FileReading
import Glibc

/// A file that not everybody should see: read within a bound, and replaced as a whole.
enum SecretFile {
    /// What is in a file.
    struct Contents {
        let bytes: [UInt8]
        /// Whether others than its owner and group can read it, or others than its owner can write it.
        let isExposed: Bool
    }

    /// Reads a file, a byte more than `limit` at the most, so that its reader sees that it is too long.
    static func read(_ path: String, atMost limit: Int) throws(AccessSourceError) -> Contents {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(path) }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try WholeFile.read(descriptor, path, atMost: limit + 1) } catch {
            throw failure(path, error.code)
        }
        return Contents(bytes: bytes, isExposed: status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP) != 0)
    }

    /// Replaces a file by what `change` makes of its bytes, none if there is no file yet. Whoever reads it sees the old
    /// bytes or the new ones, and changes made at the same time follow each other.
    static func update(
        _ path: String, atMost limit: Int, _ change: ([UInt8]) throws(AccessSourceError) -> [UInt8]
    ) throws(AccessSourceError) {
        // A link stays one: what it leads to is replaced.
        let path = resolved(path)
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let lock = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw failure(folder) }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { throw failure(folder) } }

        var status = stat()
        var mode: mode_t = 0o600
        var bytes: [UInt8] = []
        if unsafe stat(path, &status) == 0 {
            mode = status.st_mode & 0o777
            bytes = try read(path, atMost: limit).bytes
        }
        let changed = try change(bytes)
        let temporary = path + ".new"
        unsafe unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(temporary) }
        let isWritten =
            fchmod(descriptor, mode) == 0 && StandardStream.write(changed, to: descriptor) && fsync(descriptor) == 0
        let reason = errno
        close(descriptor)
        guard isWritten, unsafe rename(temporary, path) == 0 else {
            let error = failure(temporary, isWritten ? errno : reason)
            unsafe unlink(temporary)
            throw error
        }
        fsync(lock)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func failure(_ path: String, _ number: Int32 = errno) -> AccessSourceError {
        .unreadable(path: path, reason: unsafe "\(String(cString: strerror(number))).")
    }
}
