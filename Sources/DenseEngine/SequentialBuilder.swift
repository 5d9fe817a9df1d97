internal import DenseKernelTable

/// Builds the layers of a `Sequential` one after the other, carrying what is known of the shape between them.
struct SequentialBuilder {
    private(set) var layers: [Layer] = []
    private let kernels: KernelTable
    /// Of an actual input; `nil` when there is none yet.
    private let actual: Shape?
    /// What the next layer gets; unknown as long as no layer and no input has said anything.
    private var shape: PartialShape
    /// What is known of the first layer's input.
    private var input: PartialShape
    /// Whether all layers so far return the shape they get, so that what the next one takes holds for the first too.
    private var keepsShape = true
    /// How many elements the initializers have made.
    private var madeElements = 0

    init(inputShape actual: Shape?, kernels: KernelTable) {
        self.kernels = kernels
        self.actual = actual
        self.shape = actual.map { PartialShape($0.dimensions) } ?? .unknown
        self.input = shape
    }

    /// The model's input shape; `nil` when nothing is known.
    var inputShape: [Int?]? { known(input) }

    /// The model's output shape; `nil` when nothing is known.
    var outputShape: [Int?]? { known(shape) }

    /// - Throws: `EngineError` when the layer cannot be built, or not after the layers before it.
    mutating func add(_ specification: LayerSpecification) throws(EngineError) {
        if case .inputLayer(let layer) = specification.configuration {
            guard layers.isEmpty else {
                throw .invalidConfigValue(
                    path: [],
                    message: "The Sequential model has already been configured to use another input shape. You cannot "
                        + "add a different Input layer to it: an InputLayer comes first.")
            }
            assume(layer.batchShape)
        } else if let inputShape = specification.inputShape {
            assume(inputShape)
        }
        let layer = try build(specification)
        if let size = layer.lastAxis { assumeLastAxis(size) }
        layers.append(layer)
        shape = try layer.outputShape(for: shape)
        switch layer {
        case .dense, .flatten, .reshape: keepsShape = false
        case .activation(let activation): keepsShape = keepsShape && activation.activation.keepsShape
        case .dropout, .inputLayer, .rescaling, .normalization, .batchNormalization, .axisNormalization,
            .parametricReLU:
            break
        }
    }

    private mutating func build(_ specification: LayerSpecification) throws(EngineError) -> Layer {
        let configuration = specification.configuration
        for name in (specification.weights ?? [:]).keys.sorted()
        where !configuration.weightNames.contains(name) && !configuration.optionalWeightNames.contains(name) {
            throw .unexpectedWeight(layer: configuration.name, weight: name, expected: configuration.weightNames)
        }
        var weights = specification.weights ?? [:]
        switch configuration {
        case .dense(let configuration): return .dense(try dense(configuration, weights))
        case .batchNormalization(let layer):
            try complete(&weights, layer.weights, sizes: [shape.size(of: layer.axis)], of: layer.name)
        case .axisNormalization(let layer):
            try complete(&weights, layer.weights, sizes: layer.axes.map(shape.size(of:)), of: layer.name)
        case .parametricReLU(let layer):
            let sizes = layer.weightSizes(for: shape.dimensions)
            try complete(&weights, [("alpha", layer.alpha)], sizes: sizes, of: layer.name)
        case .activation, .dropout, .flatten, .reshape, .inputLayer, .rescaling, .normalization: break
        }
        return try Layer(configuration, weights: weights, kernels: kernels)
    }

    /// Checks weights that all have one shape, and makes those that were not given.
    ///
    /// - Parameter sizes: of the weights' axes, as far as the input's shape says.
    private mutating func complete(
        _ weights: inout [String: Tensor], _ wanted: [NamedWeight], sizes: [Int?], of layer: String
    ) throws(EngineError) {
        let given = wanted.lazy.compactMap { [weights] in weights[$0.name]?.shape }.first
        if let given, !isActualInput, let (name, _) = wanted.first(where: { weights[$0.name] != nil }) {
            guard given.rank == sizes.count, zip(given.dimensions, sizes).allSatisfy({ $1 == nil || $0 == $1 }) else {
                throw .weightShapeMismatch(
                    layer: layer, weight: name, expected: sizes.map { $0 ?? -1 }, received: given)
            }
        }
        let known = sizes.compactMap(\.self)
        for (name, arguments) in wanted where weights[name] == nil {
            guard given != nil || known.count == sizes.count else { throw .unknownInputShape(layer: layer) }
            let shape = if let given { given } else { try Shape(known) }
            weights[name] = try make(name, of: layer, shape, arguments.initializer)
        }
    }

    /// The kernel given is checked against the shape that reaches the layer; one that is not given is made for it.
    private mutating func dense(
        _ configuration: DenseConfiguration, _ weights: [String: Tensor]
    ) throws(EngineError) -> Dense {
        guard shape.dimensions.count >= 2 || actual != nil else {
            throw .invalidConfigValue(
                path: [],
                message:
                    "Input 0 of layer '\(configuration.name)' is incompatible with the layer: expected min_ndim=2, "
                    + "found ndim=\(shape.dimensions.count). Full shape received: \(pythonTuple(shape.dimensions))")
        }
        var all = weights
        if weights["kernel"] == nil { try makeKernel(configuration, in: &all) }
        if let kernel = all["kernel"], let lastAxis = shape.lastAxis, kernel.shape.rank == 2,
            kernel.shape.dimensions[configuration.storedFeatureAxis] != lastAxis, !isActualInput
        {
            throw .weightShapeMismatch(
                layer: configuration.name, weight: "kernel",
                expected: configuration.storedShape(ofWeight: "kernel", inputDimension: lastAxis),
                received: kernel.shape)
        }
        if configuration.useBias, weights["bias"] == nil {
            all["bias"] = try make(
                "bias", of: configuration.name, Shape([configuration.units]), configuration.biasInitializer)
        }
        return try Dense(configuration, weights: all, kernels: kernels)
    }

    /// Makes the kernel, and what belongs to a quantized one, where nothing of it is given.
    private mutating func makeKernel(
        _ configuration: DenseConfiguration, in weights: inout [String: Tensor]
    ) throws(EngineError) {
        switch configuration.policy.quantization {
        // Without its integers there is no layer.
        case .gptq, .awq: throw .missingWeight(layer: configuration.name, weight: "kernel")
        case nil, .int8, .int4, .float8: break
        }
        guard let lastAxis = shape.lastAxis else { throw .unknownInputShape(layer: configuration.name) }
        let made = configuration.weightNames.filter { $0 != "bias" }
        // What is there without its kernel is missed by name later.
        let isWhole = made.allSatisfy { weights[$0] == nil }
        for name in isWhole ? made : ["kernel"] {
            let shape = try Shape(configuration.storedShape(ofWeight: name, inputDimension: lastAxis))
            let initializer = configuration.initializer(ofStoredWeight: name)
            weights[name] = try make(name, of: configuration.name, shape, initializer)
        }
        if weights["g_idx"] != nil, isWhole, let size = configuration.policy.quantization?.groupSize {
            weights["g_idx"] = try Tensor([lastAxis], (0..<lastAxis).map { Float($0 / size) })
        }
    }

    /// The bound on the elements of all weights a model's initializers make, 256 MiB: a client's few bytes
    /// (`"units": 1000000000`) must not make the server allocate without bound.
    private static let maximumMadeElements = 1 << 26

    private mutating func make(
        _ weight: String, of layer: String, _ shape: Shape, _ initializer: Initializer
    ) throws(EngineError) -> Tensor {
        guard shape.count <= Self.maximumMadeElements - madeElements else {
            throw .tooLarge(
                layer: layer, what: weight, shape: shape, maximum: Self.maximumMadeElements - madeElements)
        }
        madeElements += shape.count
        return try initializer(shape: shape)
    }

    /// Whether the next layer gets an actual input, unchanged in its last axis: then a kernel that does not fit means
    /// that the input is wrong, which the layer says when it is called.
    private var isActualInput: Bool {
        guard let actual, keepsShape else { return false }
        return shape.lastAxis == actual.lastAxis
    }

    /// Takes a shape that a layer was declared with for what is not known better.
    private mutating func assume(_ declared: [Int?]) {
        guard layers.isEmpty || shape.isUnknown else {
            shape = shape.filled(from: declared)
            return
        }
        shape = actual.map { PartialShape(declared).filled(from: $0.dimensions) } ?? PartialShape(declared)
        if keepsShape { input = shape }
    }

    private mutating func assumeLastAxis(_ size: Int) {
        if shape.isUnknown { shape = .lastAxis(size) }
        if shape.lastAxis == nil { shape = shape.replacingLastAxis(with: size) }
        if keepsShape { input = shape }
    }

    private func known(_ shape: PartialShape) -> [Int?]? {
        guard !shape.isUnknown else { return nil }
        // Whatever the batch was when the model was built, another may come.
        return shape.dimensions.isEmpty ? [] : [nil] + shape.dimensions.dropFirst()
    }
}

extension Layer {
    /// The size of the last axis that the layer takes, where it takes only one.
    fileprivate var lastAxis: Int? {
        switch self {
        case .dense(let layer): layer.inputDimension
        case .batchNormalization(let layer):
            layer.configuration.axis == -1 ? layer.weights.first?.shape.lastAxis : nil
        case .axisNormalization(let layer):
            layer.configuration.axes == [-1] ? layer.weights.first?.shape.lastAxis : nil
        case .activation, .dropout, .flatten, .reshape, .inputLayer, .rescaling, .normalization, .parametricReLU: nil
        }
    }
}

extension PartialShape {
    /// The size of an axis, where it is known.
    fileprivate func size(of axis: Int) -> Int? { position(of: axis).flatMap { dimensions[$0] } }
}

extension Activation {
    var keepsShape: Bool {
        if case .glu = self { false } else { true }
    }
}
