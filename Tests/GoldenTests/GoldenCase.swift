import DenseEngine
import TensorCoding
import Testing

/// One case of the golden data: what was asked of Keras, and what it answered.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let texts: [String: String]
    let tensors: [String: Tensor]

    var testDescription: String { name }

    /// A tensor the case must have.
    func tensor(_ field: String) throws -> Tensor {
        try #require(tensors[field], "the case has no tensor '\(field)'")
    }

    /// JSON the case must have.
    func configuration(_ field: String) throws -> ConfigValue {
        try ConfigValue(json: #require(texts[field], "the case has no text '\(field)'"))
    }

    /// The tensors under a prefix, by the index of their layer and their name: `weights/0/kernel`.
    func layerTensors(_ prefix: String) throws -> [Int: [String: Tensor]] {
        var found: [Int: [String: Tensor]] = [:]
        for (field, tensor) in tensors where field.hasPrefix(prefix + "/") {
            let parts = field.split(separator: "/").map(String.init)
            found[try #require(Int(parts[1])), default: [:]][parts[2]] = tensor
        }
        return found
    }
}
