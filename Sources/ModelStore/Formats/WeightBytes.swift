internal import DenseEngine
internal import TensorCoding

/// A weight as files hold it.
struct StoredWeight {
    let tensor: Tensor
    var type = WeightType.float32

    /// Its elements, little-endian and row-major.
    var bytes: [UInt8] {
        switch type {
        case .float(let type): RawTensor.encode(tensor, dtype: type)
        // A weight of this type has no others.
        case .int8: tensor.elements.map { UInt8(bitPattern: Int8(exactly: $0) ?? 0) }
        case .uint8: tensor.elements.map { UInt8(exactly: $0) ?? 0 }
        }
    }
}

extension Layer {
    /// The weights as files hold them, in the order in which Keras numbers them.
    var storedWeights: [(name: String, weight: StoredWeight)] {
        weights.map { ($0.name, StoredWeight(tensor: $0.tensor, type: type(ofWeight: $0.name))) }
    }
}
