extension Dense {
    /// The layer with a low-rank term made part of its kernel, as Keras saves it (`_get_kernel_with_merged_lora`): added to a
    /// float32 kernel; one of integers becomes numbers, takes the term, and is quantized anew.
    func merged(with term: LowRankTerm) throws(EngineError) -> Dense {
        let added = try term.kernel.elements
        var weights: [String: Tensor] = [:]
        for (name, tensor) in self.weights { weights[name] = tensor }
        weights[LowRankTerm.names.a] = nil
        weights[LowRankTerm.names.b] = nil
        let scales = weights["kernel_scale"]?.elements
        var kernel = kernel.elements
        for index in kernel.indices {
            if let scales { kernel[index] /= scales[index % units] }
            kernel[index] += added[index]
        }
        let whole = try Tensor([inputDimension, units], kernel)
        if scales == nil {
            weights["kernel"] = whole
        } else {
            let (integers, scales) = AbsMaxQuantizer().quantizeColumns(of: whole)
            weights["kernel"] = try Tensor([inputDimension, units], integers.map { Float($0) })
            weights["kernel_scale"] = try Tensor([units], scales)
        }
        return try Dense(configuration, weights: weights, kernels: packed.kernels)
    }
}

extension Sequential {
    /// The network with an adapter's terms merged into its kernels; see `Dense.merged`.
    ///
    /// - Parameter adapter: made for this network.
    package func merged(with adapter: Adapter) throws(EngineError) -> Sequential {
        var merged: [Layer] = []
        for (layer, adapted) in zip(layers, adapter.layers) {
            if case .dense(let dense) = layer, let term = adapted?.term {
                merged.append(.dense(try dense.merged(with: term)))
            } else {
                merged.append(layer)
            }
        }
        return replacingLayers(merged)
    }

    /// The layers with their low-rank terms merged.
    package func merged() throws(EngineError) -> [Layer] {
        var merged: [Layer] = []
        for layer in layers {
            if case .dense(let dense) = layer, let term = dense.lora {
                merged.append(.dense(try dense.merged(with: term)))
            } else {
                merged.append(layer)
            }
        }
        return merged
    }
}

extension DenseConfiguration {
    /// - Throws: `EngineError.invalidConfigValue` in Keras's words when the kernel is constrained.
    func requireAdaptable() throws(EngineError) {
        guard kernelConstraint == nil else {
            throw .invalidConfigValue(
                path: [],
                message:
                    "Lora is incompatible with kernel constraints. In order to enable lora on this layer, remove the "
                    + "`kernel_constraint` argument.")
        }
    }
}
