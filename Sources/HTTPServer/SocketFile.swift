import Glibc

/// The file of a Unix socket, known by its inode: another server may have put its own in the same place since.
struct SocketFile: Hashable, Sendable {
    let path: String
    private let device: UInt64
    private let inode: UInt64

    /// The file that is at the path now; nil when there is none.
    init?(path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Removes the file, unless it is gone or another one by now.
    func remove() {
        guard SocketFile(path: path) == self else { return }
        unsafe unlink(path)
    }
}
