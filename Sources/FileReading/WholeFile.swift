internal import Glibc

/// Reads files into memory.
package enum WholeFile {
    private static let step = 8 << 20
    /// The room to begin with where the size is not known, as in `/proc`; most such files are shorter.
    private static let room = 1 << 12

    /// - Parameter progress: is told again and again which part of the file is there, 0 to 1.
    package static func read(
        _ path: String, progress: (Double) -> Void = { _ in }
    ) throws(FileError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        return try read(descriptor, path, progress: progress)
    }

    /// Reads what is left of an open file.
    ///
    /// - Parameters:
    ///   - path: as errors name it.
    ///   - limit: the most bytes that are read.
    package static func read(
        _ descriptor: Int32, _ path: String, atMost limit: Int = .max, progress: (Double) -> Void = { _ in }
    ) throws(FileError) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("fstat", path) }
        let size = max(Int(status.st_size), 0)
        // One byte more, so that the end of a file that did not grow is seen without more room.
        var bytes = [UInt8](repeating: 0, count: min(size > 0 ? size + 1 : room, limit))
        var filled = 0
        while filled < limit {
            if filled == bytes.count { bytes += repeatElement(0, count: min(1 << 16, limit - filled)) }
            let room = min(bytes.count - filled, step)
            let received = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + filled }, room)
            }
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw FileError("read", path) }
            guard received > 0 else { break }
            filled += received
            progress(min(1, Double(filled) / Double(max(size, 1))))
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}
