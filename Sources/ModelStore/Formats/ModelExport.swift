internal import DenseEngine
internal import TensorCoding

extension Model {
    /// The weights as NumPy's `.npz`, named `LAYER.WEIGHT`, with the layers' configurations in the member `layers.json`.
    ///
    /// - Throws: `file` for more than a zip can hold.
    package func npz() throws(ModelStoreError) -> [UInt8] {
        try fileError { () throws(ModelFileError) in
            var zip = ZipWriter()
            for (name, weight) in namedWeights { try zip.add(name + ".npy", NumPyFile.encode(weight.tensor)) }
            try zip.add(NumPyArchive.configurationName, Array(ConfigValue.array(layerConfigurations).json.utf8))
            return zip.finish()
        }
    }

    /// The model as a `.keras` file, which `keras.saving.load_model` reads.
    ///
    /// - Throws: `file` for more than a zip can hold.
    package func keras() throws(ModelStoreError) -> [UInt8] {
        try fileError { () throws(ModelFileError) in
            var zip = ZipWriter()
            try zip.add(
                "metadata.json", Array(#"{"keras_version": "3.15.1", "date_saved": "1980-01-01@00:00:00"}"#.utf8))
            try zip.add("config.json", Array(kerasConfiguration.json.utf8))
            let layers: [Layer]
            // Keras saves kernels with their low-rank terms merged.
            do throws(EngineError) { layers = try network.merged() } catch {
                throw .mismatch(.keras, message: error.description)
            }
            try zip.add("model.weights.h5", HDF5Writer.file(kerasWeights(layers)))
            return zip.finish()
        }
    }

    /// What `keras.saving.serialize_keras_object` gives of a Sequential.
    private var kerasConfiguration: ConfigValue {
        let inputShape: ConfigValue =
            network.inputShape.map { .array($0.map { $0.map(ConfigValue.int) ?? .null }) } ?? .null
        var config: ConfigObject = [
            "name": .string(name), "trainable": .bool(trainable ?? true),
            "dtype": .object([
                "module": .string("keras"), "class_name": .string("DTypePolicy"),
                "config": .object(["name": .string("float32")]), "registered_name": .null,
            ]), "layers": .array(layerConfigurations.map(\.forKeras)),
        ]
        var model: ConfigObject = [
            "module": .string("keras"), "class_name": .string("Sequential"), "config": .null, "registered_name": .null,
        ]
        if inputShape != .null {
            config["build_input_shape"] = inputShape
            model["build_config"] = .object(["input_shape": inputShape])
        }
        model["config"] = .object(config)
        return .object(model)
    }

    private func kerasWeights(_ layers: [Layer]) -> HDF5Node {
        var counts: [String: Int] = [:]
        var groups: [HDF5Child] = []
        for layer in layers {
            let stem = layer.configuration.defaultName
            let number = counts[stem, default: 0]
            counts[stem] = number + 1
            if case .inputLayer = layer { continue }
            var variables = layer.storedWeights.enumerated().map { HDF5Child(name: "\($0)", node: .dataset($1.weight)) }
            // `Normalization` counts what it has seen, which nobody asks once it is built.
            if case .normalization = layer, variables.count == 2, let count = try? Tensor([], [0]) {
                variables.append(HDF5Child(name: "2", node: .dataset(StoredWeight(tensor: count))))
            }
            let group = HDF5Node.group(
                [HDF5Child(name: "vars", node: .group(variables, attribute: ("name", layer.name)))], attribute: nil)
            groups.append(HDF5Child(name: number == 0 ? stem : "\(stem)_\(number)", node: group))
        }
        return .group(
            [
                HDF5Child(name: "layers", node: .group(groups, attribute: nil)),
                HDF5Child(name: "vars", node: .group([], attribute: ("name", name))),
            ], attribute: nil)
    }
}

extension ConfigValue {
    /// Without what Keras does not know: whose numbers a seed stands for. The weights are in the file.
    fileprivate var forKeras: ConfigValue {
        switch self {
        case .array(let values): .array(values.map(\.forKeras))
        case .object(let object):
            .object(
                ConfigObject(
                    object.members.filter { $0.name != "seed_backend" }
                        .map { ConfigObject.Member(name: $0.name, value: $0.value.forKeras) }))
        case .null, .bool, .int, .double, .string: self
        }
    }
}
