package import DenseEngine

/// The element types that other servers' protocols have for numbers. All become the nearest float32, in one rounding; what is
/// beyond float32's range is refused rather than made an infinity.
package enum ElementType: Hashable, Sendable, CaseIterable {
    case bool
    case uint8, uint16, uint32, uint64
    case int8, int16, int32, int64
    case float16, bfloat16, float32, float64

    /// Bytes an element takes.
    package var size: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }

    /// Whether it is an integer's type.
    package var isInteger: Bool { integers != nil }

    /// What an integer of the type may be; nil for other types. That of uint64 ends at the largest `Int`.
    var integers: ClosedRange<Int>? {
        switch self {
        case .uint8: 0...255
        case .uint16: 0...65_535
        case .uint32: 0...4_294_967_295
        case .uint64: 0...Int.max
        case .int8: -128...127
        case .int16: -32_768...32_767
        case .int32: -2_147_483_648...2_147_483_647
        case .int64: Int.min...Int.max
        case .bool, .float16, .bfloat16, .float32, .float64: nil
        }
    }

    private var numPyType: NumPyType? {
        switch self {
        case .bool: NumPyType(description: "|b1")
        case .uint8: NumPyType(description: "|u1")
        case .uint16: NumPyType(description: "<u2")
        case .uint32: NumPyType(description: "<u4")
        case .uint64: NumPyType(description: "<u8")
        case .int8: NumPyType(description: "|i1")
        case .int16: NumPyType(description: "<i2")
        case .int32: NumPyType(description: "<i4")
        case .int64: NumPyType(description: "<i8")
        case .float16: NumPyType(description: "<f2")
        case .float64: NumPyType(description: "<f8")
        case .bfloat16, .float32: nil
        }
    }

    /// Each element as float64: exact but for integers of more than 53 bits, which become the nearest.
    func doubles(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Double] {
        if let type = numPyType { return unsafe type.doubles(bytes, count: count) }
        return unsafe ElementConversion.doubles(bytes, self == .bfloat16 ? .bfloat16 : .float32, count: count)
    }

    /// `bytes` holds exactly what `elements` needs, little-endian.
    func decode(_ bytes: UnsafeRawBufferPointer, into elements: UnsafeMutableBufferPointer<Float>) {
        if let type = numPyType { return unsafe type.decode(bytes, into: elements) }
        unsafe ElementConversion.decode(bytes, self == .bfloat16 ? .bfloat16 : .float32, into: elements)
    }
}

/// Why bytes are no tensor of an element type.
package enum ElementFault: Error, Hashable, Sendable {
    case byteCount(expected: Int?, received: Int)
    /// The element of this index is finite and beyond float32's range.
    case outOfRange(index: Int)
    /// Millions of rows of nothing.
    case shape
}

extension RawTensor {
    /// So many bytes are rather used where they lie than copied; of fewer the copy costs nothing.
    private static let lentBytes = 64 << 10

    /// A tensor of any element type from its octets, little-endian and row-major: by one copy, or by none where many
    /// float32 lie as they are needed.
    ///
    /// - Parameters:
    ///   - asDoubles: makes a float64 tensor instead of a float32 one.
    ///   - lender: whoever keeps the octets as they are while it is referred to; nil has them copied.
    /// - Throws: unless `bytes` holds exactly what `shape` needs, and every element fits float32 where it has to.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, shape: Shape, element: ElementType, asDoubles: Bool = false,
        of lender: (any AnyObject & Sendable)? = nil
    ) throws(ElementFault) -> Tensor {
        guard shape.isProportionate else { throw .shape }
        let (expected, overflow) = shape.count.multipliedReportingOverflow(by: element.size)
        guard !overflow, bytes.count == expected else {
            throw .byteCount(expected: overflow ? nil : expected, received: bytes.count)
        }
        if asDoubles { return doubles(shape, unsafe element.doubles(bytes, count: shape.count)) }
        if element == .float32, bytes.count >= lentBytes, let lender,
            let tensor = unsafe Tensor(shape: shape, octets: bytes, of: lender)
        {
            return tensor
        }
        let tensor = unsafe Tensor(shape: shape) { unsafe element.decode(bytes, into: $0) }
        if element == .float64 {
            for (index, value) in tensor.elements.enumerated() where value.isInfinite {
                let source = unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                if Double(bitPattern: UInt64(littleEndian: source)).isFinite { throw .outOfRange(index: index) }
            }
        }
        return tensor
    }

    /// The bytes of a base64 text; nil for what is none.
    package static func bytes(base64 text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { text in
            guard let count = unsafe try? Base64.decodedCount(text) else { return nil }
            guard count > 0 else { return [] }
            var isValid = false
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                unsafe buffer.initialize(repeating: 0)
                isValid = unsafe (try? Base64.decode(text, into: UnsafeMutableRawBufferPointer(buffer))) != nil
                initializedCount = count
            }
            return isValid ? bytes : nil
        }
    }

    /// The octets of a tensor behind others: a header and its tensor, in one buffer and by one copy.
    package static func encode(_ tensor: Tensor, behind header: [UInt8]) -> [UInt8] {
        guard tensor.type == .float32 else { return header + encode(tensor) }
        let count = header.count + tensor.elements.count * DType.float32.size
        guard count > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            unsafe bytes.copyBytes(from: header)
            unsafe tensor.elements.withUnsafeBufferPointer { elements in
                unsafe ElementConversion.encode(
                    elements, .float32, into: UnsafeMutableRawBufferPointer(rebasing: bytes[header.count...]))
            }
            initializedCount = count
        }
    }
}
