package import DenseEngine
package import TensorCoding

/// A tensor in a file.
package enum InputTensor {
    /// Reads a NumPy file, a JSON tensor in any form, or a JSON object with the member `input`.
    ///
    /// - Parameter asDoubles: makes a float64 tensor.
    /// - Throws: `CodingError`.
    package static func decode(_ bytes: [UInt8], asDoubles: Bool = false) throws(CodingError) -> Tensor {
        // As a result, because `withUnsafeBytes` forgets the type of what its body throws.
        let result = unsafe bytes.withUnsafeBytes { buffer in
            Result { () throws(CodingError) in try unsafe decode(buffer, asDoubles) }
        }
        return try result.get()
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer, _ asDoubles: Bool) throws(CodingError) -> Tensor {
        if unsafe bytes.starts(with: magic) { return try unsafe NumPyFile.decode(bytes, asDoubles: asDoubles) }
        do throws(CodingError) {
            return try unsafe tensor(bytes, asDoubles)
        } catch {
            // Not a tensor; perhaps a request that holds one. When it is none either, the first error says more.
            guard let tensor = unsafe try? memberInput(bytes, asDoubles) else { throw error }
            return tensor
        }
    }

    private static let magic = [0x93] + Array("NUMPY".utf8)

    private static func tensor(_ bytes: UnsafeRawBufferPointer, _ asDoubles: Bool) throws(CodingError) -> Tensor {
        var reader = try unsafe JSONReader(bytes: bytes, padding: 0, allowsNonFinite: false, readsDoubles: asDoubles)
        let tensor = try reader.readTensor()
        try reader.finish()
        return tensor
    }

    private static func memberInput(_ bytes: UnsafeRawBufferPointer, _ asDoubles: Bool) throws(CodingError) -> Tensor? {
        var reader = try unsafe JSONReader(bytes: bytes, padding: 0, allowsNonFinite: false, readsDoubles: asDoubles)
        var tensor: Tensor?
        try reader.beginObject()
        while let name = try reader.nextField() {
            if name == "input" { tensor = try reader.readTensor() } else { try reader.skipValue() }
        }
        try reader.finish()
        return tensor
    }
}
