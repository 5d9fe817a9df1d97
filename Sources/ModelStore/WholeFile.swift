internal import Glibc

/// Reads files into memory.
enum WholeFile {
    private static let step = 8 << 20

    /// - Parameter progress: is told again and again which part of the file is there, 0 to 1.
    static func read(_ path: String, progress: (Double) -> Void = { _ in }) throws(StoreDiskError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemDisk.failure("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemDisk.failure("fstat", path) }
        // One byte more, so that the end of a file that did not grow is seen without more room.
        var bytes = [UInt8](repeating: 0, count: max(Int(status.st_size), 0) + 1)
        var filled = 0
        while true {
            if filled == bytes.count { bytes += repeatElement(0, count: 1 << 16) }
            let room = min(bytes.count - filled, step)
            let received = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + filled }, room)
            }
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw SystemDisk.failure("read", path) }
            guard received > 0 else { break }
            filled += received
            progress(min(1, Double(filled) / Double(bytes.count - 1)))
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}
