import DenseEngine

extension Adapter {
    /// Random terms for some of a network's layers.
    static func random(
        _ network: Sequential, layers: [String]? = nil, rank: Int, alpha: Double? = nil, seed: UInt64
    ) throws -> Adapter {
        var numbers = TestNumbers(seed: seed)
        var factors: [String: LowRankFactors] = [:]
        for case .dense(let dense) in network.layers where layers?.contains(dense.configuration.name) ?? true {
            factors[dense.configuration.name] = LowRankFactors(
                a: try numbers.tensor([dense.inputDimension, rank]), b: try numbers.tensor([rank, dense.units]),
                alpha: alpha)
        }
        return try Adapter(factors, for: network)
    }
}

/// Some `Dense` layers with biases, as one network.
func denseNetwork(_ layers: [(units: Int, activation: Activation)], inputs: Int, quantized: Bool = false) throws
    -> Sequential
{
    let specifications = layers.enumerated().map { index, layer in
        LayerSpecification(
            .dense(
                DenseConfiguration(
                    units: layer.units, activation: layer.activation, kernelInitializer: .heNormal(seed: index),
                    biasInitializer: .randomUniform(minimum: -1, maximum: 1, seed: index))))
    }
    let network = try Sequential(specifications, inputShape: Shape([2, inputs]))
    return quantized ? try network.quantized(.int8(weights: nil, activations: AbsMaxQuantizer())) : network
}
