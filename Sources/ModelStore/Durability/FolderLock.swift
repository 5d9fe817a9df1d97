internal import Glibc

/// The right to change a folder: no two processes have it at a time. It ends with the process, however that ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Parameters:
    ///   - path: of a file that is made for it and stays.
    ///   - patience: how long to wait for another process to let go, in milliseconds.
    /// - Throws: `storeInUse`, `storage`.
    init(_ path: String, patience: Int) throws(ModelStoreError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .storage(SystemDisk.failure("open", path)) }
        var left = patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR, left > 0 else {
                close(descriptor)
                if code == EWOULDBLOCK || code == EINTR { throw .storeInUse(path: path) }
                throw .storage(StoreDiskError(call: "flock", path: path, code: code))
            }
            usleep(10_000)
            left -= 10
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
