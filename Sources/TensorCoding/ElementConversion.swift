import DenseEngine

/// The wire's element types to and from float32. To float32 is exact for float16 and bfloat16; float64 rounds to the
/// nearest float32, ties to even, and overflows to an infinity, as numpy's `astype` does. From float32, float16 and
/// bfloat16 round in the same way and float64 is exact.
enum ElementConversion {
    // MARK: Many elements, little-endian

    /// `bytes` holds exactly what `elements` needs.
    static func decode(_ bytes: UnsafeRawBufferPointer, _ type: DType, into elements: UnsafeMutableBufferPointer<Float>)
    {
        switch type {
        case .float32: unsafe read(bytes, into: elements) { (bits: UInt32) in Float(bitPattern: bits) }
        case .float64: unsafe read(bytes, into: elements) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .float16: unsafe read(bytes, into: elements) { (bits: UInt16) in DType.float(float16: bits) }
        case .bfloat16: unsafe read(bytes, into: elements) { (bits: UInt16) in DType.float(bfloat16: bits) }
        }
    }

    static func encode(_ elements: UnsafeBufferPointer<Float>, _ type: DType, into bytes: UnsafeMutableRawBufferPointer)
    {
        switch type {
        case .float32: unsafe write(elements, into: bytes) { $0.bitPattern }
        case .float64: unsafe write(elements, into: bytes) { Double($0).bitPattern }
        case .float16: unsafe write(elements, into: bytes) { DType.float16Bits($0) }
        case .bfloat16: unsafe write(elements, into: bytes) { DType.bfloat16Bits($0) }
        }
    }

    /// Each element as float64, exactly. `bytes` holds so many.
    static func doubles(_ bytes: UnsafeRawBufferPointer, _ type: DType, count: Int) -> [Double] {
        (0..<count).map { index in
            switch type {
            case .float32: Double(Float(bitPattern: unsafe bits(bytes, index)))
            case .float64: Double(bitPattern: unsafe bits(bytes, index))
            case .float16: Double(DType.float(float16: unsafe bits(bytes, index)))
            case .bfloat16: Double(DType.float(bfloat16: unsafe bits(bytes, index)))
            }
        }
    }

    private static func bits<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ index: Int
    ) -> Bits {
        Bits(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
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
