/// Deflated data inside files, whose size is known before: the members of a zip, the chunks of an HDF5 dataset.
package enum Inflate {
    /// What stands around the data.
    package enum Frame: Sendable {
        /// Nothing (RFC 1951), as in a zip.
        case none
        /// zlib's (RFC 1950), as in HDF5.
        case zlib
    }

    /// The `count` bytes that come out.
    ///
    /// - Throws: `corrupt`, `truncated`, and `tooLarge` when more would come out; less is `corrupt`.
    package static func decode(
        _ input: UnsafeRawBufferPointer, _ frame: Frame, count: Int
    ) throws(ContentCodingError) -> [UInt8] {
        var output: [UInt8] = []
        var failure: ContentCodingError?
        output = unsafe [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, written in
            do throws(ContentCodingError) {
                written = unsafe try Zlib.unpack(
                    input, frame,
                    into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard output.count == count else {
            throw .corrupt(.deflate, reason: "\(output.count) bytes came out where \(count) were announced")
        }
        return output
    }

    /// The checksum zip files carry: CRC-32.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 { unsafe Zlib.checksum(bytes) }
}
