package import DenseEngine

/// Tensors as bare octets: little-endian, row-major, nothing else.
package enum RawTensor {
    /// - Throws: `CodingError.byteCountMismatch` unless `bytes` holds exactly what `shape` and `dtype` need.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, shape: Shape, dtype: DType = .float32
    ) throws(CodingError) -> Tensor {
        throw .byteCountMismatch(shape: shape, dtype: dtype, received: bytes.count, at: nil)
    }

    package static func encode(_ tensor: Tensor, dtype: DType = .float32) -> [UInt8] { [] }
}
