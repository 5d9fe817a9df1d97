internal import DenseEngine
internal import TensorCoding

/// How tensors are sent and come back.
package enum TensorFormat: String, CaseIterable, Hashable, Sendable {
    case json
    /// Bare octets: float32, little-endian.
    case octets
    /// NumPy's `.npy` files.
    case npy

    /// The media type of a body in this format.
    package var mediaType: String {
        switch self {
        case .json: "application/json"
        case .octets: "application/octet-stream"
        case .npy: "application/x-npy"
        }
    }

    /// The output tensor in an answer of this format.
    ///
    /// - Parameter shape: what the octets are, which do not say so themselves.
    /// - Throws: `CodingError`.
    func decode(_ body: [UInt8], shape: Shape) throws(CodingError) -> Tensor? {
        switch self {
        case .json: return try Self.output(of: body)
        case .octets, .npy:
            let result = unsafe body.withUnsafeBytes { bytes -> Result<Tensor, CodingError> in
                do throws(CodingError) {
                    return .success(
                        unsafe self == .npy ? try NumPyFile.decode(bytes) : try RawTensor.decode(bytes, shape: shape))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
    }

    /// The member `output` of a JSON object; `nil` without one.
    private static func output(of body: [UInt8]) throws(CodingError) -> Tensor? {
        let result = unsafe body.withUnsafeBytes { bytes -> Result<Tensor?, CodingError> in
            do throws(CodingError) {
                var output: Tensor?
                var reader = unsafe try JSONReader(bytes: bytes)
                try reader.beginObject()
                while let name = try reader.nextField() {
                    if name == "output" { output = try reader.readTensor() } else { try reader.skipValue() }
                }
                try reader.finish()
                return .success(output)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
