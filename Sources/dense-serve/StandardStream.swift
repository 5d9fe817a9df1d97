import Glibc

/// Writing to the process's own streams.
package enum StandardStream {
    /// Writes everything, however many calls that takes. An error ends the attempt: there is nobody left to tell.
    ///
    /// - Returns: whether all of it was written.
    @discardableResult
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer
            while unsafe !rest.isEmpty {
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { return false }
                unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            return true
        }
    }
}
