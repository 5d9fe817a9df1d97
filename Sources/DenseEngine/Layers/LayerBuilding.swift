internal import DenseKernelTable

extension Layer {
    /// - Throws: what the layer has against its weights, of which none may be missing.
    init(
        _ configuration: LayerConfiguration, weights: [String: Tensor], kernels: KernelTable
    ) throws(EngineError) {
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
