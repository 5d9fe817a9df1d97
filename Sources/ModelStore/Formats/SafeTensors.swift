package import DenseEngine
internal import TensorCoding

/// The safetensors format: the length of the header (64 bit, little-endian), the header (JSON, padded with spaces to a
/// multiple of 8), the tensors' octets without gaps (little-endian, row-major).
/// Source: huggingface/safetensors, README, "Format".
package enum SafeTensors {
    /// Tensors as a file holds them, named, in order; `metadata` goes into the header's `__metadata__`.
    package static func encode(_ tensors: [(name: String, tensor: Tensor)], metadata: [(String, String)]) -> [UInt8] {
        var header = JSONWriter()
        header.beginObject()
        header.name("__metadata__")
        header.beginObject()
        for (name, value) in metadata {
            header.name(name)
            header.write(value)
        }
        header.endObject()
        var offset = 0
        for (name, tensor) in tensors {
            let end = offset + tensor.elements.count * MemoryLayout<Float>.size
            header.name(name)
            header.beginObject()
            header.name("dtype")
            header.write("F32")
            header.name("shape")
            header.write(tensor.shape.dimensions)
            header.name("data_offsets")
            header.write([offset, end])
            header.endObject()
            offset = end
        }
        header.endObject()

        let padding = (8 - header.bytes.count % 8) % 8
        let length = UInt64(header.bytes.count + padding)
        var file: [UInt8] = []
        file.reserveCapacity(8 + Int(length) + offset)
        file += (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        file += header.bytes
        file += repeatElement(UInt8(ascii: " "), count: padding)
        for (_, tensor) in tensors { file += RawTensor.encode(tensor) }
        return file
    }
}

extension Model {
    /// The weights named `LAYER.WEIGHT` (`dense.kernel`), as files without paths have them.
    var namedTensors: [(name: String, tensor: Tensor)] {
        network.layers.flatMap { layer in
            layer.weights.map { (name: "\(layer.name).\($0.name)", tensor: $0.tensor) }
        }
    }

    /// The weights as a safetensors file, named `LAYER.WEIGHT` (`dense.kernel`), with the configurations, the name, the
    /// version and the digest as metadata.
    package var safeTensors: [UInt8] {
        let metadata = [
            ("format", "keras"), ("layers", ConfigValue.array(layerConfigurations).json), ("name", name),
            ("sha256", content.digest.hexadecimal), ("version", String(version)),
        ]
        return SafeTensors.encode(namedTensors, metadata: metadata)
    }

    /// The model as the JSON document that registers it again.
    package var json: [UInt8] { network.json(configurations: layerConfigurations) }
}
