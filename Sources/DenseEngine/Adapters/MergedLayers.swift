extension Dense {
    /// The layer with a low-rank term made part of its kernel, as Keras saves it (`_get_kernel_with_merged_lora`): added to a
    /// float32 kernel; one of integers becomes numbers, takes the term, and is quantized anew.
    func merged(with term: LowRankTerm) throws(EngineError) -> Dense {
        let added = try term.kernel.elements
        var weights: [String: Tensor] = [:]
        for (name, tensor) in self.weights { weights[name] = tensor }
        weights[LowRankTerm.names.a] = nil
        weights[LowRankTerm.names.b] = nil
        let whole = try Tensor([inputDimension, units], zip(numbers.elements, added).map(+))
        switch configuration.policy.quantization {
        case nil, .float8, .gptq, .awq: weights["kernel"] = whole
        // With Keras's own quantizers, whatever the layer was quantized by.
        case .int8:
            let quantizer = QuantizationConfiguration.int8(weights: nil, activations: nil)
            weights.merge(try configuration.quantizedWeights(of: whole, by: quantizer)) { $1 }
        case .int4(let size):
            let quantizer = QuantizationConfiguration.int4(weights: nil, activations: nil, blockSize: size)
            weights.merge(try configuration.quantizedWeights(of: whole, by: quantizer)) { $1 }
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
    /// - Throws: `EngineError.invalidConfigValue` in Keras's words when the kernel is constrained, or quantized in a mode that
    ///   takes no term; `.unsupported` for another type than float32.
    func requireAdaptable() throws(EngineError) {
        guard policy.compute == .float32 else {
            throw .unsupported(
                path: ["dtype"],
                message: "Low-rank adaptation is computed in float32 only. Expected dtype 'float32', received "
                    + "'\(policy.name)'.")
        }
        guard kernelConstraint == nil else {
            throw .invalidConfigValue(
                path: [],
                message:
                    "Lora is incompatible with kernel constraints. In order to enable lora on this layer, remove the "
                    + "`kernel_constraint` argument.")
        }
        switch policy.quantization {
        case nil, .int8, .int4: break
        case .float8, .gptq, .awq:
            throw .invalidConfigValue(
                path: [],
                message: "lora is not currently supported with \(policy.quantization?.name ?? "") quantization.")
        }
    }
}
