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
        if case .dense(let dense) = layer { assumeLastAxis(dense.inputDimension) }
        layers.append(layer)
        shape = try layer.outputShape(for: shape)
        switch layer {
        case .dense, .flatten, .reshape: keepsShape = false
        case .activation(let activation): keepsShape = keepsShape && activation.activation.keepsShape
        case .dropout, .inputLayer, .rescaling, .normalization: break
        }
    }

    private mutating func build(_ specification: LayerSpecification) throws(EngineError) -> Layer {
        let configuration = specification.configuration
        for name in (specification.weights ?? [:]).keys.sorted() where !configuration.weightNames.contains(name) {
            throw .unexpectedWeight(layer: configuration.name, weight: name, expected: configuration.weightNames)
        }
        switch configuration {
        case .dense(let configuration):
            return .dense(try dense(configuration, specification.weights ?? [:]))
        case .normalization(let configuration):
            return .normalization(
                try BuiltNormalization(
                    configuration, mean: specification.weights?["mean"], variance: specification.weights?["variance"]))
        case .activation(let layer): return .activation(layer)
        case .dropout(let layer): return .dropout(layer)
        case .flatten(let layer): return .flatten(layer)
        case .reshape(let layer): return .reshape(layer)
        case .inputLayer(let layer): return .inputLayer(layer)
        case .rescaling(let layer): return .rescaling(layer)
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
        let kernel: Tensor
        if let given = weights["kernel"] { kernel = given } else { kernel = try makeKernel(configuration) }
        if let lastAxis = shape.lastAxis, kernel.shape.rank == 2, kernel.shape.dimensions[0] != lastAxis,
            !isActualInput
        {
            throw .weightShapeMismatch(
                layer: configuration.name, weight: "kernel", expected: [lastAxis, configuration.units],
                received: kernel.shape)
        }
        var bias = weights["bias"]
        if configuration.useBias, bias == nil {
            bias = try make("bias", of: configuration, Shape([configuration.units]), configuration.biasInitializer)
        }
        return try Dense(configuration, kernel: kernel, bias: bias, kernels: kernels)
    }

    private mutating func makeKernel(_ configuration: DenseConfiguration) throws(EngineError) -> Tensor {
        guard let lastAxis = shape.lastAxis else { throw .unknownInputShape(layer: configuration.name) }
        let kernelShape = try Shape([lastAxis, configuration.units])
        return try make("kernel", of: configuration, kernelShape, configuration.kernelInitializer)
    }

    /// The bound on the elements of all weights a model's initializers make, 256 MiB: a client's few bytes
    /// (`"units": 1000000000`) must not make the server allocate without bound.
    private static let maximumMadeElements = 1 << 26

    private mutating func make(
        _ weight: String, of configuration: DenseConfiguration, _ shape: Shape, _ initializer: Initializer
    ) throws(EngineError) -> Tensor {
        guard shape.count <= Self.maximumMadeElements - madeElements else {
            throw .tooLarge(
                layer: configuration.name, what: weight, shape: shape,
                maximum: Self.maximumMadeElements - madeElements)
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

extension Activation {
    var keepsShape: Bool {
        if case .glu = self { false } else { true }
    }
}
