/// The wire's element types to and from float32. To float32 is exact for float16 and bfloat16; float64 rounds to the
/// nearest float32, ties to even, and overflows to an infinity, as numpy's `astype` does. From float32, float16 and
/// bfloat16 round in the same way and float64 is exact.
enum ElementConversion {
    // MARK: float16 and bfloat16, as bits

    static func float(float16 bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7FFF) << 13
        if magnitude >= 0x0F80_0000 {
            return Float(bitPattern: sign | 0x7F80_0000 | magnitude)
        }
        // The exponents' biases differ by 112. The product is exact for subnormals, too.
        let value = Float(bitPattern: magnitude) * 0x1p112
        return Float(bitPattern: sign | value.bitPattern)
    }

    static func float16(_ value: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        let bits: UInt32
        if magnitude > 0x7F80_0000 {
            bits = 0x7E00 | magnitude >> 13 & 0x3FF
        } else if magnitude >= 0x477F_F000 {
            // 65520, half-way between the largest float16 and what would be the next, and more.
            bits = 0x7C00
        } else if magnitude < 0x3880_0000 {
            // Below 2^-14: adding 0.5 leaves the bits of a subnormal float16 at the end of the significand, rounded.
            bits = (Float(bitPattern: magnitude) + 0.5).bitPattern - Float(0.5).bitPattern
        } else {
            bits = (magnitude - 112 << 23 + 0xFFF + (magnitude >> 13 & 1)) >> 13
        }
        return sign | UInt16(truncatingIfNeeded: bits)
    }

    static func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }

    // MARK: Many elements, little-endian

    /// `bytes` holds exactly what `elements` needs.
    static func decode(_ bytes: UnsafeRawBufferPointer, _ type: DType, into elements: UnsafeMutableBufferPointer<Float>)
    {
        switch type {
        case .float32: unsafe read(bytes, into: elements) { (bits: UInt32) in Float(bitPattern: bits) }
        case .float64: unsafe read(bytes, into: elements) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .float16: unsafe read(bytes, into: elements) { (bits: UInt16) in float(float16: bits) }
        case .bfloat16: unsafe read(bytes, into: elements) { (bits: UInt16) in float(bfloat16: bits) }
        }
    }

    static func encode(_ elements: UnsafeBufferPointer<Float>, _ type: DType, into bytes: UnsafeMutableRawBufferPointer)
    {
        switch type {
        case .float32: unsafe write(elements, into: bytes) { $0.bitPattern }
        case .float64: unsafe write(elements, into: bytes) { Double($0).bitPattern }
        case .float16: unsafe write(elements, into: bytes) { float16($0) }
        case .bfloat16: unsafe write(elements, into: bytes) { bfloat16($0) }
        }
    }

    @inline(__always)
    private static func read<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, into elements: UnsafeMutableBufferPointer<Float>, _ convert: (Bits) -> Float
    ) {
        for index in elements.indices {
            let bits = unsafe bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
            unsafe elements.initializeElement(at: index, to: convert(Bits(littleEndian: bits)))
        }
    }

    @inline(__always)
    private static func write<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ elements: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer, _ convert: (Float) -> Bits
    ) {
        for index in elements.indices {
            unsafe bytes.storeBytes(
                of: convert(elements[index]).littleEndian, toByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
        }
    }
}
