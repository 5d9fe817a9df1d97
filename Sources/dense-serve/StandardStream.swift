import Glibc

/// Writing to the process's own streams.
package enum StandardStream {
    /// Writes everything, however many calls that takes. An error ends the attempt: there is nobody left to tell.
    ///
    /// - Returns: whether all of it was written.
    @discardableResult
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        count(writing: bytes, to: descriptor) == bytes.count
    }

    /// Writes as much as can be written, waiting for a slow reader, and returns how much that was.
    package static func count(writing bytes: [UInt8], to descriptor: Int32) -> Int {
        unsafe bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer.dropFirst(written))
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN {
                    // Another process that has the same pipe or terminal made it so.
                    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    unsafe poll(&request, 1, -1)
                } else if errno != EINTR {
                    break
                }
            }
            return written
        }
    }
}
