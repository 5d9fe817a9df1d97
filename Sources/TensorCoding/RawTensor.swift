package import DenseEngine

/// Tensors as bare octets: little-endian, row-major, nothing else.
package enum RawTensor {
    /// What a float64 beyond float32's range becomes is documented at `ElementConversion`: an infinity.
    ///
    /// - Parameter asDoubles: makes a float64 tensor, whatever the type, instead of a float32 one.
    /// - Throws: `CodingError.byteCountMismatch` unless `bytes` holds exactly what `shape` and `dtype` need, and
    ///   `CodingError.invalidShape` for a shape that claims millions of rows of nothing.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, shape: Shape, dtype: DType = .float32, asDoubles: Bool = false
    ) throws(CodingError) -> Tensor {
        try check(shape, dtype, received: bytes.count, at: nil)
        if asDoubles { return doubles(shape, unsafe ElementConversion.doubles(bytes, dtype, count: shape.count)) }
        return unsafe Tensor(shape: shape) { unsafe ElementConversion.decode(bytes, dtype, into: $0) }
    }

    /// A tensor of as many elements as its shape has.
    static func doubles(_ shape: Shape, _ doubles: [Double]) -> Tensor {
        guard let tensor = try? Tensor(shape: shape, doubles: doubles) else {
            preconditionFailure("there are as many elements as the shape has")
        }
        return tensor
    }

    /// - Parameter dtype: the tensor's own unless it says another.
    package static func encode(_ tensor: Tensor, dtype: DType? = nil) -> [UInt8] {
        let dtype = dtype ?? tensor.type
        if let doubles = tensor.doubles, dtype == .float64 { return encode(doubles) }
        let count = tensor.elements.count * dtype.size
        // An array made with no capacity writes its count into the storage that all empty arrays share: a data race.
        guard count > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            unsafe tensor.elements.withUnsafeBufferPointer { elements in
                unsafe ElementConversion.encode(elements, dtype, into: UnsafeMutableRawBufferPointer(buffer))
            }
            initializedCount = count
        }
    }

    private static func encode(_ doubles: [Double]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(doubles.count * DType.float64.size)
        for value in doubles {
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
            }
        }
        return bytes
    }

    /// The tensor of a base64 text, whose size is checked before anything is allocated.
    static func decode(
        base64 text: UnsafeBufferPointer<UInt8>, shape: Shape, dtype: DType, asDoubles: Bool, at location: JSONLocation
    ) throws(CodingError) -> Tensor {
        let invalid = { (failure: Base64.Failure) -> CodingError in
            .invalidBase64(failure.fault, index: failure.index, at: location)
        }
        let count: Int
        do throws(Base64.Failure) { count = unsafe try Base64.decodedCount(text) } catch { throw invalid(error) }
        try check(shape, dtype, received: count, at: location)
        do throws(Base64.Failure) {
            // In memory a float32 is what it is on the wire.
            if dtype == .float32 && !asDoubles && 1.littleEndian == 1 {
                return unsafe try Tensor(shape: shape) { (elements) throws(Base64.Failure) in
                    unsafe try Base64.decode(text, into: UnsafeMutableRawBufferPointer(elements))
                }
            }
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
            defer { unsafe bytes.deallocate() }
            unsafe try Base64.decode(text, into: bytes)
            if asDoubles {
                let values = unsafe ElementConversion.doubles(
                    UnsafeRawBufferPointer(bytes), dtype, count: shape.count)
                return doubles(shape, values)
            }
            return unsafe Tensor(shape: shape) {
                unsafe ElementConversion.decode(UnsafeRawBufferPointer(bytes), dtype, into: $0)
            }
        } catch {
            throw invalid(error)
        }
    }

    private static func check(
        _ shape: Shape, _ dtype: DType, received: Int, at location: JSONLocation?
    ) throws(CodingError) {
        guard shape.isProportionate else { throw .invalidShape(shape.dimensions, at: location) }
        let (expected, overflow) = shape.count.multipliedReportingOverflow(by: dtype.size)
        guard !overflow && received == expected else {
            throw .byteCountMismatch(shape: shape, dtype: dtype, received: received, at: location)
        }
    }
}
