/// Reads the fields of one serialized protocol buffers message where it lies (protobuf.dev, "Encoding"). It copies nothing;
/// what it gives out is valid as long as the bytes.
@safe package struct ProtobufReader {
    /// How a field's value is delimited; groups are skipped and never shown.
    package enum WireType: UInt8, Sendable {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    /// A field, its value not read yet.
    package struct Field: Hashable, Sendable {
        package var number: Int
        package var type: WireType
    }

    private static let maximumDepth = 100
    /// A tag has 32 bits; other readers take no more bytes for it than these need, whatever is in them.
    private static let maximumTagBytes = 5

    private let bytes: UnsafeRawBufferPointer
    /// Where the next byte is.
    package private(set) var position: Int
    private let end: Int

    /// A reader of a whole message, or of one within it.
    package init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>? = nil) {
        unsafe self.bytes = bytes
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    /// Whether all was read.
    package var isAtEnd: Bool { position == end }

    // MARK: Fields

    /// The next field, groups left out; nil at the end.
    package mutating func nextField() throws(ProtobufError) -> Field? {
        while position < end {
            let (number, type) = try tag()
            if let type = WireType(rawValue: type) { return Field(number: number, type: type) }
            guard type == 3 else { throw .malformed(at: position, expected: .groupEnd) }
            try skipGroup(number, depth: 1)
        }
        return nil
    }

    private mutating func tag() throws(ProtobufError) -> (number: Int, type: UInt8) {
        let start = position
        let tag = try varint()
        guard position - start <= Self.maximumTagBytes, tag >> 3 != 0, tag < UInt64(UInt32.max), tag & 7 <= 5 else {
            throw .malformed(at: start, expected: .tag)
        }
        return (Int(tag >> 3), UInt8(truncatingIfNeeded: tag & 7))
    }

    private mutating func skipGroup(_ number: Int, depth: Int) throws(ProtobufError) {
        guard depth <= Self.maximumDepth else { throw .malformed(at: position, expected: .depth) }
        while position < end {
            let start = position
            let (inner, type) = try tag()
            if let type = WireType(rawValue: type) {
                try skip(type)
            } else if type == 3 {
                try skipGroup(inner, depth: depth + 1)
            } else if inner == number {
                return
            } else {
                throw .malformed(at: start, expected: .groupEnd)
            }
        }
        throw .truncated(at: position, missing: 1)
    }

    /// Passes over a field's value.
    package mutating func skip(_ type: WireType) throws(ProtobufError) {
        switch type {
        case .varint: _ = try varint()
        case .fixed64: try advance(8)
        case .bytes: _ = try delimited()
        case .fixed32: try advance(4)
        }
    }

    private mutating func advance(_ count: Int) throws(ProtobufError) {
        guard count <= end - position else { throw .truncated(at: position, missing: count - (end - position)) }
        position += count
    }

    // MARK: Values

    package mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = unsafe bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte & 0x80 == 0 { return value }
            shift += 7
            guard shift < 70 else { throw .malformed(at: position, expected: .varint) }
        }
        throw .truncated(at: position, missing: 1)
    }

    package mutating func fixed32() throws(ProtobufError) -> UInt32 {
        try advance(4)
        return unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position - 4, as: UInt32.self))
    }

    package mutating func fixed64() throws(ProtobufError) -> UInt64 {
        try advance(8)
        return unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position - 8, as: UInt64.self))
    }

    /// Where the bytes of a string, a message or packed numbers lie.
    package mutating func delimited() throws(ProtobufError) -> Range<Int> {
        let start = position
        let length = try varint()
        guard length < 0x7FFF_FFFF else { throw .malformed(at: start, expected: .length) }
        try advance(Int(length))
        return position - Int(length)..<position
    }

    /// A string, which has to be UTF-8.
    package mutating func string() throws(ProtobufError) -> String {
        let range = try delimited()
        guard let text = unsafe String(validating: bytes[range], as: UTF8.self) else {
            throw .invalidText(at: range.lowerBound)
        }
        return text
    }

    /// Calls `body` with every number of a repeated field's next piece, packed or not; false for a piece of another type,
    /// which is passed over.
    package mutating func varints(
        _ type: WireType, _ body: (UInt64) throws(ProtobufError) -> Void
    ) throws(ProtobufError) -> Bool {
        switch type {
        case .varint: try body(try varint())
        case .bytes:
            var packed = unsafe ProtobufReader(bytes, in: try delimited())
            while !packed.isAtEnd { try body(try packed.varint()) }
        case .fixed32, .fixed64:
            try skip(type)
            return false
        }
        return true
    }

    /// The bytes themselves.
    package func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// A reader of a message within this one.
    package func inner(_ range: Range<Int>) -> ProtobufReader { unsafe ProtobufReader(bytes, in: range) }
}
