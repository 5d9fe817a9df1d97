internal import Glibc

/// Which file is at a path, and in what state: another one when its content may be another. Links are followed.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let modified: [Int]
    let isFolder: Bool

    /// Nil when there is none.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
        isFolder = status.st_mode & S_IFMT == S_IFDIR
    }

    /// Of a test's own.
    package init(number: Int) {
        device = 0
        self.number = UInt64(number)
        size = 0
        modified = []
        isFolder = false
    }
}
