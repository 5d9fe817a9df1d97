/// A built layer: its configuration, and its weights where it has some. Immutable.
package enum Layer: Sendable {
    case dense(Dense)
    case activation(ActivationLayer)
    case dropout(Dropout)
    case flatten(Flatten)
    case reshape(Reshape)
    case inputLayer(InputLayer)
    case rescaling(Rescaling)
    case normalization(BuiltNormalization)
    case batchNormalization(BuiltBatchNormalization)
    case axisNormalization(BuiltAxisNormalization)
    case parametricReLU(BuiltParametricReLU)
}

extension Layer {
    package var configuration: LayerConfiguration {
        switch self {
        case .dense(let layer): .dense(layer.configuration)
        case .activation(let layer): .activation(layer)
        case .dropout(let layer): .dropout(layer)
        case .flatten(let layer): .flatten(layer)
        case .reshape(let layer): .reshape(layer)
        case .inputLayer(let layer): .inputLayer(layer)
        case .rescaling(let layer): .rescaling(layer)
        case .normalization(let layer): .normalization(layer.configuration)
        case .batchNormalization(let layer): .batchNormalization(layer.configuration)
        case .axisNormalization(let layer): .axisNormalization(layer.configuration)
        case .parametricReLU(let layer): .parametricReLU(layer.configuration)
        }
    }

    package var name: String { configuration.name }

    /// The weights with their Keras names, in the order Keras lists them.
    package var weights: [(name: String, tensor: Tensor)] {
        switch self {
        case .dense(let layer): layer.weights
        case .normalization(let layer):
            if let mean = layer.mean, let variance = layer.variance {
                [("mean", mean), ("variance", variance)]
            } else {
                []
            }
        case .batchNormalization(let layer): Array(zip(configuration.weightNames, layer.weights))
        case .axisNormalization(let layer): Array(zip(configuration.weightNames, layer.weights))
        case .parametricReLU(let layer): [("alpha", layer.alpha)]
        case .activation, .dropout, .flatten, .reshape, .inputLayer, .rescaling: []
        }
    }

    /// What inputs are cast to, computing is done in, and outputs are.
    package var type: DType {
        switch self {
        case .dense(let layer): layer.type
        case .activation(let layer): layer.identity.policy.compute
        case .dropout(let layer): layer.identity.policy.compute
        case .flatten(let layer): layer.identity.policy.compute
        case .reshape(let layer): layer.identity.policy.compute
        case .inputLayer(let layer): layer.type
        case .rescaling(let layer): layer.identity.policy.compute
        case .normalization(let layer): layer.configuration.identity.policy.compute
        case .batchNormalization(let layer): layer.configuration.identity.policy.compute
        case .axisNormalization(let layer): layer.configuration.identity.policy.compute
        case .parametricReLU(let layer): layer.configuration.identity.policy.compute
        }
    }

    /// The layer's output.
    ///
    /// - Throws: what the layer has against the input's shape.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        try output(of: input.cast(to: type)).cast(to: type)
    }

    /// - Parameter input: of the layer's type.
    /// - Returns: the output before it is rounded to the type.
    private func output(of input: Tensor) throws(EngineError) -> Tensor {
        switch self {
        case .dense(let layer): try layer(input)
        case .activation(let layer): try layer.activated(input)
        case .dropout: input
        case .flatten(let layer): try layer(input)
        case .reshape(let layer): try layer(input)
        case .inputLayer(let layer): try layer(input)
        case .rescaling(let layer): try layer(input)
        case .normalization(let layer): try layer(input)
        case .batchNormalization(let layer): try layer(input)
        case .axisNormalization(let layer): try layer(input)
        case .parametricReLU(let layer): try layer(input)
        }
    }

    /// The output before the activation, and after it; the same for a layer that has none.
    func logitsAndOutput(_ input: Tensor) throws(EngineError) -> (logits: Tensor, output: Tensor) {
        switch self {
        case .dense(let layer):
            let logits = try layer.logits(input)
            let output =
                type == .float64
                ? try layer.computedActivation.doubles(logits) : try layer.computedActivation(logits).cast(to: type)
            return (logits, output)
        case .activation:
            return (input.cast(to: type), try self(input))
        case .dropout, .flatten, .reshape, .inputLayer, .rescaling, .normalization, .batchNormalization,
            .axisNormalization, .parametricReLU:
            let output = try self(input)
            return (output, output)
        }
    }

    /// Whether the layer always returns its input.
    var isIdentity: Bool {
        if case .dropout = self { true } else { false }
    }

    /// What Keras would warn about when it runs the layer on an input that gives an output of this shape.
    func warning(forOutput shape: Shape) -> String? {
        switch self {
        case .dense(let layer): layer.configuration.activation.warning(for: shape)
        case .activation(let layer): layer.activation.warning(for: shape)
        case .dropout, .flatten, .reshape, .inputLayer, .rescaling, .normalization, .batchNormalization,
            .axisNormalization, .parametricReLU:
            nil
        }
    }

    /// Whether `warning(forOutput:)` has something to say about some shape.
    var mayWarn: Bool {
        switch configuration {
        case .dense(let layer): layer.activation.mayWarn
        case .activation(let layer): layer.activation.mayWarn
        case .dropout, .flatten, .reshape, .inputLayer, .rescaling, .normalization, .batchNormalization,
            .axisNormalization, .parametricReLU:
            false
        }
    }

    var activityRegularizer: Regularizer? {
        switch self {
        case .dense(let layer): layer.configuration.activityRegularizer
        case .activation(let layer): layer.activityRegularizer
        case .dropout, .flatten, .reshape, .inputLayer, .rescaling, .normalization, .batchNormalization,
            .axisNormalization, .parametricReLU:
            nil
        }
    }

    /// What the output's shape will be for an actual input's.
    ///
    /// - Throws: what calling the layer throws because of the shape; the normalizations object only when they are called.
    package func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        switch self {
        case .dense(let layer): try layer.outputShape(for: shape)
        case .activation(let layer): try layer.activation.outputShape(for: shape)
        case .flatten(let layer): try layer.outputShape(for: shape)
        case .reshape(let layer): try layer.outputShape(for: shape)
        case .inputLayer(let layer): try layer.outputShape(for: shape)
        case .dropout, .rescaling, .normalization, .batchNormalization, .axisNormalization, .parametricReLU: shape
        }
    }

    /// What is known of the output's shape when not all of the input's is.
    ///
    /// - Throws: what no input of that shape could pass.
    func outputShape(for shape: PartialShape) throws(EngineError) -> PartialShape {
        switch self {
        case .dense(let layer): try Self.outputShape(of: layer.configuration, for: shape)
        case .activation(let layer): try layer.activation.outputShape(for: shape)
        case .flatten(let layer): layer.outputShape(for: shape)
        case .reshape(let layer): try layer.outputShape(for: shape)
        case .inputLayer(let layer): PartialShape(layer.batchShape).filled(from: shape.dimensions)
        case .dropout, .rescaling, .normalization, .batchNormalization, .axisNormalization, .parametricReLU: shape
        }
    }
}

extension Layer {
    private static func outputShape(
        of configuration: DenseConfiguration, for shape: PartialShape
    ) throws(EngineError) -> PartialShape {
        let product = shape.replacingLastAxis(with: configuration.units)
        // No input can help units that do not halve: it is the configuration that is wrong.
        if case .glu(let axis) = configuration.activation, !configuration.units.isMultiple(of: 2),
            product.position(of: axis) == product.dimensions.count - 1
        {
            throw .invalidConfigValue(
                path: [],
                message:
                    "The units of layer '\(configuration.name)' are halved by its activation glu. Expected an even "
                    + "number, received \(configuration.units).")
        }
        return try configuration.activation.outputShape(for: product)
    }
}

extension Activation {
    fileprivate var mayWarn: Bool {
        if case .softmax = self { true } else { false }
    }

    /// As `outputShape(for: Shape)`, for a shape that is partly known.
    func outputShape(for shape: PartialShape) throws(EngineError) -> PartialShape {
        guard case .glu(let axis) = self else { return shape }
        guard let position = shape.position(of: axis) else { return .unknown }
        var halved = shape
        if let size = shape.dimensions[position] {
            // Asked for a shape of that one axis, so that an odd size is refused in Keras's words.
            halved.dimensions[position] = try Activation.glu.outputShape(for: Shape([1, size]) as Shape).lastAxis
        }
        return halved
    }
}
