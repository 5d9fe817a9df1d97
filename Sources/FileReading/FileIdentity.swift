internal import Glibc

/// Which file is at a path, and in what state: another one when its content may be another. Links are followed.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    /// When its content changed last, and when anything about it did, in seconds and nanoseconds each.
    private let changed: [Int]
    package let isFolder: Bool
    /// Whether everybody on the machine may read it.
    package let isReadableByOthers: Bool

    /// Nil when there is none.
    package init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        size = Int64(status.st_size)
        changed = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isReadableByOthers = status.st_mode & S_IROTH != 0
    }

    /// Of a test's own.
    package init(number: Int) {
        device = 0
        self.number = UInt64(number)
        size = 0
        changed = []
        isFolder = false
        isReadableByOthers = false
    }
}
