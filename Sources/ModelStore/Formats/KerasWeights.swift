internal import DenseEngine

/// Weights as Keras's HDF5 files have them.
///
/// - `model.save_weights`, and inside `.keras`: `layers/<class>[_n]/vars/<i>`, where the class is in snake case, `n` counts the
///   layers of the class before, and `i` is the weight's place in the layer (keras/src/saving/saving_lib.py). Keras 2.13
///   says `_layer_checkpoint_dependencies` for `layers`.
/// - whole models, and weights, of the older form: a group for each layer, by its name, whose attribute `weight_names` has the
///   paths of its datasets (keras/src/legacy/saving/legacy_h5_format.py)
struct KerasWeights {
    let file: HDF5File

    /// The configuration in a whole-model file, nil where the file holds weights only.
    func configuration() throws(ModelFileError) -> [UInt8]? {
        try file.strings("model_config", at: file.root)?.first.map { Array($0.utf8) }
    }

    /// The layers with their weights.
    func assigned(to layers: [LayerSpecification]) throws(ModelFileError) -> [LayerSpecification] {
        for name in ["layers", "_layer_checkpoint_dependencies"] {
            if let group = try file.address(of: name) { return try assigned(layers, from: group) }
        }
        if let group = try file.address(of: "model_weights") { return try assignedByName(layers, from: group) }
        if try file.strings(at: file.root, list: "layer_names") != nil {
            return try assignedByName(layers, from: file.root)
        }
        // A model without weights has no groups either.
        if layers.allSatisfy({ $0.configuration.weightNames.isEmpty }) { return layers }
        throw .mismatch(
            .hdf5,
            message:
                "The HDF5 file holds no weights as Keras writes them. Expected a group 'layers' or 'model_weights', "
                + "or the attribute 'layer_names'.")
    }

    // MARK: By class and number

    private func assigned(
        _ layers: [LayerSpecification], from group: Int
    ) throws(ModelFileError) -> [LayerSpecification] {
        var layers = layers
        var counts: [String: Int] = [:]
        var unused = try file.links(at: group)
        for index in layers.indices {
            let configuration = layers[index].configuration
            let number = counts[configuration.defaultName, default: 0]
            counts[configuration.defaultName] = number + 1
            let name = number == 0 ? configuration.defaultName : "\(configuration.defaultName)_\(number)"
            unused[name] = nil
            let expected = configuration.weightNames
            let variables = try file.address(of: "\(name)/vars", from: group)
            let found = try variables.map { address throws(ModelFileError) in try file.links(at: address) } ?? [:]
            guard found.count == expected.count else {
                throw .mismatch(
                    .hdf5,
                    message: "Layer \(configuration.name.quoted) has \(expected.count) weights"
                        + "\(expected.isEmpty ? "" : " (\(expected.joined(separator: ", ")))"). Expected as many in "
                        + "\("layers/\(name)/vars".quoted), received \(found.count).")
            }
            guard let variables, !expected.isEmpty else { continue }
            var weights: [String: Tensor] = [:]
            for (position, weight) in expected.enumerated() {
                weights[weight] = try tensor("\(position)", from: variables, of: "layers/\(name)/vars")
            }
            layers[index].weights = weights
        }
        for name in unused.keys.sorted() {
            guard let variables = try file.address(of: "\(name)/vars", from: group),
                try !file.links(at: variables).isEmpty
            else { continue }
            throw .mismatch(
                .hdf5,
                message:
                    "The HDF5 file has weights of a layer that is not in the configuration: \(name.quoted). Expected "
                    + "layers of the configuration only.")
        }
        return layers
    }

    // MARK: By name

    private func assignedByName(
        _ layers: [LayerSpecification], from group: Int
    ) throws(ModelFileError) -> [LayerSpecification] {
        var layers = layers
        let names = try WeightList.names(of: layers)
        var stored: [String: [String]] = [:]
        for name in try file.strings(at: group, list: "layer_names") ?? [] {
            guard let address = try file.address(of: name, from: group) else { continue }
            stored[name] = try file.strings(at: address, list: "weight_names") ?? []
        }
        for (index, name) in names.enumerated() {
            let expected = layers[index].configuration.weightNames
            let paths = stored.removeValue(forKey: name) ?? []
            var byName: [String: String] = [:]
            for path in paths { byName[WeightList.split(path).weight] = path }
            guard Set(byName.keys) == Set(expected), paths.count == expected.count else {
                throw .mismatch(
                    .hdf5,
                    message: "Layer \(name.quoted) and the HDF5 file's group of that name do not fit. Expected the "
                        + "weights \(expected), received \(paths.prefix(16).map(\.quoted)).")
            }
            guard !expected.isEmpty, let address = try file.address(of: name, from: group) else { continue }
            var weights: [String: Tensor] = [:]
            for weight in expected {
                weights[weight] = try tensor(byName[weight] ?? weight, from: address, of: name)
            }
            layers[index].weights = weights
        }
        for (name, weights) in stored.sorted(by: { $0.key < $1.key }) where !weights.isEmpty {
            throw .mismatch(
                .hdf5,
                message:
                    "The HDF5 file has weights of a layer that is not in the configuration: \(name.quoted). Expected "
                    + "\(names.prefix(16).map(\.quoted).joined(separator: ", ")).")
        }
        return layers
    }

    private func tensor(_ path: String, from group: Int, of parent: String) throws(ModelFileError) -> Tensor {
        guard let dataset = try file.dataset(path, from: group) else {
            throw .mismatch(
                .hdf5, message: "The HDF5 file has no dataset \(path.quoted) in \(parent.quoted). Expected one.")
        }
        return try dataset.tensor()
    }
}

extension HDF5File {
    /// A list of strings in one attribute, or in several numbered ones where it was too long for one.
    fileprivate func strings(at address: Int, list name: String) throws(ModelFileError) -> [String]? {
        if let whole = try strings(name, at: address) { return whole }
        var list: [String]?
        var number = 0
        while let part = try strings("\(name)\(number)", at: address) {
            list = (list ?? []) + part
            number += 1
        }
        return list
    }
}
