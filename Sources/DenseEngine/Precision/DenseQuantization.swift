internal import DenseKernelTable

extension Dense {
    /// A layer of the weights that its configuration needs, by their Keras names.
    ///
    /// - Throws: `EngineError.missingWeight`, and what is wrong with a weight.
    init(
        _ configuration: DenseConfiguration, weights: [String: Tensor], kernels: KernelTable
    ) throws(EngineError) {
        let bias = weights["bias"]?.cast(to: configuration.policy.variable)
        switch configuration.policy.quantization {
        case nil:
            guard let kernel = weights["kernel"]?.cast(to: configuration.policy.variable) else {
                throw .missingWeight(layer: configuration.name, weight: "kernel")
            }
            try configuration.check(kernel: kernel, bias: bias)
            let lora = try configuration.lowRankTerm(
                weights, inputDimension: kernel.shape.dimensions[0], kernels: kernels)
            guard let lora else {
                try self.init(configuration, kernel: kernel, bias: bias, kernels: kernels)
                return
            }
            let merged = try Tensor(shape: kernel.shape, elements: zip(kernel.elements, lora.kernel.elements).map(+))
            let packed = try PackedKernel(kernel: merged, bias: bias, for: kernels)
            self.init(configuration, packed: .float32(packed), kernel: kernel, bias: bias, lora: lora)
        case .int8, .int4, .float8, .gptq, .awq:
            try configuration.check(bias: bias)
            let kept = try KeptWeights(configuration, weights)
            let lora = try configuration.lowRankTerm(weights, inputDimension: kept.inputDimension, kernels: kernels)
            // With a term in between, the bias comes later.
            let packed = try PackedWeights(configuration, kept, bias: lora == nil ? bias : nil, kernels: kernels)
            let whole = lora.map { PackedWeights.adapted(PackedAdaptedWeights(packed, $0, bias: bias)) } ?? packed
            let isInPacked = configuration.policy.quantization == .int8
            self.init(
                configuration, packed: whole, kept: isInPacked ? kept.withoutKernel : kept, bias: bias, lora: lora)
        }
    }

    /// The layer with its weights quantized, as Keras's `Dense.quantize` does.
    ///
    /// - Throws: `EngineError.invalidConfigValue` when it is quantized already, `.unsupported` for a quantizer along another
    ///   axis than Keras's own, and for what needs data for calibration.
    func quantized(_ quantization: QuantizationConfiguration) throws(EngineError) -> Dense {
        guard configuration.policy.quantization == nil else {
            throw .invalidConfigValue(
                path: [],
                message: "Layer '\(configuration.name)' is already quantized with "
                    + "dtype_policy='\(configuration.policy.name)'. Received: mode=\(quantization.mode.name)")
        }
        guard configuration.policy == .float32 else {
            throw DTypePolicy.unsupportedSource(configuration.policy.name)
        }
        var configuration = configuration
        configuration.policy.quantization = quantization.mode
        configuration.quantization = quantization
        if configuration.lora != nil { try configuration.requireAdaptable() }
        var weights: [String: Tensor] = [:]
        for (name, tensor) in self.weights { weights[name] = tensor }
        let own = try configuration.quantizedWeights(of: kernel, by: quantization)
        weights.merge(own) { _, quantized in quantized }
        return try Dense(configuration, weights: weights, kernels: packed.kernels)
    }

    /// The weights with their Keras names, in the order of `DenseConfiguration.weightNames`.
    package var weights: [(name: String, tensor: Tensor)] {
        var weights: [(name: String, tensor: Tensor)] = configuration.weightNames.compactMap { name in
            let tensor = name == "bias" ? bias : kept?.tensor(name) ?? (name == "kernel" ? kernel : nil)
            return tensor.map { (name, $0) }
        }
        if let lora { weights += [(LowRankTerm.names.a, lora.a), (LowRankTerm.names.b, lora.b)] }
        return weights
    }

    /// The kernel in numbers, `[inputDimension, units]`: of a quantized layer what its integers stand for.
    var numbers: Tensor {
        get throws(EngineError) {
            guard let kept else { return kernel }
            switch configuration.policy.quantization {
            case nil, .float8: return kernel
            case .int4(_?), .gptq, .awq: return try GroupedKernel(configuration, kept).numbers
            case .int8: return try Self.divided(kernel.elements, by: kept.floats("kernel_scale"))
            case .int4(nil):
                let integers = kept.wholeIntegers(configuration).map { Float($0) }
                return try Self.divided(integers, by: kept.floats("kernel_scale"))
            }
        }
    }
}

extension Dense {
    /// - Parameters:
    ///   - integers: `[inputDimension, units]`
    ///   - scales: one a unit.
    private static func divided(_ integers: [Float], by scales: [Float]) throws(EngineError) -> Tensor {
        let units = scales.count
        return try Tensor([integers.count / units, units], integers.indices.map { integers[$0] / scales[$0 % units] })
    }
}

extension KeptWeights {
    /// The integers of a layer with a scale for each unit, `[inputDimension, units]`.
    func wholeIntegers(_ configuration: DenseConfiguration) -> [Int8] {
        guard case .int4 = configuration.policy.quantization else { return integers("kernel") }
        return PackedIntegers(int4: bytes("kernel"), inputDimension: inputDimension, units: configuration.units).all
    }
}

extension PackedWeights {
    /// The weights of a quantized layer, laid out for its product.
    ///
    /// - Parameter bias: `nil` where it is added later.
    fileprivate init(
        _ configuration: DenseConfiguration, _ kept: KeptWeights, bias: Tensor?, kernels: KernelTable
    ) throws(EngineError) {
        let scales = kept.floats("kernel_scale")
        switch configuration.policy.quantization {
        case nil, .float8:
            guard let kernel = kept.tensor("kernel"), let kernelScale = scales.first,
                let inputScale = kept.floats("inputs_scale").first
            else { throw .missingWeight(layer: configuration.name, weight: "kernel") }
            self = .float8(
                try PackedFloat8Kernel(
                    kernel: kernel, kernelScale: kernelScale, inputScale: inputScale, bias: bias, kernels: kernels))
        case .int4(_?), .gptq, .awq:
            let grouped = try GroupedKernel(configuration, kept)
            if case .int4 = configuration.policy.quantization, configuration.units >= PackedInt4Kernel.minimumUnits,
                let size = grouped.regularGroupSize
            {
                self = .int4(
                    try PackedInt4Kernel(
                        packed: kept.bytes("kernel"), inputDimension: kept.inputDimension, units: configuration.units,
                        groupSize: size, scales: scales, zeros: kept.integers("kernel_zero"), bias: bias,
                        kernels: kernels))
            } else {
                self = .float32(try PackedKernel(kernel: grouped.numbers, bias: bias, for: kernels))
            }
        case .int8, .int4(nil):
            let inputs = configuration.activationQuantizer
            if inputs == nil, case .int4 = configuration.policy.quantization,
                configuration.units >= PackedInt4Kernel.minimumUnits
            {
                self = .int4(
                    try PackedInt4Kernel(
                        packed: kept.bytes("kernel"), inputDimension: kept.inputDimension, scales: scales, bias: bias,
                        kernels: kernels))
                return
            }
            let integers = kept.wholeIntegers(configuration)
            if let inputs {
                self = .int8(
                    try PackedInt8Kernel(
                        integers: integers, inputDimension: kept.inputDimension, scales: scales, bias: bias,
                        inputs: inputs, kernels: kernels))
            } else {
                self = .scaled(
                    try PackedScaledKernel(
                        integers: integers, inputDimension: kept.inputDimension, scales: scales, bias: bias,
                        kernels: kernels))
            }
        }
    }
}

extension DenseConfiguration {
    /// What makes integers of the inputs of a quantized layer.
    fileprivate var activationQuantizer: AbsMaxQuantizer? {
        if let quantization { return quantization.activations }
        return policy.quantization == .int8 ? AbsMaxQuantizer() : nil
    }
}

extension Layer {
    /// The number of the weights' elements.
    var parameterCount: Int {
        guard case .dense(let dense) = self else { return weights.reduce(0) { $0 + $1.tensor.shape.count } }
        let kernel = dense.kept?.elementCount ?? dense.units * dense.inputDimension
        return kernel + (dense.bias == nil ? 0 : dense.units) + (dense.lora?.parameterCount ?? 0)
    }

    /// What the weights take in memory: as they are, and laid out for products.
    var memoryByteCount: Int {
        guard case .dense(let dense) = self else { return 2 * parameterCount * MemoryLayout<Float>.stride }
        // As they are in memory: each double has its nearest float32 beside it.
        let size = MemoryLayout<Float>.stride + (dense.type == .float64 ? MemoryLayout<Double>.stride : 0)
        let own = dense.kept?.byteCount ?? dense.kernel.shape.count * size
        let others = 2 * (dense.bias?.shape.count ?? 0) * size + 2 * (dense.lora?.parameterCount ?? 0) * size
        return own + others + dense.packed.byteCount
    }
}
