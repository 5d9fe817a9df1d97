import Glibc
import Locks
import Testing

/// A pipe of this process, closed with its last reference.
final class Pipe {
    /// Held where a pipe is made or a process started, so that no child inherits an end before it is marked.
    static let startingNoProcess = Lock(())

    private let readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        let status = Self.startingNoProcess.withLock { _ in
            let status = unsafe pipe(&ends)
            for end in ends where status == 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return status
        }
        try #require(status == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        closeWriteEnd()
        close(readEnd)
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    /// The next bytes, waiting for them; `nil` at the end.
    func waitAndRead() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(readEnd, &bytes, bytes.count)
            if count < 0 && errno == EINTR { continue }
            return count > 0 ? Array(bytes[..<count]) : nil
        }
    }

    /// All that was written, up to the end.
    func readToEnd() -> String {
        closeWriteEnd()
        var result: [UInt8] = []
        while let bytes = waitAndRead() { result += bytes }
        return String(decoding: result, as: UTF8.self)
    }
}
