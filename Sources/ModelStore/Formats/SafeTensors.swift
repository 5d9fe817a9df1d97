internal import DenseEngine
internal import TensorCoding

/// The safetensors format: the length of the header (64 bit, little-endian), the header (JSON, padded with spaces to a
/// multiple of 8), the tensors' octets without gaps (little-endian, row-major).
/// Source: huggingface/safetensors, README, "Format".
enum SafeTensors {
    /// Tensors as a file holds them, named, in order; `metadata` goes into the header's `__metadata__`.
    static func encode(_ weights: [(name: String, weight: StoredWeight)], metadata: [(String, String)]) -> [UInt8] {
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
        for (name, weight) in weights {
            let end = offset + weight.tensor.shape.count * weight.type.size
            header.name(name)
            header.beginObject()
            header.name("dtype")
            header.write(weight.type.safeTensorsName)
            header.name("shape")
            header.write(weight.tensor.shape.dimensions)
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
        for (_, weight) in weights { file += weight.bytes }
        return file
    }
}

extension WeightType {
    /// Bytes an element takes.
    fileprivate var size: Int {
        switch self {
        case .float(let type): type.size
        case .int8, .uint8: 1
        }
    }

    fileprivate var safeTensorsName: String {
        switch self {
        case .float(.float32): "F32"
        case .float(.float64): "F64"
        case .float(.float16): "F16"
        case .float(.bfloat16): "BF16"
        case .int8: "I8"
        case .uint8: "U8"
        }
    }
}

extension Model {
    /// The weights named `LAYER.WEIGHT` (`dense.kernel`), as files without paths have them.
    var namedWeights: [(name: String, weight: StoredWeight)] {
        network.layers.flatMap { layer in
            layer.storedWeights.map { (name: "\(layer.name).\($0.name)", weight: $0.weight) }
        }
    }

    /// The weights as a safetensors file, named `LAYER.WEIGHT` (`dense.kernel`), with the configurations, the input's
    /// shape, the name, the version and the digest as metadata.
    package var safeTensors: [UInt8] { safeTensors(isNamed: true) }

    /// - Parameter isNamed: whether with the name and the version.
    func safeTensors(isNamed: Bool) -> [UInt8] {
        var metadata = [
            ("format", "keras"), ("layers", ConfigValue.array(layerConfigurations).json),
            ("sha256", content.digest.hexadecimal),
        ]
        if let shape = network.inputShape {
            metadata.append(("input_shape", ConfigValue.array(shape.map { $0.map(ConfigValue.int) ?? .null }).json))
        }
        if isNamed { metadata += [("name", name), ("version", String(version))] }
        return SafeTensors.encode(namedWeights, metadata: metadata)
    }

    /// The model as the JSON document that registers it again.
    package var json: [UInt8] { network.json(configurations: layerConfigurations) }
}
