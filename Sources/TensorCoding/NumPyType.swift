package import DenseEngine

/// The element types of `.npy` files, as `descr` names them: byte order, kind, size.
package struct NumPyType: Hashable, Sendable {
    private enum Kind: Character {
        case float = "f"
        case signed = "i"
        case unsigned = "u"
        case bool = "b"
        /// Two bytes that NumPy has no name for: what it writes of bfloat16.
        case opaque = "V"
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
            case .opaque: [2]
            }
        guard sizes.contains(size) else { return nil }
        switch characters[0] {
        case "<", "=": isBigEndian = false
        case ">": isBigEndian = true
        case "|" where size == 1 || kind == .opaque: isBigEndian = false
        default: return nil
        }
        self.kind = kind
        self.size = size
    }

    /// Each integer and float64 becomes the nearest float32, in one rounding. `bytes` holds exactly what `elements`
    /// needs.
    package func decode(_ bytes: UnsafeRawBufferPointer, into elements: UnsafeMutableBufferPointer<Float>) {
        switch (kind, size) {
        case (.float, 2): unsafe read(bytes, elements) { (bits: UInt16) in DType.float(float16: bits) }
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
        case (.opaque, _): unsafe read(bytes, elements) { (bits: UInt16) in DType.float(bfloat16: bits) }
        }
    }

    /// Each element as float64: exact but for integers of more than 53 bits, which become the nearest.
    package func doubles(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Double] {
        (0..<count).map { index in
            switch (kind, size) {
            case (.float, 2): Double(DType.float(float16: unsafe bits(bytes, index)))
            case (.float, 4): Double(Float(bitPattern: unsafe bits(bytes, index)))
            case (.float, _): Double(bitPattern: unsafe bits(bytes, index))
            case (.signed, 1): Double(unsafe bits(bytes, index) as Int8)
            case (.signed, 2): Double(unsafe bits(bytes, index) as Int16)
            case (.signed, 4): Double(unsafe bits(bytes, index) as Int32)
            case (.signed, _): Double(unsafe bits(bytes, index) as Int64)
            case (.unsigned, 1): Double(unsafe bits(bytes, index) as UInt8)
            case (.unsigned, 2): Double(unsafe bits(bytes, index) as UInt16)
            case (.unsigned, 4): Double(unsafe bits(bytes, index) as UInt32)
            case (.unsigned, _): Double(unsafe bits(bytes, index) as UInt64)
            case (.bool, _): unsafe bits(bytes, index) as UInt8 == 0 ? 0 : 1
            case (.opaque, _): Double(DType.float(bfloat16: unsafe bits(bytes, index)))
            }
        }
    }

    /// Whether its elements are float64.
    package var isFloat64: Bool { kind == .float && size == 8 }

    /// The type of 16 bits that its elements have, if they have one.
    package var half: DType? {
        switch (kind, size) {
        case (.float, 2): .float16
        case (.opaque, _): .bfloat16
        default: nil
        }
    }

    private func bits<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ index: Int
    ) -> Bits {
        let bits = unsafe bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
        return isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
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
