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
    /// - Throws: `file` for more than a zip can hold, and for an activation whose arguments Keras does not take.
    package func keras() throws(ModelStoreError) -> [UInt8] {
        try fileError { () throws(ModelFileError) in
            var zip = ZipWriter()
            try zip.add(
                "metadata.json", Array(#"{"keras_version": "3.15.1", "date_saved": "1980-01-01@00:00:00"}"#.utf8))
            try zip.add("config.json", Array(kerasConfiguration().json.utf8))
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
    private func kerasConfiguration() throws(ModelFileError) -> ConfigValue {
        var layers: [ConfigValue] = []
        for configuration in layerConfigurations { layers.append(try configuration.forKeras()) }
        let inputShape: ConfigValue =
            network.inputShape.map { .array($0.map { $0.map(ConfigValue.int) ?? .null }) } ?? .null
        var config: ConfigObject = [
            "name": .string(name), "trainable": .bool(trainable ?? true),
            "dtype": .object([
                "module": .string("keras"), "class_name": .string("DTypePolicy"),
                "config": .object(["name": .string("float32")]), "registered_name": .null,
            ]), "layers": .array(layers),
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
    /// Without what Keras does not know: whose numbers a seed stands for, which the weights in the file say, and arguments
    /// beside the name of an activation.
    fileprivate func forKeras() throws(ModelFileError) -> ConfigValue {
        switch self {
        case .array(let values):
            var converted: [ConfigValue] = []
            for value in values { converted.append(try value.forKeras()) }
            return .array(converted)
        case .object(let object):
            var converted = ConfigObject()
            for member in object.members where member.name != "seed_backend" {
                converted[member.name] =
                    member.name == "activation" ? try member.value.activationForKeras() : try member.value.forKeras()
            }
            return .object(converted)
        case .null, .bool, .int, .double, .string: return self
        }
    }

    private func activationForKeras() throws(ModelFileError) -> ConfigValue {
        guard let activation = try? Activation(self) else { return self }
        guard let converted = activation.kerasSerialized else {
            throw .mismatch(
                .keras,
                message:
                    "Nothing in Keras takes the arguments of an activation of the model: \(json). Expected another "
                    + "format, or another activation.")
        }
        return converted
    }
}
