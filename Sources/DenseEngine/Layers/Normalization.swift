/// Keras's `Normalization` as configured: `output = (input - mean) / max(sqrt(variance), epsilon)`, or its inverse.
/// Mean and variance are arguments here, or the layer's weights `mean` and `variance`.
///
/// - input:  any shape whose kept axes are those the layer was built for
/// - output: the same shape
package struct Normalization: Hashable, Sendable {
    package var identity: LayerIdentity
    /// The axes that keep statistics of their own, negative ones counted from the last. Empty: one mean and variance for
    /// everything.
    package var axes: [Int]
    package var mean: ConfigArray?
    package var variance: ConfigArray?
    /// Takes normalized values back to the original scale.
    package var invert: Bool

    package init(
        axes: [Int] = [-1], mean: ConfigArray? = nil, variance: ConfigArray? = nil, invert: Bool = false,
        name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.axes = axes
        self.mean = mean
        self.variance = variance
        self.invert = invert
    }

    package var name: String { identity.name ?? "normalization" }
}

/// A built `Normalization` layer: configuration and statistics. A layer that was neither given statistics nor adapted
/// has mean 0 and variance 1, as in Keras.
package struct BuiltNormalization: Hashable, Sendable {
    package let configuration: Normalization
    /// The weights, `[sizes of the kept axes]`; `nil` when the configuration holds the statistics, or there are none.
    package let mean: Tensor?
    package let variance: Tensor?
    private let means: [Float]
    /// `max(sqrt(variance), epsilon)`
    private let deviations: [Float]
    private let shape: [Int]
    private let type: DType

    /// Keras's `backend.epsilon()`.
    private static let epsilon: Float = 1e-7

    /// - Throws: `EngineError.missingWeight` when one of the two weights is there without the other,
    ///   `.unexpectedWeight` when the configuration already holds the statistics, `.weightShapeMismatch` when the
    ///   shapes differ or have more axes than the layer keeps.
    package init(_ configuration: Normalization, mean: Tensor?, variance: Tensor?) throws(EngineError) {
        let name = configuration.name
        let given: (mean: [Float], variance: [Float], shape: [Int])
        switch (mean, variance) {
        case (let mean?, let variance?):
            guard configuration.mean == nil else {
                throw .unexpectedWeight(layer: name, weight: "mean", expected: [])
            }
            guard mean.shape.rank == configuration.axes.count else {
                throw .weightShapeMismatch(
                    layer: name, weight: "mean", expected: configuration.axes.map { _ in -1 }, received: mean.shape)
            }
            guard variance.shape == mean.shape else {
                throw .weightShapeMismatch(
                    layer: name, weight: "variance", expected: mean.shape.dimensions, received: variance.shape)
            }
            given = (mean.elements, variance.elements, mean.shape.dimensions)
        case (nil, .some): throw .missingWeight(layer: name, weight: "mean")
        case (.some, nil): throw .missingWeight(layer: name, weight: "variance")
        case (nil, nil):
            let means = configuration.mean ?? ConfigArray(0)
            let variances = configuration.variance ?? ConfigArray(1)
            given = (means.elements.map { Float($0) }, variances.elements.map { Float($0) }, means.shape.dimensions)
        }
        self.configuration = configuration
        self.mean = mean
        self.variance = variance
        let type = configuration.identity.policy.compute
        let epsilon = type.rounded(Self.epsilon)
        self.type = type
        self.means = given.mean.map { type.rounded($0) }
        self.deviations = given.variance.map { variance in
            let deviation = type.rounded(type.rounded(variance).squareRoot())
            // NaN stays NaN, as in NumPy's maximum.
            return deviation < epsilon ? epsilon : deviation
        }
        self.shape = given.shape
    }

    /// - Throws: `EngineError.incompatibleInput` when the input lacks an axis the layer keeps, or its size differs.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        input.applying(try steps(for: input.shape))
    }

    /// What is done to an input of this shape, in place.
    ///
    /// - Throws: as calling the layer does.
    func steps(for shape: Shape) throws(EngineError) -> [BroadcastStep] {
        let aligned = try alignedShape(for: shape)
        guard let means = BroadcastArray(means, shape: aligned, to: shape),
            let deviations = BroadcastArray(deviations, shape: aligned, to: shape)
        else {
            throw .incompatibleInput(
                layer: configuration.name, shape: shape,
                reason: "mean and variance of shape \(pythonTuple(self.shape)) cannot be broadcast to the kept axes "
                    + "\(pythonTuple(configuration.axes)).")
        }
        return configuration.invert
            ? [
                BroadcastStep(operation: .multiply, array: deviations, type: type),
                BroadcastStep(operation: .add, array: means, type: type),
            ]
            : [
                BroadcastStep(operation: .subtract, array: means, type: type),
                BroadcastStep(operation: .divide, array: deviations, type: type),
            ]
    }

    /// The statistics' shape with one axis for each of the input's: 1 where statistics are shared.
    private func alignedShape(for input: Shape) throws(EngineError) -> [Int] {
        let rank = input.rank
        guard configuration.axes.allSatisfy({ $0 >= -rank && $0 < rank }) else {
            throw .incompatibleInput(
                layer: configuration.name, shape: input,
                reason: "All `axis` values must be in the range [-ndim, ndim). Received inputs with ndim=\(rank), "
                    + "while axis=\(pythonTuple(configuration.axes)).")
        }
        let kept = configuration.axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
        var aligned = Array(repeating: 1, count: rank)
        // Fewer statistics' axes than kept ones belong to the last of these.
        for (axis, size) in zip(kept.suffix(shape.count), shape) { aligned[axis] = size }
        return aligned
    }
}
