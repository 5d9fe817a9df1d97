internal import DenseKernelTable

/// A layer that normalizes along axes, each line of values by itself: Keras's `LayerNormalization`, `RMSNormalization` and
/// `UnitNormalization`.
///
/// - input:  any shape that has the axes, of the sizes the weights have
/// - output: the same shape
package struct AxisNormalization: Hashable, Sendable {
    /// The Keras class the layer came from.
    package enum Class: String, Hashable, Sendable, CaseIterable {
        /// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`
        case layer = "LayerNormalization"
        /// `x / sqrt(mean(x^2) + epsilon) * scale`
        case rootMeanSquare = "RMSNormalization"
        /// `x / sqrt(sum(x^2))`
        case unit = "UnitNormalization"
    }

    package var identity: LayerIdentity
    package var layerClass: Class
    /// The axes normalized over, negative ones counted from the last, ascending; one or more.
    package var axes: [Int]
    package var epsilon: Double
    /// Of `LayerNormalization`, as the three below: divides by the deviation without taking the mean away. Then there is a
    /// gamma and no beta, whatever `scale` and `center` say.
    package var rmsScaling: Bool
    package var center: Bool
    package var scale: Bool
    package var beta: WeightArguments
    package var gamma: WeightArguments

    package init(
        _ layerClass: Class = .layer, axes: [Int] = [-1], epsilon: Double? = nil,
        rmsScaling: Bool = false, center: Bool = true, scale: Bool = true,
        beta: WeightArguments = WeightArguments(.zeros), gamma: WeightArguments = WeightArguments(.ones),
        name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.layerClass = layerClass
        self.axes = axes.sorted()
        self.epsilon = epsilon ?? (layerClass == .layer ? 1e-3 : 1e-6)
        self.rmsScaling = rmsScaling
        self.center = center
        self.scale = scale
        self.beta = beta
        self.gamma = gamma
    }

    package var name: String { identity.name ?? layerClass.defaultName }

    /// The weights in Keras's order.
    var weights: [NamedWeight] {
        switch layerClass {
        case .layer: (scale || rmsScaling ? [("gamma", gamma)] : []) + (center && !rmsScaling ? [("beta", beta)] : [])
        case .rootMeanSquare: [("scale", WeightArguments(.ones))]
        case .unit: []
        }
    }

    fileprivate var kernel: RowNormalization {
        switch layerClass {
        case .layer: RowNormalization(rmsScaling ? .variance : .meanAndVariance, epsilon: Float(epsilon))
        case .rootMeanSquare: RowNormalization(.meanSquare, epsilon: Float(epsilon))
        case .unit: RowNormalization(.sumOfSquares)
        }
    }

    /// The axes' sizes and places in a shape.
    ///
    /// - Throws: `EngineError.incompatibleInput` for an axis the shape does not have, or axes that are no neighbours.
    fileprivate func view(of shape: Shape) throws(EngineError) -> (view: AxisView, sizes: [Int]) {
        let rank = shape.rank
        guard axes.allSatisfy({ $0 >= -rank && $0 < rank }) else {
            throw .incompatibleInput(
                layer: name, shape: shape,
                reason: "Axis \(pythonTuple(axes)) is out of bounds for an input of rank \(rank).")
        }
        let positions = axes.map { $0 < 0 ? $0 + rank : $0 }
        let ascending = positions.sorted()
        guard zip(ascending, ascending.dropFirst()).allSatisfy({ $1 == $0 + 1 }) else {
            throw .incompatibleInput(
                layer: name, shape: shape,
                reason: "Normalization over axes that are no neighbours is not supported: \(pythonTuple(axes)).")
        }
        let dimensions = shape.dimensions
        let view = AxisView(
            outer: dimensions[..<ascending[0]].reduce(1, *), length: ascending.reduce(1) { $0 * dimensions[$1] },
            inner: dimensions[(ascending[ascending.count - 1] + 1)...].reduce(1, *))
        return (view, positions.map { dimensions[$0] })
    }
}

extension AxisNormalization.Class {
    var defaultName: String {
        switch self {
        case .layer: "layer_normalization"
        case .rootMeanSquare: "rms_normalization"
        case .unit: "unit_normalization"
        }
    }
}

/// A built `AxisNormalization`.
package struct BuiltAxisNormalization: Hashable, Sendable {
    package let configuration: AxisNormalization
    /// In Keras's order.
    package let weights: [Tensor]
    private let lines: LineNormalization
    private let sizes: [Int]?

    /// - Throws: `EngineError.missingWeight`, `.weightShapeMismatch`.
    package init(_ configuration: AxisNormalization, weights: [String: Tensor]) throws(EngineError) {
        let names = configuration.weights.map(\.name)
        let checked = try AxisWeights(names, rank: configuration.axes.count, of: weights, layer: configuration.name)
        self.configuration = configuration
        self.weights = checked.tensors
        sizes = names.isEmpty ? nil : checked.shape.dimensions
        let gamma = names.firstIndex { $0 == "gamma" || $0 == "scale" }.map { checked.tensors[$0].elements }
        let beta = names.firstIndex(of: "beta").map { checked.tensors[$0].elements }
        lines = LineNormalization(normalization: configuration.kernel, gamma: gamma, beta: beta)
    }

    /// - Throws: `EngineError.incompatibleInput` for an axis the input does not have, or of another size, and for axes
    ///   that are no neighbours; `.lastAxisMismatch` where that is the last axis.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        let (lines, view) = try step(for: input.shape)
        return unsafe Tensor(shape: input.shape) { (output: UnsafeMutableBufferPointer<Float>) in
            unsafe _ = input.withElements { unsafe output.initialize(from: $0) }
            guard let start = output.baseAddress else { return }
            unsafe lines.apply(to: start, view, kernels: Kernels.current)
        }
    }

    /// What is done to an input of this shape, in place.
    ///
    /// - Throws: as calling the layer does.
    func step(for shape: Shape) throws(EngineError) -> (LineNormalization, AxisView) {
        let (view, sizes) = try configuration.view(of: shape)
        if let expected = self.sizes, expected != sizes {
            if configuration.axes == [-1] {
                throw .lastAxisMismatch(layer: configuration.name, expected: expected[0], shape: shape)
            }
            throw .incompatibleInput(
                layer: configuration.name, shape: shape,
                reason: "expected axes \(pythonTuple(configuration.axes)) of input shape to have the sizes "
                    + "\(pythonTuple(expected)).")
        }
        return (lines, view)
    }
}

/// A normalization of lines, with what follows it.
struct LineNormalization: Hashable, Sendable {
    let normalization: RowNormalization
    let gamma: [Float]?
    let beta: [Float]?

    /// Normalizes lines along an axis in place.
    func apply(to values: UnsafeMutablePointer<Float>, _ view: AxisView, kernels: KernelTable) {
        guard view.length > 0 else { return }
        // Lines that are copied have their results where the copies are, and those go back.
        unsafe Self.with(gamma) { gamma in
            unsafe Self.with(beta) { beta in
                unsafe view.withRows(of: values, resultLength: view.length, values) { source, target, rows in
                    if unsafe source != UnsafePointer(target) {
                        unsafe target.update(from: source, count: rows * view.length)
                    }
                    unsafe kernels.normalizations.rows(normalization, target, rows, view.length, gamma, beta)
                }
            }
        }
    }

    private static func with(_ array: [Float]?, _ body: (UnsafePointer<Float>?) -> Void) {
        guard let array else { return body(nil) }
        unsafe array.withUnsafeBufferPointer { buffer in unsafe body(buffer.baseAddress) }
    }
}
