internal import DenseEngine
internal import TensorCoding

/// The bytes of a file, or a part of them. Every offset is checked against the part, whatever the file says.
struct FileBytes: Sendable {
    let kind: FileKind
    private let storage: [UInt8]
    /// The part, within the file.
    let range: Range<Int>

    init(_ bytes: [UInt8], kind: FileKind) {
        self.kind = kind
        storage = bytes
        range = 0..<bytes.count
    }

    private init(_ storage: [UInt8], _ range: Range<Int>, _ kind: FileKind) {
        self.kind = kind
        self.storage = storage
        self.range = range
    }

    var count: Int { range.count }

    /// The same bytes, as a file of another kind.
    func read(as kind: FileKind) -> FileBytes { FileBytes(storage, range, kind) }

    /// - Throws: `truncated` unless `count` bytes are there.
    func part(at offset: Int, count: Int) throws(ModelFileError) -> FileBytes {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
            let (needed, overflow) = max(offset, 0).addingReportingOverflow(max(count, 0))
            let (place, beyond) = needed.addingReportingOverflow(range.lowerBound)
            throw .truncated(kind, needed: overflow || beyond ? Int.max : place, size: range.upperBound)
        }
        let start = range.lowerBound + offset
        return FileBytes(storage, start..<start + count, kind)
    }

    /// The byte there, nil beyond the end.
    subscript(offset: Int) -> UInt8? {
        offset >= 0 && offset < count ? storage[range.lowerBound + offset] : nil
    }

    func hasBytes(_ text: String, at offset: Int) -> Bool {
        guard offset >= 0, offset <= count, text.utf8.count <= count - offset else { return false }
        let start = range.lowerBound + offset
        return storage[start..<start + text.utf8.count].elementsEqual(text.utf8)
    }

    /// The first offset from `start` on where a byte is, nil when it is not within the next `limit`.
    func firstIndex(of byte: UInt8, from start: Int, limit: Int) -> Int? {
        guard start >= 0, start <= count else { return nil }
        let end = start + min(limit, count - start)
        return storage[range.lowerBound + start..<range.lowerBound + end].firstIndex(of: byte).map {
            $0 - range.lowerBound
        }
    }

    var array: [UInt8] { Array(storage[range]) }

    var text: String { String(decoding: storage[range], as: UTF8.self) }

    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let span = unsafe storage.span.bytes.extracting(range)
        return unsafe try span.withUnsafeBytes { bytes throws(Failure) in unsafe try body(bytes) }
    }

    /// The tensor these bytes are: exactly its elements, row-major. Of floating-point types it has theirs, of others float32.
    func tensor(_ shape: Shape, _ type: NumPyType) throws(ModelFileError) -> Tensor {
        try require(shape, elementSize: type.size)
        return unsafe withUnsafeBytes { bytes in
            if type.isFloat64,
                let tensor = unsafe try? Tensor(shape: shape, doubles: type.doubles(bytes, count: shape.count))
            {
                return tensor
            }
            return unsafe Tensor(shape: shape, type: type.half ?? .float32) {
                unsafe type.decode(bytes, into: $0)
            }
        }
    }

    /// The same for bfloat16, which NumPy has no name for.
    func bfloat16Tensor(_ shape: Shape) throws(ModelFileError) -> Tensor {
        try require(shape, elementSize: 2)
        let kind = kind
        return unsafe try withUnsafeBytes { bytes throws(ModelFileError) in
            do throws(CodingError) {
                return unsafe try RawTensor.decode(bytes, shape: shape, dtype: .bfloat16).cast(to: .bfloat16)
            } catch {
                throw .damaged(kind, message: error.description)
            }
        }
    }

    private func require(_ shape: Shape, elementSize: Int) throws(ModelFileError) {
        let (expected, overflow) = shape.count.multipliedReportingOverflow(by: elementSize)
        guard !overflow, expected == count else {
            throw .damaged(
                kind,
                message: "A tensor's bytes must be what its shape needs. Expected "
                    + "\(overflow ? "more" : String(expected)) bytes for shape \(shape), received \(count).",
                offset: range.lowerBound)
        }
    }
}

/// Reads a file's little-endian fields one after the other.
struct FileCursor {
    let bytes: FileBytes
    private(set) var position: Int

    init(_ bytes: FileBytes, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// How much is left.
    var remaining: Int { max(0, bytes.count - position) }

    /// Where in the file the cursor is.
    var offset: Int { bytes.range.lowerBound + min(position, bytes.count) }

    mutating func skip(_ count: Int) throws(ModelFileError) { _ = try part(count) }

    mutating func part(_ count: Int) throws(ModelFileError) -> FileBytes {
        let part = try bytes.part(at: position, count: count)
        position += count
        return part
    }

    /// An unsigned integer of 1 to 8 bytes.
    mutating func word(_ size: Int) throws(ModelFileError) -> UInt64 {
        let part = try part(size)
        var value: UInt64 = 0
        for index in 0..<size { value |= UInt64(part[index] ?? 0) << (8 * index) }
        return value
    }

    /// The same, as a size or an offset; more than an `Int` holds is too much for any file.
    mutating func integer(_ size: Int) throws(ModelFileError) -> Int {
        Int(clamping: try word(size))
    }

    mutating func require(_ signature: String, _ what: String) throws(ModelFileError) {
        guard bytes.hasBytes(signature, at: position) else {
            throw .damaged(
                bytes.kind, message: "Expected the signature \(signature.quoted) of \(what), received something else.",
                offset: offset)
        }
        position += signature.utf8.count
    }
}

/// How much memory reading one file may take, whatever it claims: what its tensors and unpacked members hold together.
struct FileBudget {
    /// 16 MiB, and 8 bytes for each of the file. Weights that are not mostly zeros do not pack that well.
    static func limit(fileSize: Int) -> Int {
        let (bytes, overflow) = fileSize.multipliedReportingOverflow(by: 8)
        return overflow ? Int.max / 2 : min(bytes, Int.max / 2) + 16 << 20
    }

    private let limit: Int
    private var left: Int

    init(fileSize: Int) {
        limit = Self.limit(fileSize: fileSize)
        left = limit
    }

    /// Counts what is about to be allocated.
    mutating func take(_ bytes: Int, _ what: @autoclosure () -> String, _ kind: FileKind) throws(ModelFileError) {
        guard bytes >= 0, bytes <= left else {
            let (needed, overflow) = bytes.addingReportingOverflow(limit - left)
            throw .tooLarge(
                kind, what: "the bytes in memory, up to " + what(), limit: limit,
                received: overflow || bytes < 0 ? .max : needed)
        }
        left -= bytes
    }
}
