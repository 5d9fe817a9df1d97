internal import DenseKernelTable

extension DTypePolicy {
    /// Whether the kernel is stored in the type it was trained in.
    package var hasFloatKernel: Bool { quantization == nil }
}

extension DenseConfiguration {
    /// The names of the weights, in the order in which Keras numbers them in files (`variable_serialization_spec`).
    package var weightNames: [String] {
        let names = useBias ? ["kernel", "bias"] : ["kernel"]
        return policy.hasFloatKernel ? names : names + ["kernel_scale"]
    }

    /// The same in the order of Keras's `get_weights()`: what can be trained comes first.
    package var listedWeightNames: [String] {
        policy.hasFloatKernel || !useBias ? weightNames : ["bias", "kernel", "kernel_scale"]
    }
}

extension Dense {
    /// A layer of the weights that its configuration needs, by their Keras names.
    ///
    /// - Throws: `EngineError.missingWeight`, and what is wrong with a weight.
    init(
        _ configuration: DenseConfiguration, weights: [String: Tensor], kernels: KernelTable
    ) throws(EngineError) {
        func weight(_ name: String) throws(EngineError) -> Tensor {
            guard let weight = weights[name] else { throw .missingWeight(layer: configuration.name, weight: name) }
            return weight
        }
        let (kernel, bias) = (try weight("kernel"), weights["bias"])
        try configuration.check(kernel: kernel, bias: bias)
        let lora = try configuration.lowRankTerm(
            weights, inputDimension: kernel.shape.dimensions[0], kernels: kernels)
        if !configuration.policy.hasFloatKernel {
            try self.init(
                configuration, integers: kernel, scale: try weight("kernel_scale"), bias: bias, lora: lora,
                kernels: kernels)
        } else if let lora {
            let merged = try Tensor(shape: kernel.shape, elements: zip(kernel.elements, lora.kernel.elements).map(+))
            let packed = try PackedKernel(kernel: merged, bias: bias, for: kernels)
            self.init(configuration, packed: .float32(packed), kernel: kernel, bias: bias, lora: lora)
        } else {
            try self.init(configuration, kernel: kernel, bias: bias, kernels: kernels)
        }
    }

    /// A layer of integers, as Keras stores them.
    ///
    /// - Parameters:
    ///   - integers: the kernel, `[inputDimension, units]`; whole numbers from -128 to 127.
    ///   - scale: `[units]`: what the weights were multiplied by.
    /// - Throws: `EngineError.weightShapeMismatch`, `.missingWeight`, `.unexpectedWeight` for shapes that do not fit the
    ///   configuration, `.weightOutOfRange` for other numbers.
    init(
        _ configuration: DenseConfiguration, integers: Tensor, scale: Tensor, bias: Tensor?, lora: LowRankTerm?,
        kernels: KernelTable
    ) throws(EngineError) {
        try configuration.check(kernel: integers, bias: bias)
        guard scale.shape.dimensions == [configuration.units] else {
            throw .weightShapeMismatch(
                layer: configuration.name, weight: "kernel_scale", expected: [configuration.units],
                received: scale.shape)
        }
        var packed: [Int8] = []
        packed.reserveCapacity(integers.elements.count)
        for element in integers.elements {
            guard let integer = Int8(exactly: element) else {
                throw .weightOutOfRange(
                    layer: configuration.name, weight: "kernel", expected: "integers from -128 to 127",
                    received: element)
            }
            packed.append(integer)
        }
        try self.init(
            configuration, integers: packed, scales: scale.elements, bias: bias, lora: lora, kernels: kernels)
    }

    /// - Precondition: the integers' number is a multiple of that of the scales, which are one a unit.
    private init(
        _ configuration: DenseConfiguration, integers: [Int8], scales: [Float], bias: Tensor?, lora: LowRankTerm?,
        kernels: KernelTable
    ) throws(EngineError) {
        let quantization = configuration.quantization ?? QuantizationConfiguration(.int8)
        let inputDimension = integers.count / scales.count
        // With a term in between, the bias comes later.
        let ownBias = lora == nil ? bias : nil
        let packed: PackedWeights
        switch quantization {
        case .int8(_, let activations?):
            packed = .int8(
                try PackedInt8Kernel(
                    integers: integers, inputDimension: inputDimension, scales: scales, bias: ownBias,
                    inputs: activations, kernels: kernels))
        case .int8(_, nil):
            packed = .scaled(
                try PackedScaledKernel(
                    integers: integers, inputDimension: inputDimension, scales: scales, bias: ownBias,
                    kernels: kernels))
        }
        let whole = lora.map { PackedWeights.adapted(PackedAdaptedWeights(packed, $0, bias: bias)) } ?? packed
        self.init(configuration, packed: whole, bias: bias, lora: lora)
    }

    /// The layer with its weights quantized, as Keras's `Dense.quantize` does.
    ///
    /// - Throws: `EngineError.invalidConfigValue` when it is quantized already, `.unsupported` for a quantizer along another
    ///   axis than Keras's own.
    func quantized(_ quantization: QuantizationConfiguration) throws(EngineError) -> Dense {
        guard configuration.policy.hasFloatKernel else {
            throw .invalidConfigValue(
                path: [],
                message: "Layer '\(configuration.name)' is already quantized with "
                    + "dtype_policy='\(configuration.policy.name)'. Received: mode=\(quantization.mode.rawValue)")
        }
        var configuration = configuration
        configuration.policy.quantization = quantization.mode
        configuration.quantization = quantization
        switch quantization {
        case .int8(let weights, _):
            let quantizer = weights ?? AbsMaxQuantizer()
            guard weights == nil || quantizer.axes == [0] || quantizer.axes == [-2] else {
                throw .unsupported(
                    path: [],
                    message: "Weights are quantized for each unit. Expected a weight_quantizer with axis 0, received "
                        + "\(quantizer.axes.map { "\($0)" } ?? "none").")
            }
            let (integers, scales) = quantizer.quantizeColumns(of: kernel)
            return try Dense(
                configuration, integers: integers, scales: scales, bias: bias, lora: lora, kernels: packed.kernels)
        }
    }

    /// The weights with their Keras names, in the order of `DenseConfiguration.weightNames`.
    package var weights: [(name: String, tensor: Tensor)] {
        var weights = [("kernel", kernel)]
        if let bias { weights.append(("bias", bias)) }
        if let scale = packed.scale { weights.append(("kernel_scale", scale)) }
        if let lora { weights += [(LowRankTerm.names.a, lora.a), (LowRankTerm.names.b, lora.b)] }
        return weights
    }
}

extension Layer {
    /// The number of the weights' elements.
    var parameterCount: Int {
        guard case .dense(let dense) = self else { return weights.reduce(0) { $0 + $1.tensor.shape.count } }
        let perUnit = dense.inputDimension + (dense.bias == nil ? 0 : 1) + (dense.packed.scale == nil ? 0 : 1)
        return dense.units * perUnit + (dense.lora?.parameterCount ?? 0)
    }

    /// What the weights take in memory: as they are, and laid out for products.
    var memoryByteCount: Int {
        let floats = 2 * parameterCount * MemoryLayout<Float>.stride
        guard case .dense(let dense) = self, let packed = dense.packed.byteCount else { return floats }
        return packed + 2 * (dense.lora?.parameterCount ?? 0) * MemoryLayout<Float>.stride
    }
}
