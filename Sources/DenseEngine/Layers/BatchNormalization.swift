/// Keras's `BatchNormalization`, as it runs at inference: with the moving statistics, never with a batch's own.
/// `output = input * inverse + (-moving_mean * inverse + beta)`, where `inverse = gamma / sqrt(moving_variance + epsilon)`
/// (keras/src/backend/numpy/nn.py, `batch_normalization`).
///
/// - input:  any shape whose `axis` has the size the layer was built for
/// - output: the same shape
package struct BatchNormalization: Hashable, Sendable {
    package var identity: LayerIdentity
    /// The axis that keeps statistics of its own, a negative one counted from the last.
    package var axis: Int
    package var epsilon: Double
    /// Whether there is a beta, and a gamma.
    package var center: Bool
    package var scale: Bool
    package var beta: WeightArguments
    package var gamma: WeightArguments
    package var movingMean: Initializer
    package var movingVariance: Initializer
    /// What counts in training only, kept so that the configuration is written as it was read.
    package var training: Training

    package struct Training: Hashable, Sendable {
        package var momentum = 0.99
        package var isSynchronized = false
        package var renorm = false
        package var renormClipping = ConfigValue.null
        package var renormMomentum = 0.99

        package init() {}
    }

    package init(
        axis: Int = -1, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
        beta: WeightArguments = WeightArguments(.zeros), gamma: WeightArguments = WeightArguments(.ones),
        movingMean: Initializer = .zeros, movingVariance: Initializer = .ones, training: Training = Training(),
        name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta = beta
        self.gamma = gamma
        self.movingMean = movingMean
        self.movingVariance = movingVariance
        self.training = training
    }

    package var name: String { identity.name ?? "batch_normalization" }

    /// The weights in Keras's order.
    var weights: [NamedWeight] {
        var weights: [NamedWeight] = []
        if scale { weights.append(("gamma", gamma)) }
        if center { weights.append(("beta", beta)) }
        weights.append(("moving_mean", WeightArguments(movingMean)))
        weights.append(("moving_variance", WeightArguments(movingVariance)))
        // Read and written, and not used: Keras normalizes with the variance at inference all the same.
        if training.renorm {
            weights.append(("moving_stddev", WeightArguments(movingVariance)))
            weights.append(("renorm_mean", WeightArguments(movingMean)))
            weights.append(("renorm_stddev", WeightArguments(movingVariance)))
        }
        return weights
    }
}

/// A built `BatchNormalization`.
package struct BuiltBatchNormalization: Hashable, Sendable {
    package let configuration: BatchNormalization
    /// In Keras's order.
    package let weights: [Tensor]
    private let inverses: [Float]
    private let terms: [Float]

    /// - Throws: `EngineError.missingWeight`, `.weightShapeMismatch`.
    package init(_ configuration: BatchNormalization, weights: [String: Tensor]) throws(EngineError) {
        let names = configuration.weights.map(\.name)
        let checked = try AxisWeights(names, rank: 1, of: weights, layer: configuration.name)
        self.configuration = configuration
        self.weights = checked.tensors
        var (inverses, terms): ([Float], [Float]) = ([], [])
        if let mean = weights["moving_mean"], let variance = weights["moving_variance"] {
            let (gamma, beta) = (weights["gamma"], weights["beta"])
            let epsilon = Float(configuration.epsilon)
            for index in mean.elements.indices {
                var inverse = 1 / (variance.elements[index] + epsilon).squareRoot()
                if configuration.scale, let gamma { inverse *= gamma.elements[index] }
                var term = -mean.elements[index] * inverse
                if configuration.center, let beta { term += beta.elements[index] }
                inverses.append(inverse)
                terms.append(term)
            }
        }
        self.inverses = inverses
        self.terms = terms
    }

    /// - Throws: `EngineError.incompatibleInput`, or `.lastAxisMismatch`, when the input lacks the axis or it has another
    ///   size.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        input.applying(try steps(for: input.shape))
    }

    /// What is done to an input of this shape, in place: two roundings, as Keras's two operations have.
    ///
    /// - Throws: as calling the layer does.
    func steps(for shape: Shape) throws(EngineError) -> [BroadcastStep] {
        let axis = try shape.checkedAxis(configuration.axis, size: inverses.count, layer: configuration.name)
        let aligned = [inverses.count] + Array(repeating: 1, count: shape.rank - axis - 1)
        guard let factors = BroadcastArray(inverses, shape: aligned, to: shape),
            let terms = BroadcastArray(terms, shape: aligned, to: shape)
        else { throw shape.wrongAxis(configuration.axis, size: inverses.count, layer: configuration.name) }
        return [BroadcastStep(operation: .multiply, array: factors), BroadcastStep(operation: .add, array: terms)]
    }
}

extension Shape {
    /// The position of an axis that must have this size.
    ///
    /// - Throws: `EngineError.incompatibleInput`, or `.lastAxisMismatch` for the axis -1.
    func checkedAxis(_ axis: Int, size: Int, layer: String) throws(EngineError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw .incompatibleInput(
                layer: layer, shape: self, reason: "Axis \(axis) is out of bounds for an input of rank \(rank).")
        }
        let position = axis < 0 ? axis + rank : axis
        guard dimensions[position] == size else { throw wrongAxis(axis, size: size, layer: layer) }
        return position
    }

    fileprivate func wrongAxis(_ axis: Int, size: Int, layer: String) -> EngineError {
        guard axis != -1 else { return .lastAxisMismatch(layer: layer, expected: size, shape: self) }
        return .incompatibleInput(
            layer: layer, shape: self, reason: "expected axis \(axis) of input shape to have value \(size).")
    }
}
