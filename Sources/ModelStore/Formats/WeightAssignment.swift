internal import DenseEngine

/// Gives the layers of a configuration their weights out of a list, or makes layers of the list alone.
extension WeightList {
    /// The layers with their weights.
    ///
    /// Where names say the layers (`dense.kernel`), these have them. Else the arrays' groups go to the layers that have
    /// weights, in order; and NumPy's `arr_0`, `arr_1`, ... one after the other, as `model.get_weights()` lists them.
    func assigned(to layers: [LayerSpecification]) throws(ModelFileError) -> [LayerSpecification] {
        var layers = layers
        let names = try Self.names(of: layers)
        let takers = layers.indices.filter { !layers[$0].configuration.weightNames.isEmpty }
        if let list = try positional() {
            var rest = list[...]
            for index in takers {
                var weights: [String: Tensor] = [:]
                for name in layers[index].configuration.listedWeightNames { weights[name] = rest.popFirst() }
                layers[index].weights = weights
            }
            let expected = takers.reduce(0) { $0 + layers[$1].configuration.weightNames.count }
            guard list.count == expected else { throw countMismatch("arrays", expected, list.count) }
            return layers
        }
        var groups = try groups()
        let known = Set(takers.map { names[$0] })
        if groups.allSatisfy({ known.contains($0.name) }) {
            let byName = Dictionary(groups.map { ($0.name, $0) }) { first, _ in first }
            for index in takers {
                guard let group = byName[names[index]] else { continue }
                layers[index].weights = try weights(of: group, for: layers[index].configuration)
            }
            guard groups.count == takers.count else {
                throw countMismatch("layers with weights", takers.count, groups.count)
            }
            return layers
        }
        // PyTorch counts batches in a group of nothing else.
        groups.removeAll { $0.tensors.isEmpty && $0.unread.keys.allSatisfy { $0 == "num_batches_tracked" } }
        guard groups.count == takers.count else {
            throw countMismatch("layers with weights", takers.count, groups.count)
        }
        for (index, group) in zip(takers, groups) {
            layers[index].weights = try weights(of: group, for: layers[index].configuration)
        }
        return layers
    }

    /// Dense layers of what the arrays' shapes say.
    ///
    /// - Parameter activations: one for each layer. A stack without any would be a guess, and a wrong one: nothing in such a
    ///   file says what was between the layers.
    func inferred(activations: [String]?) throws(ModelFileError) -> [LayerSpecification] {
        var found: [(name: String?, kernel: Tensor, bias: Tensor?)] = []
        if let list = try positional() {
            for tensor in list {
                if tensor.shape.rank == 1, let last = found.indices.last, found[last].bias == nil {
                    found[last].bias = tensor
                } else {
                    found.append((nil, tensor, nil))
                }
            }
        } else {
            for group in try groups() {
                guard let kernel = try group.weight("kernel", isNormalizing: false) else {
                    throw .mismatch(
                        kind,
                        message: "Without a configuration every layer is a Dense one. Expected 'kernel' or 'weight' in "
                            + "\(group.name.quoted), received \(group.tensors.keys.sorted().joined(separator: ", ")).")
                }
                try requireNothingElse(in: group, than: ["kernel", "weight", "bias"])
                let name = group.name.isEmpty ? nil : String(group.name.map { $0 == "/" ? "." : $0 })
                found.append((name, kernel, try group.weight("bias", isNormalizing: false)))
            }
        }
        guard !found.isEmpty else {
            throw .mismatch(kind, message: "The file holds no arrays. Expected a layer's weights.")
        }
        if found.count > 1 || activations != nil {
            guard let activations, activations.count == found.count else {
                throw .mismatch(
                    kind,
                    message: "The file has \(found.count) layers and no configuration. Expected a configuration, or "
                        + "'activations' with one name for each layer (relu,linear), received "
                        + "\(activations.map { "\($0.count)" } ?? "neither").")
            }
        }
        var layers: [LayerSpecification] = []
        for (index, layer) in found.enumerated() {
            guard layer.kernel.shape.rank == 2 else {
                throw .mismatch(
                    kind,
                    message: "A kernel has two axes. Expected a matrix, received the shape \(layer.kernel.shape)"
                        + "\(layer.name.map { " in " + $0.quoted } ?? "").")
            }
            layers.append(try dense(layer, activation: activations?[index] ?? "linear"))
        }
        return layers
    }

    private func dense(
        _ layer: (name: String?, kernel: Tensor, bias: Tensor?), activation: String
    ) throws(ModelFileError) -> LayerSpecification {
        var config: ConfigObject = [
            "units": .int(layer.kernel.shape.lastAxis), "activation": .string(activation),
            "use_bias": .bool(layer.bias != nil),
        ]
        if let name = layer.name { config["name"] = .string(name) }
        var weights = ["kernel": layer.kernel]
        weights["bias"] = layer.bias
        do throws(EngineError) { return try LayerSpecification(.object(config), weights: weights) } catch {
            throw .mismatch(kind, message: error.description)
        }
    }

    /// The arrays of `numpy.savez(file, *weights)`, in order; nil when they have names.
    private func positional() throws(ModelFileError) -> [Tensor]? {
        guard !tensors.isEmpty else { return nil }
        let byName = Dictionary(tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
        var list: [Tensor] = []
        for index in tensors.indices {
            guard let tensor = byName["arr_\(index)"] else { return nil }
            list.append(tensor)
        }
        if let error = unread.values.first { throw error }
        return list
    }

    private func weights(
        of group: Group, for configuration: LayerConfiguration
    ) throws(ModelFileError) -> [String: Tensor] {
        var weights: [String: Tensor] = [:]
        let isNormalizing = configuration.isNormalizing
        let names = configuration.weightNames + configuration.optionalWeightNames
        for name in names {
            weights[name] = try group.weight(name, isNormalizing: isNormalizing)
        }
        let torch = isNormalizing ? ["weight", "bias", "running_mean", "running_var"] : ["weight"]
        try requireNothingElse(in: group, than: names + torch)
        return weights
    }

    private func requireNothingElse(in group: Group, than known: [String]) throws(ModelFileError) {
        for name in group.tensors.keys.sorted() where !known.contains(name) && name != "num_batches_tracked" {
            throw .mismatch(
                kind,
                message: "The layer of the arrays \(group.name.quoted) has no weight '\(name)'. Expected "
                    + "\(known.map { "'\($0)'" }.joined(separator: ", ")).")
        }
    }

    private func countMismatch(_ what: String, _ expected: Int, _ received: Int) -> ModelFileError {
        .mismatch(
            kind,
            message: "The file and the configuration do not fit. Expected \(expected) \(what), received \(received).")
    }

    /// The layers' names, as the model will have them.
    static func names(of layers: [LayerSpecification]) throws(ModelFileError) -> [String] {
        do throws(EngineError) { return try Sequential.named(layers).map(\.configuration.name) } catch {
            throw .mismatch(.json, message: error.description)
        }
    }
}

extension LayerConfiguration {
    /// Whether the layer's weights are statistics and factors, which PyTorch names otherwise than a kernel.
    var isNormalizing: Bool {
        weightNames.contains { ["gamma", "beta", "scale", "moving_mean"].contains($0) }
    }
}
