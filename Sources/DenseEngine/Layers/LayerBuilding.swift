internal import DenseKernelTable

extension Layer {
    /// - Throws: what the layer has against its weights, of which none may be missing.
    init(
        _ configuration: LayerConfiguration, weights: [String: Tensor], kernels: KernelTable
    ) throws(EngineError) {
        try configuration.requireComputable()
        let weights = weights.mapValues { $0.cast(to: configuration.identity.policy.variable) }
        switch configuration {
        case .dense(let configuration):
            self = .dense(try Dense(configuration, weights: weights, kernels: kernels))
        case .normalization(let configuration):
            self = .normalization(
                try BuiltNormalization(configuration, mean: weights["mean"], variance: weights["variance"]))
        case .batchNormalization(let configuration):
            self = .batchNormalization(try BuiltBatchNormalization(configuration, weights: weights))
        case .axisNormalization(let configuration):
            self = .axisNormalization(try BuiltAxisNormalization(configuration, weights: weights))
        case .parametricReLU(let configuration):
            guard let alpha = weights["alpha"] else {
                throw .missingWeight(layer: configuration.name, weight: "alpha")
            }
            self = .parametricReLU(BuiltParametricReLU(configuration, alpha: alpha))
        case .activation(let layer): self = .activation(layer)
        case .dropout(let layer): self = .dropout(layer)
        case .flatten(let layer): self = .flatten(layer)
        case .reshape(let layer): self = .reshape(layer)
        case .inputLayer(let layer): self = .inputLayer(layer)
        case .rescaling(let layer): self = .rescaling(layer)
        }
    }
}

extension LayerConfiguration {
    /// - Throws: `EngineError.unsupported` for a layer of float64 that has no way of computing in it.
    func requireComputable() throws(EngineError) {
        guard type == .float64 else { return }
        switch self {
        case .dense, .activation, .dropout, .flatten, .reshape, .inputLayer: return
        case .rescaling, .normalization, .batchNormalization, .axisNormalization, .parametricReLU:
            throw .unsupported(
                path: ["dtype"],
                message:
                    "A \(className) layer does not compute in float64 here. Expected float32, float16, bfloat16 or a "
                    + "mixed policy, received 'float64'.")
        }
    }
}
