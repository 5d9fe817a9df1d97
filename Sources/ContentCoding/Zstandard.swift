internal import CZstd

/// zstd (RFC 8878), by libzstd. The only file that calls it.
enum Zstandard {
    /// A frame may refer 8 MiB back, no farther: what HTTP allows (RFC 9659), and what a decoder allocates at most.
    private static let windowLog: Int32 = 23
    private static let level: Int32 = 1

    /// Undoes zstd. Several frames in a row are one body, frames to be skipped among them.
    static func decode(
        _ input: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) throws(ContentCodingError) -> Void
    ) throws(ContentCodingError) {
        guard input.count > 0 else { throw .truncated(.zstd) }
        guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
        defer { unsafe ZSTD_freeDCtx(context) }
        unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLog)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentDecoder.pieceCount, alignment: 64)
        defer { unsafe piece.deallocate() }
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        while true {
            let before = unsafe source.pos
            var output = unsafe ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
            let status = unsafe ZSTD_decompressStream(context, &output, &source)
            let written = unsafe output.pos
            if written > 0 { unsafe try take(UnsafeRawBufferPointer(rebasing: piece[..<written])) }
            if ZSTD_isError(status) != 0 {
                if ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation { throw .outOfMemory }
                throw .corrupt(.zstd, reason: unsafe String(cString: ZSTD_getErrorName(status)))
            }
            let isAtEnd = unsafe source.pos == source.size
            // Zero is the end of a frame; what follows has to be another one, or it is an error of the next round.
            if status == 0, isAtEnd { return }
            if isAtEnd, written < piece.count { throw .truncated(.zstd) }
            if unsafe source.pos == before, written == 0 { throw .corrupt(.zstd, reason: "no progress") }
        }
    }

    /// Applies zstd in one step; nil when there is no memory.
    static func encode(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count > 0 else { return nil }
        var result = 0
        let coded = unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { output, count in
            unsafe bytes.withUnsafeBytes { input in
                result = unsafe ZSTD_compress(
                    output.baseAddress, output.count, input.baseAddress, input.count, level)
            }
            count = ZSTD_isError(result) == 0 ? result : 0
        }
        return coded.isEmpty ? nil : coded
    }
}
