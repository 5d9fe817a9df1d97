internal import CZlib

/// gzip (RFC 1952) and deflate (RFC 1950, and RFC 1951 alone), by zlib. The only file that calls it.
enum Zlib {
    /// The largest window there is; 16 more asks zlib for gzip's frame, and a negative one for none.
    private static let windowBits: Int32 = 15
    private static let level: Int32 = 1

    /// Undoes gzip or deflate. Several gzip members in a row are one body (RFC 1952, section 2.2). What is called deflate
    /// is zlib's format (RFC 9110, section 8.4.1.2), but some clients leave its frame out.
    static func decode(
        _ input: UnsafeRawBufferPointer, _ coding: ContentCoding,
        take: (UnsafeRawBufferPointer) throws(ContentCodingError) -> Void
    ) throws(ContentCodingError) {
        guard input.count > 0, let start = input.baseAddress else { throw .truncated(coding) }
        var stream = unsafe z_stream()
        let bits = unsafe coding == .gzip ? windowBits + 16 : hasZlibFrame(input) ? windowBits : -windowBits
        guard unsafe czlib_inflate_init(&stream, bits) == Z_OK else { throw .outOfMemory }
        defer { unsafe inflateEnd(&stream) }

        let end = unsafe start + input.count
        unsafe stream.next_in = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentDecoder.pieceCount, alignment: 64)
        defer { unsafe piece.deallocate() }
        while true {
            // zlib counts in 32 bits.
            let position = unsafe UnsafeRawPointer(stream.next_in) ?? start
            let left = unsafe end - position
            let shown = min(left, 1 << 30)
            unsafe stream.avail_in = UInt32(shown)
            unsafe stream.next_out = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe stream.avail_out = UInt32(piece.count)
            let status = unsafe inflate(&stream, Z_NO_FLUSH)
            let written = unsafe piece.count - Int(stream.avail_out)
            if written > 0 { unsafe try take(UnsafeRawBufferPointer(rebasing: piece[..<written])) }
            switch status {
            case Z_OK:
                continue
            case Z_STREAM_END:
                let rest = unsafe left - (shown - Int(stream.avail_in))
                if rest == 0 { return }
                guard unsafe coding == .gzip && isGzip(input.suffix(rest)) else {
                    throw .trailingBytes(coding, count: rest)
                }
                unsafe inflateReset(&stream)
            case Z_BUF_ERROR:
                // No progress is possible: everything was read.
                throw .truncated(coding)
            case Z_MEM_ERROR:
                throw .outOfMemory
            case Z_NEED_DICT:
                throw .corrupt(coding, reason: "needs a dictionary")
            default:
                throw .corrupt(coding, reason: unsafe stream.msg.map { unsafe String(cString: $0) } ?? "malformed")
            }
        }
    }

    /// Applies gzip or deflate in one step; nil when there is no memory.
    static func encode(_ bytes: [UInt8], _ coding: ContentCoding) -> [UInt8]? {
        // One step takes what 32 bits can count.
        guard bytes.count > 0, bytes.count < 1 << 31 else { return nil }
        var stream = unsafe z_stream()
        let bits = coding == .gzip ? windowBits + 16 : windowBits
        guard unsafe czlib_deflate_init(&stream, level, bits) == Z_OK else { return nil }
        defer { unsafe deflateEnd(&stream) }
        let bound = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
        var status = Z_OK
        let coded = unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(clamping: output.count)
                status = unsafe deflate(&stream, Z_FINISH)
                count = unsafe output.count - Int(stream.avail_out)
            }
        }
        return status == Z_STREAM_END ? coded : nil
    }

    /// Inflates into memory of the size that is to come out, in one step, and says how much did.
    static func unpack(
        _ input: UnsafeRawBufferPointer, _ frame: Inflate.Frame, into output: UnsafeMutableRawBufferPointer
    ) throws(ContentCodingError) -> Int {
        var stream = unsafe z_stream()
        guard unsafe czlib_inflate_init(&stream, frame == .zlib ? windowBits : -windowBits) == Z_OK else {
            throw .outOfMemory
        }
        defer { unsafe inflateEnd(&stream) }
        var (read, written) = (0, 0)
        while true {
            // zlib counts in 32 bits.
            let shown = min(input.count - read, 1 << 30)
            let room = min(output.count - written, 1 << 30)
            // One byte of room beyond the end shows data that would go on.
            var beyond: UInt8 = 0
            let status = unsafe withUnsafeMutablePointer(to: &beyond) { spare in
                unsafe stream.next_in = UnsafeMutablePointer(
                    mutating: input.baseAddress.map { unsafe ($0 + read).assumingMemoryBound(to: UInt8.self) })
                unsafe stream.avail_in = UInt32(shown)
                unsafe stream.next_out =
                    room > 0
                    ? output.baseAddress.map { unsafe ($0 + written).assumingMemoryBound(to: UInt8.self) } : spare
                unsafe stream.avail_out = room > 0 ? UInt32(room) : 1
                return unsafe inflate(&stream, Z_NO_FLUSH)
            }
            let came = unsafe (room > 0 ? room : 1) - Int(stream.avail_out)
            read += unsafe shown - Int(stream.avail_in)
            if room == 0 && came > 0 { throw .tooLarge(limit: output.count) }
            written += came
            switch status {
            case Z_STREAM_END: return written
            case Z_OK: continue
            case Z_BUF_ERROR: throw .truncated(.deflate)
            case Z_MEM_ERROR: throw .outOfMemory
            case Z_NEED_DICT: throw .corrupt(.deflate, reason: "needs a dictionary")
            default:
                throw .corrupt(.deflate, reason: unsafe stream.msg.map { unsafe String(cString: $0) } ?? "malformed")
            }
        }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum: UInt = 0
        var position = 0
        while position < bytes.count {
            let count = min(bytes.count - position, 1 << 30)
            let start = unsafe bytes.baseAddress.map { unsafe ($0 + position).assumingMemoryBound(to: UInt8.self) }
            sum = unsafe crc32(sum, start, UInt32(count))
            position += count
        }
        return UInt32(truncatingIfNeeded: sum)
    }

    /// RFC 1950, section 2.2: the method is 8, the window no larger than 32 KiB, and the two bytes a multiple of 31.
    private static func hasZlibFrame(_ input: UnsafeRawBufferPointer) -> Bool {
        guard input.count >= 2 else { return true }
        let (first, second) = unsafe (Int(input[0]), Int(input[1]))
        return first & 15 == 8 && first >> 4 <= 7 && (first << 8 | second) % 31 == 0
    }

    private static func isGzip(_ input: Slice<UnsafeRawBufferPointer>) -> Bool {
        unsafe input.starts(with: [0x1F, 0x8B])
    }
}
