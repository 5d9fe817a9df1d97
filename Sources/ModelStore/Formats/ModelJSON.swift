package import DenseEngine
internal import TensorCoding

extension Sequential {
    /// The model as the JSON document that registers it again: `{"layers": [{"layer": …, "weights": …}, …]}`. Every weight
    /// reads back to the same bits; those that JSON's numbers cannot say go as base64.
    ///
    /// - Parameter configurations: the layers' configurations as Keras serialises them, in order.
    package func json(configurations: [ConfigValue]) -> [UInt8] {
        let weights = layers.flatMap { $0.weights.map(\.tensor) }
        var writer = JSONWriter(
            capacity: weights.reduce(1024) { $0 + JSONWriter.capacity(for: $1.shape, form: .nested) })
        writer.beginObject()
        writer.name("layers")
        writer.beginArray()
        for (layer, configuration) in zip(layers, configurations) {
            writer.beginObject()
            writer.member("layer", configuration)
            writer.name("weights")
            writer.beginObject()
            for (name, tensor) in layer.weights {
                writer.name(name)
                writer.writeExactly(tensor)
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes a tensor so that it reads back to the same bits.
    fileprivate mutating func writeExactly(_ tensor: Tensor) {
        let isFinite = tensor.elements.allSatisfy(\.isFinite)
        do {
            // Both calls are total: base64 says every element, and the finite ones have no need of a policy.
            try write(tensor, form: isFinite ? .nested : .base64, nonFinite: .null)
        } catch {
            writeNull()
        }
    }
}
