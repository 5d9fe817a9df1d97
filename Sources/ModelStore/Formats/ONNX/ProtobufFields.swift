internal import ProtobufWire

/// The fields of one protocol buffers message as they lie in a file, one after the other and without a copy.
///
/// A library that decodes whole messages makes an object of a hundred bytes out of two in the file; whoever uploads models
/// must not be able to ask for that.
struct ProtobufFields {
    private let bytes: FileBytes
    /// The message, as errors name it.
    private let message: String
    /// Where the next field is.
    private var position = 0

    init(_ bytes: FileBytes, _ message: String) {
        self.bytes = bytes
        self.message = message
    }

    /// The next field, groups left out; nil at the message's end.
    ///
    /// - Throws: `truncated`, and `damaged` for what is no field.
    mutating func next() throws(ModelFileError) -> (field: Int, value: ProtobufValue)? {
        let next = try read { reader throws(ProtobufError) in try reader.nextField() }
        guard let next else { return nil }
        let value: ProtobufValue
        switch next.type {
        case .varint: value = .varint(try varint())
        case .fixed64: value = .fixed64(try read { reader throws(ProtobufError) in try reader.fixed64() })
        case .fixed32: value = .fixed32(try read { reader throws(ProtobufError) in try reader.fixed32() })
        case .bytes:
            let range = try read { reader throws(ProtobufError) in try reader.delimited() }
            value = .bytes(try bytes.part(at: range.lowerBound, count: range.count))
        }
        return (next.number, value)
    }

    /// The next of integers that stand behind each other without field numbers; nil at their end.
    mutating func nextPacked() throws(ModelFileError) -> Int64? {
        position < bytes.count ? Int64(bitPattern: try varint()) : nil
    }

    private mutating func varint() throws(ModelFileError) -> UInt64 {
        try read { reader throws(ProtobufError) in try reader.varint() }
    }

    /// Reads on with the reader of all such messages.
    private mutating func read<Result>(
        _ body: (inout ProtobufReader) throws(ProtobufError) -> Result
    ) throws(ModelFileError) -> Result {
        var end = position
        defer { position = end }
        do throws(ProtobufError) {
            return unsafe try bytes.withUnsafeBytes { bytes throws(ProtobufError) in
                var reader = unsafe ProtobufReader(bytes, in: position..<bytes.count)
                defer { end = reader.position }
                return try body(&reader)
            }
        } catch { throw failure(error) }
    }

    private func failure(_ error: ProtobufError) -> ModelFileError {
        let range = bytes.range
        switch error {
        case .truncated(_, let missing):
            return .truncated(bytes.kind, needed: range.upperBound + missing, size: range.upperBound)
        case .malformed(let position, let rule):
            return .damaged(
                bytes.kind, message: "Expected \(rule.rawValue), received something else (in \(message)).",
                offset: range.lowerBound + position)
        case .invalidText(let position):
            return .damaged(
                bytes.kind, message: "Expected UTF-8, received other bytes (in \(message)).",
                offset: range.lowerBound + position)
        case .tooMany(let what, let limit):
            return .tooLarge(bytes.kind, what: "the number of \(what)", limit: limit, received: limit + 1)
        }
    }
}

/// A field's value by its wire type.
enum ProtobufValue {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(FileBytes)
    case fixed32(UInt32)

    /// A message, a text or packed numbers.
    func bytes(_ what: String) throws(ModelFileError) -> FileBytes {
        guard case .bytes(let bytes) = self else { throw wrong("bytes", what) }
        return bytes
    }

    /// - Throws: `tooLarge` for a text of more than 4 KiB, which is no name.
    func text(_ what: String) throws(ModelFileError) -> String {
        let bytes = try bytes(what)
        guard bytes.count <= 4096 else {
            throw .tooLarge(.onnx, what: "the bytes of \(what)", limit: 4096, received: bytes.count)
        }
        return bytes.text
    }

    func integer(_ what: String) throws(ModelFileError) -> Int64 {
        guard case .varint(let value) = self else { throw wrong("an integer", what) }
        return Int64(bitPattern: value)
    }

    func float(_ what: String) throws(ModelFileError) -> Float {
        guard case .fixed32(let bits) = self else { throw wrong("a float", what) }
        return Float(bitPattern: bits)
    }

    /// Integers of a repeated field, packed or one by one.
    func addIntegers(
        to list: inout [Int64], limit: Int, _ what: String
    ) throws(ModelFileError) {
        guard case .bytes(let packed) = self else {
            list.append(try integer(what))
            return try Self.check(list.count, limit, what)
        }
        var integers = ProtobufFields(packed, what)
        while let value = try integers.nextPacked() {
            list.append(value)
            try Self.check(list.count, limit, what)
        }
    }

    /// - Throws: `tooLarge`.
    static func check(_ count: Int, _ limit: Int, _ what: String) throws(ModelFileError) {
        guard count <= limit else {
            throw .tooLarge(.onnx, what: "the number of \(what)", limit: limit, received: count)
        }
    }

    private func wrong(_ expected: String, _ what: String) -> ModelFileError {
        .damaged(.onnx, message: "Expected \(expected) as \(what), received a field of another wire type.")
    }
}
