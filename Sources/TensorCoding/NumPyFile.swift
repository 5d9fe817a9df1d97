package import DenseEngine

/// NumPy's `.npy` files (numpy/lib/format.py): a magic string, a version, a header that is a Python dictionary, and the
/// elements.
package enum NumPyFile {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// What version 1 can have. Nothing this server reads needs more.
    private static let maximumHeaderSize = 65_535

    // MARK: Decoding

    /// Reads versions 1 to 3, C and Fortran order, `f2 f4 f8 i1..i8 u1..u8 b1`, both byte orders, and `V2`, which is what NumPy
    /// calls bfloat16. The file must be
    /// exactly as long as its header says. Integers and float64 become the nearest float32, ties to even; float64
    /// beyond float32's range becomes an infinity, as numpy's `astype` has it; `True` is 1.
    ///
    /// - Parameter asDoubles: makes a float64 tensor, whatever the type; `nil` keeps the type of a
    ///   floating-point file.
    /// - Throws: `CodingError.invalidNumPyFile`, or `CodingError.invalidShape`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, asDoubles: Bool? = false
    ) throws(CodingError) -> Tensor {
        let (header, end) = unsafe try header(of: bytes)
        let fields = try NumPyHeader(unsafe Array(bytes[header]), offset: header.lowerBound)
        guard let type = NumPyType(description: fields.descr) else {
            throw .invalidNumPyFile(.unsupportedType(fields.descr))
        }
        let shape = try JSONReader.shape(fields.shape, at: nil)
        let data = unsafe UnsafeRawBufferPointer(rebasing: bytes[end...])
        let (expected, overflow) = shape.count.multipliedReportingOverflow(by: type.size)
        guard !overflow && data.count == expected else {
            let size = overflow ? Int.max : expected
            throw .invalidNumPyFile(.dataSize(shape: shape.dimensions, expected: size, received: data.count))
        }
        if asDoubles ?? type.isFloat64 {
            var doubles = unsafe type.doubles(data, count: shape.count)
            if fields.fortranOrder {
                unsafe doubles.withUnsafeMutableBufferPointer { unsafe rearrange($0, shape.dimensions) }
            }
            return RawTensor.doubles(shape, doubles)
        }
        // A file of a 16-bit type stays of that where nobody asks for another.
        let own: DType = asDoubles != nil ? .float32 : type.half ?? .float32
        return unsafe Tensor(shape: shape, type: own) { elements in
            unsafe type.decode(data, into: elements)
            if fields.fortranOrder { unsafe rearrange(elements, shape.dimensions) }
        }
    }

    /// Where the header is, and where the elements begin.
    private static func header(
        of bytes: UnsafeRawBufferPointer
    ) throws(CodingError) -> (header: Range<Int>, end: Int) {
        guard unsafe bytes.starts(with: magic) else { throw .invalidNumPyFile(.notNumPy) }
        guard bytes.count >= 8 else {
            throw .invalidNumPyFile(.truncated(part: "version", expected: 8, received: bytes.count))
        }
        let version = unsafe (Int(bytes[6]), Int(bytes[7]))
        guard (1...3).contains(version.0) && version.1 == 0 else {
            throw .invalidNumPyFile(.unsupportedVersion(version.0, version.1))
        }
        let start = version.0 == 1 ? 10 : 12
        guard bytes.count >= start else {
            throw .invalidNumPyFile(.truncated(part: "header length", expected: start, received: bytes.count))
        }
        let size =
            unsafe version.0 == 1
            ? Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
            : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        guard size <= maximumHeaderSize else {
            throw .invalidNumPyFile(.headerTooLarge(limit: maximumHeaderSize, received: size))
        }
        guard bytes.count >= start + size else {
            throw .invalidNumPyFile(.truncated(part: "header", expected: start + size, received: bytes.count))
        }
        return (start..<start + size, start + size)
    }

    /// From first-axis-fastest to last-axis-fastest.
    private static func rearrange<Element>(_ elements: UnsafeMutableBufferPointer<Element>, _ dimensions: [Int]) {
        // Axes of one element make no difference.
        let dimensions = dimensions.filter { $0 != 1 }
        guard let last = dimensions.last, dimensions.count > 1, elements.count > 0 else { return }
        let source = unsafe Array(elements)
        // How far apart neighbours along each axis lie in the source.
        var strides: [Int] = []
        for dimension in dimensions.dropLast() { strides.append((strides.last ?? 1) * dimension) }
        strides.insert(1, at: 0)
        let step = strides[dimensions.count - 1]
        var position = dimensions.map { _ in 0 }
        var start = 0
        for row in 0..<source.count / last {
            for column in 0..<last {
                unsafe elements[row * last + column] = source[start + column * step]
            }
            var axis = dimensions.count - 2
            while axis >= 0 {
                position[axis] += 1
                start += strides[axis]
                if position[axis] < dimensions[axis] { break }
                start -= strides[axis] * dimensions[axis]
                position[axis] = 0
                axis -= 1
            }
        }
    }

    // MARK: Encoding

    /// Writes version 1, C order, elements aligned to 64 bytes: what `numpy.save` writes for the same array, of bfloat16 as
    /// well, whose type is then `<V2`.
    package static func encode(_ tensor: Tensor) -> [UInt8] {
        let dimensions = tensor.shape.dimensions
        let tuple =
            dimensions.count == 1
            ? "(\(dimensions[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
        var header = Array("{'descr': '\(description(tensor.type))', 'fortran_order': False, 'shape': \(tuple), }".utf8)
        let padded = (10 + header.count + 1 + 63) / 64 * 64
        header += [UInt8](repeating: UInt8(ascii: " "), count: padded - 10 - header.count - 1)
        header.append(UInt8(ascii: "\n"))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(padded + tensor.type.size * tensor.elements.count)
        bytes += magic + [1, 0, UInt8(truncatingIfNeeded: header.count), UInt8(truncatingIfNeeded: header.count >> 8)]
        bytes += header
        bytes += RawTensor.encode(tensor)
        return bytes
    }

    private static func description(_ type: DType) -> String {
        switch type {
        case .float32: "<f4"
        case .float64: "<f8"
        case .float16: "<f2"
        case .bfloat16: "<V2"
        }
    }
}
