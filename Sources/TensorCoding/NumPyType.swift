/// The element types of `.npy` files, as `descr` names them: byte order, kind, size.
package struct NumPyType: Hashable, Sendable {
    private enum Kind: Character {
        case float = "f"
        case signed = "i"
        case unsigned = "u"
        case bool = "b"
    }

    /// Bytes an element takes.
    package let size: Int
    private let kind: Kind
    private let isBigEndian: Bool

    /// `<f4` and the like; `nil` for types this server does not read. `=` is the byte order of whoever wrote the file,
    /// which is taken to be little-endian; `|` is none, for types of one byte.
    package init?(description: String) {
        let characters = Array(description)
        guard characters.count == 3, let kind = Kind(rawValue: characters[1]),
            let size = characters[2].wholeNumberValue,
            characters[2].isASCII
        else { return nil }
        let sizes: [Int] =
            switch kind {
            case .float: [2, 4, 8]
            case .signed, .unsigned: [1, 2, 4, 8]
            case .bool: [1]
            }
        guard sizes.contains(size) else { return nil }
        switch characters[0] {
        case "<", "=": isBigEndian = false
        case ">": isBigEndian = true
        case "|" where size == 1: isBigEndian = false
        default: return nil
        }
        self.kind = kind
        self.size = size
    }

    /// Each integer and float64 becomes the nearest float32, in one rounding. `bytes` holds exactly what `elements`
    /// needs.
    package func decode(_ bytes: UnsafeRawBufferPointer, into elements: UnsafeMutableBufferPointer<Float>) {
        switch (kind, size) {
        case (.float, 2): unsafe read(bytes, elements) { (bits: UInt16) in ElementConversion.float(float16: bits) }
        case (.float, 4): unsafe read(bytes, elements) { (bits: UInt32) in Float(bitPattern: bits) }
        case (.float, _): unsafe read(bytes, elements) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case (.signed, 1): unsafe read(bytes, elements) { (value: Int8) in Float(value) }
        case (.signed, 2): unsafe read(bytes, elements) { (value: Int16) in Float(value) }
        case (.signed, 4): unsafe read(bytes, elements) { (value: Int32) in Float(value) }
        case (.signed, _): unsafe read(bytes, elements) { (value: Int64) in Float(value) }
        case (.unsigned, 1): unsafe read(bytes, elements) { (value: UInt8) in Float(value) }
        case (.unsigned, 2): unsafe read(bytes, elements) { (value: UInt16) in Float(value) }
        case (.unsigned, 4): unsafe read(bytes, elements) { (value: UInt32) in Float(value) }
        case (.unsigned, _): unsafe read(bytes, elements) { (value: UInt64) in Float(value) }
        case (.bool, _): unsafe read(bytes, elements) { (value: UInt8) in value == 0 ? 0 : 1 }
        }
    }

    @inline(__always)
    private func read<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ elements: UnsafeMutableBufferPointer<Float>, _ convert: (Bits) -> Float
    ) {
        for index in elements.indices {
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
            unsafe elements.initializeElement(
                at: index, to: convert(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)))
        }
    }
}
