/// Reads the fields of one protocol buffer message as they lie in the file, and copies nothing.
///
/// A library that decodes whole messages makes an object of a hundred bytes out of two in the file; whoever uploads models
/// must not be able to ask for that.
/// Source: protobuf.dev, "Encoding".
struct ProtobufReader {
    /// A field's value by its wire type.
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(FileBytes)
        case fixed32(UInt32)
    }

    private var cursor: FileCursor
    /// The message, as errors name it.
    private let message: String

    init(_ bytes: FileBytes, _ message: String) {
        cursor = FileCursor(bytes)
        self.message = message
    }

    /// The next field; nil at the message's end.
    ///
    /// - Throws: `truncated`, and `damaged` for what is no field.
    mutating func next() throws(ModelFileError) -> (field: Int, value: Value)? {
        guard cursor.remaining > 0 else { return nil }
        let tag = try cursor.varint(message)
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw damaged("Expected a field number from 1 on") }
        let value: Value =
            switch tag & 7 {
            case 0: .varint(try cursor.varint(message))
            case 1: .fixed64(try cursor.word(8))
            case 2: .bytes(try cursor.part(Int(clamping: try cursor.varint(message))))
            case 5: .fixed32(UInt32(truncatingIfNeeded: try cursor.word(4)))
            default: throw damaged("Expected a wire type of 0, 1, 2 or 5, received \(tag & 7)")
            }
        return (Int(tag >> 3), value)
    }

    private func damaged(_ what: String) -> ModelFileError {
        .damaged(cursor.bytes.kind, message: "\(what) (in \(message)).", offset: cursor.offset)
    }
}

extension ProtobufReader.Value {
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
        var reader = PackedIntegers(packed)
        while let value = try reader.next() {
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

/// Integers one after the other, without field numbers.
struct PackedIntegers {
    private var cursor: FileCursor

    init(_ bytes: FileBytes) { cursor = FileCursor(bytes) }

    mutating func next() throws(ModelFileError) -> Int64? {
        return cursor.remaining > 0 ? Int64(bitPattern: try cursor.varint()) : nil
    }
}

extension FileCursor {
    /// An unsigned integer of one to ten bytes, seven bits each, the lowest first.
    ///
    /// - Parameter message: the message it is in, as errors name it.
    fileprivate mutating func varint(_ message: String? = nil) throws(ModelFileError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try word(1)
            // The tenth byte has one bit of the 64 left.
            guard shift < 63 || byte <= 1 else { break }
            value |= (byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        let place = message.map { " (in \($0))" } ?? ""
        throw .damaged(bytes.kind, message: "Expected an integer of at most 64 bits\(place).", offset: offset)
    }
}
