/// One layer's part of an adapter, as somebody gives it; see `LowRankTerm`.
package struct LowRankFactors: Hashable, Sendable {
    /// `[inputDimension, rank]`
    package var a: Tensor
    /// `[rank, units]`
    package var b: Tensor
    /// `nil` is the rank, as in Keras.
    package var alpha: Double?

    package init(a: Tensor, b: Tensor, alpha: Double? = nil) {
        self.a = a
        self.b = b
        self.alpha = alpha
    }
}

/// Low-rank terms (LoRA) for some `Dense` layers of one network, chosen for each call and never part of the kernels:
/// `output = activation(input * kernel + alpha / rank * ((input * a) * b) + bias)`, added in this order in float32.
///
/// Keras merges a float32 kernel with its term before the product, and adds the term of a quantized one afterwards. Here
/// the term is always added afterwards, so that rows with different adapters share one product; the two forms differ by
/// rounding alone. Immutable. A class, so that a request on its way keeps one object alive.
package final class Adapter: Sendable {
    /// One layer's term, and what is added after it.
    struct AdaptedLayer: Sendable {
        let term: LowRankTerm
        let bias: [Float]?
    }

    /// One for each layer of the network, `nil` where it stays as it is.
    let layers: [AdaptedLayer?]
    /// The adapted layers' names and terms, in the network's order.
    package let terms: [(layer: String, term: LowRankTerm)]

    /// - Parameter factors: by the layers' names.
    /// - Throws: `EngineError.invalidConfigValue` without any layer, for a layer the network does not have, one that has no
    ///   kernel or whose kernel cannot be adapted, and for an alpha that no float32 can hold;
    ///   `.weightShapeMismatch` for factors that do not fit their layer. Paths begin with the layer's name.
    package init(_ factors: [String: LowRankFactors], for network: Sequential) throws(EngineError) {
        let names = network.layers.filter(\.isDense).map { $0.name }
        guard !factors.isEmpty else {
            throw .invalidConfigValue(
                path: [], message: "An adapter needs at least one layer. Expected some of \(names), received none.")
        }
        for name in factors.keys.sorted() where !names.contains(name) {
            throw .invalidConfigValue(
                path: [name],
                message: "An adapter's layers must be Dense layers of its model. Expected some of \(names), received "
                    + "\(name.quoted).")
        }
        var layers: [AdaptedLayer?] = []
        var terms: [(String, LowRankTerm)] = []
        for layer in network.layers {
            guard case .dense(let dense) = layer, let given = factors[layer.name] else {
                layers.append(nil)
                continue
            }
            let term = try within(layer.name) { () throws(EngineError) in try dense.term(given) }
            layers.append(AdaptedLayer(term: term, bias: dense.bias?.elements))
            terms.append((layer.name, term))
        }
        self.layers = layers
        self.terms = terms
    }

    package var parameterCount: Int { terms.reduce(0) { $0 + $1.term.parameterCount } }
    /// What the factors take as float32.
    package var byteCount: Int { parameterCount * MemoryLayout<Float>.stride }
    /// What the factors take in memory: as they are, and laid out for products.
    package var memoryByteCount: Int { 2 * byteCount }

    /// The multiply-adds that the terms add to a call.
    ///
    /// - Throws: what a layer has against the shape that reaches it.
    package func multiplyAdds(of network: Sequential, for shape: Shape) throws(EngineError) -> Int {
        var shape = shape
        var sum = 0
        for (layer, adapted) in zip(network.layers, layers) {
            let output = try layer.outputShape(for: shape)
            if let term = adapted?.term {
                sum = SequentialCost.sum(
                    sum, SequentialCost.product(SequentialCost.product(shape.rowCount, term.rank), term.ends))
            }
            shape = output
        }
        return sum
    }
}

extension Layer {
    fileprivate var isDense: Bool { if case .dense = self { true } else { false } }
}

extension Dense {
    /// - Throws: see `Adapter.init`.
    fileprivate func term(_ factors: LowRankFactors) throws(EngineError) -> LowRankTerm {
        try configuration.requireAdaptable()
        guard packed.canLeaveOutBias else {
            throw .invalidConfigValue(
                path: [], message: "lora is already enabled. This can only be done once per layer.")
        }
        let term = try LowRankTerm(
            a: factors.a, b: factors.b, alpha: factors.alpha, layer: configuration.name,
            inputDimension: inputDimension, units: units, kernels: packed.kernels)
        guard Float(term.alpha).isFinite else {
            throw .invalidConfigValue(
                path: ["lora_alpha"], message: "Expected lora_alpha to be a float32 number, received \(term.alpha).")
        }
        return term
    }
}
