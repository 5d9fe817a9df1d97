/// Undoes content codings. What comes out is counted before it is handed on, so that a few bytes that stand for many cost
/// no more than the limit allows.
package enum ContentDecoder {
    /// What comes out is handed on in pieces of this size.
    static let pieceCount = 64 << 10

    /// Undoes codings, the last one first.
    ///
    /// - Parameters:
    ///   - codings: as they were applied; at least one.
    ///   - limit: the most bytes each of them may come out as.
    ///   - take: gets what comes out in the end, piece by piece; false when it has no room for more.
    package static func decode(
        _ input: UnsafeRawBufferPointer, _ codings: [ContentCoding], limit: Int,
        take: (UnsafeRawBufferPointer) -> Bool
    ) throws(ContentCodingError) {
        guard let last = codings.last else { return }
        if codings.count == 1 { return unsafe try decode(input, last, limit: limit, take: take) }
        var between: [UInt8] = []
        unsafe try decode(input, last, limit: limit) { piece in
            unsafe between.append(contentsOf: piece)
            return true
        }
        try unsafe between.withBytes { bytes throws(ContentCodingError) in
            unsafe try decode(bytes, codings.dropLast(), limit: limit, take: take)
        }
    }

    /// Undoes codings and gives back what comes out.
    package static func decode(
        _ input: [UInt8], _ codings: [ContentCoding], limit: Int
    ) throws(ContentCodingError) -> [UInt8] {
        var decoded: [UInt8] = []
        try unsafe input.withBytes { bytes throws(ContentCodingError) in
            unsafe try decode(bytes, codings, limit: limit) { piece in
                unsafe decoded.append(contentsOf: piece)
                return true
            }
        }
        return decoded
    }

    private static func decode(
        _ input: UnsafeRawBufferPointer, _ coding: ContentCoding, limit: Int,
        take: (UnsafeRawBufferPointer) -> Bool
    ) throws(ContentCodingError) {
        var total = 0
        let count: (UnsafeRawBufferPointer) throws(ContentCodingError) -> Void = { piece throws(ContentCodingError) in
            guard piece.count <= limit - total else { throw .tooLarge(limit: limit) }
            total += piece.count
            guard unsafe take(piece) else { throw .noRoom }
        }
        switch coding {
        case .gzip, .deflate: unsafe try Zlib.decode(input, coding, take: count)
        case .zstd: unsafe try Zstandard.decode(input, take: count)
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` with a typed error.
    fileprivate func withBytes(
        _ body: (UnsafeRawBufferPointer) throws(ContentCodingError) -> Void
    ) throws(ContentCodingError) {
        let result = unsafe withUnsafeBytes { bytes in
            Result { () throws(ContentCodingError) in unsafe try body(bytes) }
        }
        try result.get()
    }
}

/// Applies content codings.
package enum ContentEncoder {
    /// The coded bytes, or nil when they would not be fewer, or there is no memory for them.
    ///
    /// Levels are the fastest of each library: an answer's numbers hardly get smaller at higher ones.
    package static func encode(_ bytes: [UInt8], _ coding: ContentCoding) -> [UInt8]? {
        let coded =
            switch coding {
            case .gzip, .deflate: Zlib.encode(bytes, coding)
            case .zstd: Zstandard.encode(bytes)
            }
        guard let coded, coded.count < bytes.count else { return nil }
        return coded
    }
}
