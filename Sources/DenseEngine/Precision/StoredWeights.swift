/// The weights of a `Dense` as Keras stores them, by mode (`variable_serialization_spec` and the `_..._build` functions of
/// keras/src/layers/core/dense.py).
extension DenseConfiguration {
    /// The names of the weights, in the order in which Keras numbers them in files.
    package var weightNames: [String] {
        let bias = useBias ? ["bias"] : []
        return switch policy.quantization {
        case nil: ["kernel"] + bias
        case .int8, .int4(nil): ["kernel"] + bias + ["kernel_scale"]
        case .int4(_?): ["kernel"] + bias + ["kernel_scale", "kernel_zero", "g_idx"]
        case .float8:
            ["kernel"] + bias + [
                "inputs_scale", "inputs_amax_history", "kernel_scale", "kernel_amax_history", "outputs_grad_scale",
                "outputs_grad_amax_history",
            ]
        case .gptq: bias + ["kernel", "kernel_scale", "kernel_zero", "g_idx"]
        case .awq: bias + ["kernel", "kernel_scale", "kernel_zero", "awq_scales", "g_idx"]
        }
    }

    /// The same in the order of Keras's `get_weights()`: what can be trained comes first.
    package var listedWeightNames: [String] {
        guard !policy.hasFloatKernel, useBias else { return weightNames }
        return ["bias"] + weightNames.filter { $0 != "bias" }
    }

    /// The type a weight has in files.
    func storedType(ofWeight name: String) -> WeightType {
        switch (policy.quantization, name) {
        case (.int8, "kernel"), (.int4, "kernel"), (.int4, "kernel_zero"): .int8
        case (.gptq, "kernel"), (.gptq, "kernel_zero"), (.awq, "kernel"), (.awq, "kernel_zero"): .uint8
        default: .float(policy.variable)
        }
    }

    /// A weight's shape, -1 standing for a number of features that is not known.
    ///
    /// - Precondition: the name is one of `weightNames`.
    func storedShape(ofWeight name: String, inputDimension: Int) -> [Int] {
        switch name {
        case "kernel": storedKernelShapes(inputDimension: inputDimension)[0]
        case "bias": [units]
        case "g_idx", "awq_scales": [inputDimension]
        case "inputs_amax_history", "kernel_amax_history", "outputs_grad_amax_history": [historyLength]
        case "kernel_scale", "kernel_zero":
            switch policy.quantization {
            case nil, .float8: []
            case .int8, .int4(nil): [units]
            case .int4(let size?): [groupCount(inputDimension, size), units]
            case .gptq(_, let size), .awq(let size): [units, groupCount(inputDimension, size)]
            }
        default: []
        }
    }

    /// The shapes that a stored kernel may have, Keras's own first.
    func storedKernelShapes(inputDimension: Int) -> [[Int]] {
        let pairs = units / 2 + units % 2
        return switch policy.quantization {
        case nil, .int8, .float8: [[inputDimension, units]]
        case .int4: [[inputDimension, pairs]]
        case .gptq(4, _), .awq: [[pairs, inputDimension]]
        // Keras 3.16 packs four to a byte.
        case .gptq(2, _): [[units, inputDimension], [units / 4 + (units % 4 == 0 ? 0 : 1), inputDimension]]
        case .gptq: [[units, inputDimension]]
        }
    }

    /// The number of features of a layer with a kernel of this shape; `nil` when it is no kernel.
    func inputDimension(ofKernel shape: Shape) -> Int? {
        guard shape.rank == 2 else { return nil }
        let size = shape.dimensions[storedFeatureAxis]
        return storedKernelShapes(inputDimension: size).contains(shape.dimensions) ? size : nil
    }

    /// Which axis of a stored kernel the features are along.
    var storedFeatureAxis: Int {
        switch policy.quantization {
        case nil, .int8, .int4, .float8: 0
        case .gptq, .awq: 1
        }
    }

    /// What makes a weight of a layer that was given none: a kernel of integers is zero until something is quantized.
    func initializer(ofStoredWeight name: String) -> Initializer {
        if name == "kernel" { return policy.hasFloatKernel ? kernelInitializer : .zeros }
        return name.hasSuffix("_scale") ? .ones : .zeros
    }

    private var historyLength: Int {
        if case .float8(let length) = policy.quantization { length } else { 0 }
    }

    private func groupCount(_ inputDimension: Int, _ size: Int?) -> Int {
        guard let size else { return 1 }
        return inputDimension <= 0 ? inputDimension : (inputDimension - 1) / size + 1
    }
}

extension DTypePolicy {
    /// Whether the kernel is stored in the type it was trained in.
    package var hasFloatKernel: Bool {
        switch quantization {
        case nil, .float8: true
        case .int8, .int4, .gptq, .awq: false
        }
    }
}

extension Layer {
    /// The type of one of its weights.
    package func type(ofWeight name: String) -> WeightType {
        if case .dense(let dense) = self {
            dense.configuration.storedType(ofWeight: name)
        } else {
            .float(configuration.identity.policy.variable)
        }
    }
}
