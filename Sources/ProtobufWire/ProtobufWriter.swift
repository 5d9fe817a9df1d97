/// Writes the fields of one protocol buffers message behind each other.
package struct ProtobufWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    /// How many bytes a varint takes.
    package static func size(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }

    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func tag(_ number: Int, _ type: ProtobufReader.WireType) {
        varint(UInt64(number) << 3 | UInt64(type.rawValue))
    }

    /// A number that is no default value.
    package mutating func field(_ number: Int, _ value: Int) {
        guard value != 0 else { return }
        tag(number, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// A text, unless it is empty.
    package mutating func field(_ number: Int, _ text: String) {
        guard !text.isEmpty else { return }
        begin(number, length: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// Numbers, packed.
    package mutating func field(_ number: Int, packed values: [Int]) {
        guard !values.isEmpty else { return }
        var inner = ProtobufWriter(capacity: values.count * 2)
        for value in values { inner.varint(UInt64(bitPattern: Int64(value))) }
        field(number, message: inner)
    }

    /// A message, an empty one, too.
    package mutating func field(_ number: Int, message: ProtobufWriter) {
        begin(number, length: message.bytes.count)
        bytes.append(contentsOf: message.bytes)
    }

    /// Bytes, empty ones, too.
    package mutating func field(_ number: Int, bytes value: [UInt8]) {
        begin(number, length: value.count)
        bytes.append(contentsOf: value)
    }

    /// A delimited field whose bytes come next.
    package mutating func begin(_ number: Int, length: Int) {
        tag(number, .bytes)
        varint(UInt64(length))
    }

    /// Bytes as they are.
    package mutating func append(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    /// The bytes that a delimited field takes besides its value.
    package static func overhead(_ number: Int, length: Int) -> Int { size(number << 3) + size(length) }

    /// Appends elements as they lie in memory, which is little-endian as the format is.
    package mutating func append(_ elements: [Float]) {
        unsafe elements.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
}
