/// How one of a layer's weights is made, penalised and constrained: Keras's `NAME_initializer`, `NAME_regularizer` and
/// `NAME_constraint`.
package struct WeightArguments: Hashable, Sendable {
    package var initializer: Initializer
    package var regularizer: Regularizer?
    package var constraint: Constraint?

    package init(_ initializer: Initializer, regularizer: Regularizer? = nil, constraint: Constraint? = nil) {
        self.initializer = initializer
        self.regularizer = regularizer
        self.constraint = constraint
    }
}

/// A weight's name and arguments.
typealias NamedWeight = (name: String, arguments: WeightArguments)

extension ConfigReader {
    mutating func weightArguments(
        _ name: String, default: Initializer
    ) throws(EngineError) -> WeightArguments {
        WeightArguments(
            try initializer("\(name)_initializer", default: `default`),
            regularizer: try regularizer("\(name)_regularizer"), constraint: try constraint("\(name)_constraint"))
    }

    mutating func initializer(_ name: String, default: Initializer) throws(EngineError) -> Initializer {
        try value(name, default: `default`) { value throws(EngineError) in try Initializer(value) }
    }
}

extension ConfigObject {
    /// Some weights' arguments as Keras's normalizations write them: all initializers, then regularizers, constraints.
    ///
    /// - Parameter statistics: weights that have an initializer only.
    mutating func add(_ weights: [NamedWeight], statistics: [(name: String, initializer: Initializer)] = []) {
        for (name, arguments) in weights { self["\(name)_initializer"] = arguments.initializer.serialized }
        for (name, initializer) in statistics { self["\(name)_initializer"] = initializer.serialized }
        for (name, arguments) in weights { self["\(name)_regularizer"] = arguments.regularizer?.serialized ?? .null }
        for (name, arguments) in weights { self["\(name)_constraint"] = arguments.constraint?.serialized ?? .null }
    }
}

/// Weights that all have one shape, one size for each of some axes of the input, checked for being those a layer needs.
struct AxisWeights: Hashable, Sendable {
    let shape: Shape
    /// In Keras's order.
    let tensors: [Tensor]

    /// - Parameters:
    ///   - names: of the weights, in Keras's order; one or more.
    ///   - rank: of each.
    /// - Throws: `EngineError.missingWeight`, or `.weightShapeMismatch` for one of another rank, or another shape than
    ///   the first has.
    init(
        _ names: [String], rank: Int, of weights: [String: Tensor], layer: String
    ) throws(EngineError) {
        var tensors: [Tensor] = []
        for name in names {
            guard let tensor = weights[name] else { throw .missingWeight(layer: layer, weight: name) }
            let expected = tensors.first?.shape.dimensions ?? Array(repeating: -1, count: rank)
            guard tensor.shape.rank == rank, tensor.shape == tensors.first?.shape ?? tensor.shape else {
                throw .weightShapeMismatch(layer: layer, weight: name, expected: expected, received: tensor.shape)
            }
            tensors.append(tensor)
        }
        self.shape = tensors.first?.shape ?? .scalar
        self.tensors = tensors
    }
}

extension ConfigValue {
    /// Keras's `axis`, an integer or a list of them, of which none may stand twice.
    func axes() throws(EngineError) -> [Int] {
        guard case .array = self else { return [try integer("axis")] }
        let axes = try integers("axis")
        guard !axes.isEmpty, Set(axes).count == axes.count else {
            throw .invalidConfigValue(
                path: [],
                message: "The `axis` values must differ, and there must be one. Received: axis=\(pythonText)")
        }
        return axes
    }
}
