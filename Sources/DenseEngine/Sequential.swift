package import DenseKernelTable

/// A stack of built layers, run one after the other: Keras's `Sequential`.
///
/// - input:  whatever the first layer takes, `inputShape` as far as it is known
/// - output: whatever the last layer gives
///
/// Immutable; may be called from many threads at once. A class, so that a request on its way keeps one object alive and not all
/// that the layers hold.
package final class Sequential: Sendable {
    /// All named; no two alike.
    package let layers: [Layer]
    /// The input's shape, batch axis first, `nil` for any size. `nil` when nothing is known of it. `[nil, 4]` may stand
    /// for inputs with more axes before the last, when only `Dense` layers say what they take.
    package let inputShape: [Int?]?
    /// The output's shape, likewise.
    package let outputShape: [Int?]?
    /// Whether the outputs and logits at each position of axis 0 come from that position of the input alone, wherever it
    /// stands and however many there are: then inputs that differ in axis 0 only may be joined along it, run as one, and
    /// the output cut up again, and nobody can tell from the bits. True of any input the layers take, or false.
    ///
    /// A softmax over axis 0 makes it false, and so does one over the last axis when nothing keeps the input from having
    /// one axis only. Losses are of a whole call and depend on all that is in it; warnings tell the whole input's shape,
    /// and `warnings(for:)` those of a part of it.
    package let isBatchIndependent: Bool
    /// Whether each row of the last axis is computed by itself, so that inputs of any rank can be flattened into rows.
    /// Dense layers do, with activations that are element-wise or work along the last axis.
    let isRowIndependent: Bool
    private let mayWarn: Bool
    /// For inputs of the shape the model was built for, which are nearly all.
    let plan: SequentialPlan?
    private let kernels: KernelTable
    /// The plans for other shapes than `plan` takes.
    private let otherPlans = PlanCache()

    /// Builds the layers: names those without a name, threads the shapes through, makes the weights that were not
    /// given from the initializers, and checks those that were.
    ///
    /// - Parameters:
    ///   - inputShape: the shape of an actual input, for weights that must be made and layers that do not say what they
    ///     take.
    ///   - kernels: the instruction set to compute with.
    /// - Throws: `EngineError` of the first layer that cannot be built. Where it has a path, that begins with the
    ///   layer's index, when there are several.
    package convenience init(
        _ specifications: [LayerSpecification], inputShape actual: Shape? = nil,
        kernels: KernelTable = Kernels.current
    ) throws(EngineError) {
        guard !specifications.isEmpty else { throw Self.noLayers }
        let named = try Self.named(specifications)
        var builder = SequentialBuilder(inputShape: actual, kernels: kernels)
        for (index, specification) in named.enumerated() {
            try Self.at(index, of: named.count) { () throws(EngineError) in try builder.add(specification) }
        }
        self.init(
            layers: builder.layers, inputShape: builder.inputShape, outputShape: builder.outputShape,
            kernels: kernels)
    }

    /// How many plans are kept for shapes that the model was not built for.
    package var keptPlanCount: Int { otherPlans.count }

    /// The number of weights' elements.
    package var parameterCount: Int {
        layers.reduce(0) { $0 + $1.parameterCount }
    }

    /// What the weights take as float32.
    package var byteCount: Int { parameterCount * MemoryLayout<Float>.stride }

    /// What the weights take in memory: as they are, and laid out for products.
    package var memoryByteCount: Int { layers.reduce(0) { $0 + $1.memoryByteCount } }

    /// The same layers with the weights of all `Dense` ones quantized, as Keras's `model.quantize` does.
    ///
    /// - Throws: `EngineError.invalidConfigValue` for a layer that is quantized already.
    package func quantized(_ configuration: QuantizationConfiguration) throws(EngineError) -> Sequential {
        var quantized: [Layer] = []
        for layer in layers {
            if case .dense(let dense) = layer {
                quantized.append(.dense(try dense.quantized(configuration)))
            } else {
                quantized.append(layer)
            }
        }
        return Sequential(layers: quantized, inputShape: inputShape, outputShape: outputShape, kernels: kernels)
    }

    /// The same layers with the constraints of `kernel_constraint` and `bias_constraint` applied to their weights, as
    /// Keras does after a training step.
    ///
    /// - Throws: the constraint's error for an axis the weight does not have.
    package func applyingConstraints() throws(EngineError) -> Sequential {
        var constrained: [Layer] = []
        for layer in layers { constrained.append(try layer.applyingConstraints(kernels: kernels)) }
        return Sequential(
            layers: constrained, inputShape: inputShape, outputShape: outputShape, kernels: kernels)
    }

    /// As many layers for the same shapes.
    func replacingLayers(_ layers: [Layer]) -> Sequential {
        Sequential(layers: layers, inputShape: inputShape, outputShape: outputShape, kernels: kernels)
    }

    private init(layers: [Layer], inputShape: [Int?]?, outputShape: [Int?]?, kernels: KernelTable) {
        self.layers = layers
        self.inputShape = inputShape
        self.outputShape = outputShape
        self.isBatchIndependent = Self.isBatchIndependent(layers)
        self.isRowIndependent = Self.isRowIndependent(layers)
        self.mayWarn = layers.contains(where: \.mayWarn)
        self.plan = .plan(forModel: inputShape, through: layers, kernels: kernels)
        self.kernels = kernels
    }

    /// Errors of one among several layers carry its index.
    private static func at<T>(
        _ index: Int, of count: Int, _ body: () throws(EngineError) -> T
    ) throws(EngineError) -> T {
        try count == 1 ? body() : within("\(index)", body)
    }
}

extension Sequential {
    /// What the first layer casts inputs to.
    package var inputType: DType { layers.first?.type ?? .float32 }

    /// The type of outputs.
    package var outputType: DType { layers.last?.type ?? .float32 }

    /// What an element takes in memory while it is computed: of float64 it is there as the nearest float32, too.
    package var bytesPerElement: Int {
        let isDouble = layers.contains { $0.type == .float64 }
        return MemoryLayout<Float>.stride + (isDouble ? MemoryLayout<Double>.stride : 0)
    }

    /// Whether inputs are to be read as float64: those of a model of another type than float32, which are then rounded once,
    /// to that type.
    package var takesDoubles: Bool { inputType != .float32 }

    /// Runs all layers on an input.
    ///
    /// - Parameters:
    ///   - returnLogits: also give the value before the activation of the last layer (dropout not counted)
    ///   - returnLosses: also give the penalties, in the order of Keras's `model.losses`
    ///   - cut: how the call is cut up; what lies between the layers can only be told where they run one by one.
    ///   - adapters: of the positions of axis 0, made for this network.
    /// - Throws: what a layer has against the shape that reaches it.
    package func callAsFunction(
        _ input: Tensor, returnLogits: Bool = false, returnLosses: Bool = false, cut: SequentialCut = .automatic,
        adapters: AdapterRows? = nil
    ) throws(EngineError) -> ModelOutput {
        let isObserved = returnLogits || returnLosses && layers.contains { $0.activityRegularizer != nil }
        // A double is rounded once, to what the first layer takes.
        let input = input.doubles == nil ? input : input.cast(to: inputType)
        var result: ModelOutput
        if !isObserved, cut != .layers, let plan = try plan(for: input.shape) {
            result = ModelOutput(output: try plan(input, cut: cut, adapters: adapters))
            if returnLosses { result.losses = try weightLosses() }
        } else {
            result = try layerByLayer(
                input, returnLogits: returnLogits, returnLosses: returnLosses, adapters)
        }
        result.warnings = try warnings(for: input.shape)
        return result
    }

    /// - Throws: as calling the model does.
    private func plan(for shape: Shape) throws(EngineError) -> SequentialPlan? {
        if let plan, plan.takes(shape) { return plan }
        if let plan = otherPlans.plan(for: shape) { return plan }
        guard let plan = try SequentialPlan.plan(for: shape, through: layers, kernels: kernels) else { return nil }
        if plan.takes(shape) { otherPlans.keep(plan) }
        return plan
    }

    private func layerByLayer(
        _ input: Tensor, returnLogits: Bool, returnLosses: Bool, _ adapters: AdapterRows?
    ) throws(EngineError) -> ModelOutput {
        var value = input
        var result = ModelOutput(output: input)
        var losses: [Float] = []
        let last = layers.lastIndex { !$0.isIdentity }
        for (index, layer) in layers.enumerated() {
            if adapters != nil || returnLogits && index == last {
                let (logits, output) =
                    if let adapters {
                        try layer.logitsAndOutput(value, layer: index, adapters)
                    } else {
                        try layer.logitsAndOutput(value)
                    }
                if returnLogits, index == last { result.logits = logits }
                value = output
            } else {
                value = try layer(value)
            }
            if returnLosses, let regularizer = layer.activityRegularizer {
                losses.append(try Self.activityLoss(regularizer, value))
            }
        }
        result.output = value
        if returnLogits, result.logits == nil { result.logits = value }
        if returnLosses { result.losses = try losses + weightLosses() }
        return result
    }

    /// What Keras would warn about when it runs the model on an input of this shape: no sentence twice.
    ///
    /// - Throws: what a layer has against the shape that reaches it.
    package func warnings(for shape: Shape) throws(EngineError) -> [String] {
        guard mayWarn else { return [] }
        var warnings: [String] = []
        var shape = shape
        for layer in layers {
            shape = try layer.outputShape(for: shape)
            guard let warning = layer.warning(forOutput: shape), !warnings.contains(warning) else { continue }
            warnings.append(warning)
        }
        return warnings
    }

    /// Keras divides by the batch size, and gives zero for an empty batch (keras/src/layers/layer.py, `__call__`).
    private static func activityLoss(_ regularizer: Regularizer, _ output: Tensor) throws(EngineError) -> Float {
        let loss = try regularizer(output)
        guard let batch = output.shape.dimensions.first else { return loss }
        return batch == 0 ? 0 : loss / Float(batch)
    }

    /// The penalties on the weights of the layers that are trainable; those of others do not count, as in Keras.
    private func weightLosses() throws(EngineError) -> [Float] {
        var losses: [Float] = []
        for layer in layers {
            guard layer.configuration.trainable else { continue }
            let weights = layer.weights
            for (name, arguments) in layer.configuration.trainableWeights {
                guard let regularizer = arguments.regularizer, let weight = weights.first(where: { $0.name == name })
                else { continue }
                losses.append(try regularizer(weight.tensor))
            }
        }
        return losses
    }
}

extension Sequential {
    /// Gives layers without a name Keras's: `dense`, `dense_1`, ..., passing over names that were given.
    ///
    /// - Throws: `EngineError.invalidConfigValue` in Keras's words when two layers were given one name.
    package static func named(_ specifications: [LayerSpecification]) throws(EngineError) -> [LayerSpecification] {
        var taken: Set<String> = []
        for (index, specification) in specifications.enumerated() {
            guard let name = specification.configuration.identity.name else { continue }
            guard taken.insert(name).inserted else { throw repeated(name, path: ["\(index)"]) }
        }
        var counts: [String: Int] = [:]
        return specifications.map { specification in
            guard specification.configuration.identity.name == nil else { return specification }
            let stem = specification.configuration.defaultName
            var name: String
            repeat {
                let count = counts[stem, default: 0]
                name = count == 0 ? stem : "\(stem)_\(count)"
                counts[stem] = count + 1
            } while !taken.insert(name).inserted
            var named = specification
            named.configuration.identity.name = name
            return named
        }
    }
}

extension Sequential {
    static let noLayers = EngineError.invalidConfigValue(
        path: [], message: "Sequential model cannot be built because it has no layers. Expected one or more.")

    static func repeated(_ name: String, path: [String]) -> EngineError {
        .invalidConfigValue(
            path: path,
            message: "All layers added to a Sequential model should have unique names. Name '\(name)' is already the "
                + "name of a layer in this model. Update the `name` argument to pass a unique name.")
    }
}

extension Layer {
    /// The same layer with its constraints applied to its weights.
    fileprivate func applyingConstraints(kernels: KernelTable) throws(EngineError) -> Layer {
        let constraints = configuration.trainableWeights.filter { $0.arguments.constraint != nil }
        guard !constraints.isEmpty else { return self }
        var weights: [String: Tensor] = [:]
        for (name, tensor) in self.weights { weights[name] = tensor }
        for (name, arguments) in constraints {
            if let constraint = arguments.constraint, let weight = weights[name] {
                weights[name] = try constraint(weight)
            }
        }
        return try Layer(configuration, weights: weights, kernels: kernels)
    }
}
