internal import DenseEngine

/// One thing an ONNX graph does to the values that flow through it, as far as layers can do it.
enum ONNXStep {
    /// A product with `[inputs, units]`.
    case product(Tensor)
    /// `+` and `*` with a constant, which is broadcast over the last axes.
    case add(Tensor)
    case multiply(Tensor)
    case activation(Activation)
    /// One along an axis, which is the ONNX tensor's.
    /// `make` gets it counted from the last; it gives nil for one that it cannot be.
    case alongAxis(axis: Int, make: (Int) -> Activation?)
    case parametricReLU(Tensor)
    /// Scale, bias, mean and variance along axis 1.
    case batchNormalization(epsilon: Double, weights: [String: Tensor])
    /// Over these axes, or, where it is one and there are weights of more axes, from this one on.
    case normalization(AxisNormalization.Class, axes: [Int], epsilon: Double, weights: [String: Tensor])
    /// To these sizes, batch axis first.
    case reshape([Int], zeroIsSize: Bool)
    /// Back to the axes that a value has, but for the last.
    case reshapeLike(String)
    case flatten
}

/// The layers that do an ONNX graph's steps, one after the other.
///
/// TensorFlow's exporter makes rows of every tensor before a product, and the tensor again after it. Here it stays as it
/// is, and `isFlattened` says that the graph sees its rows.
struct ONNXLayers {
    private(set) var layers: [LayerSpecification] = []
    /// The sizes behind the batch axis; nil when nothing is known of them.
    private var axes: [Int?]?
    private var isFlattened = false
    /// The axes each value had.
    private var known: [String: [Int?]] = [:]

    /// - Parameter shape: of the input, batch axis first.
    init(input: String, shape: [Int?]?) {
        guard let shape, !shape.isEmpty else { return }
        axes = Array(shape.dropFirst())
        known[input] = axes
        // Whatever the batch was when the graph was exported, another may come.
        layers.append(LayerSpecification(.inputLayer(InputLayer(batchShape: [nil] + shape.dropFirst()))))
    }

    /// The rank the graph sees; nil when it is not known.
    private var rank: Int? { isFlattened ? 2 : axes.map { $0.count + 1 } }

    /// - Parameters:
    ///   - result: the value's name.
    ///   - place: the node, as messages name it.
    mutating func add(_ step: ONNXStep, result: String, _ place: String) throws(ModelFileError) {
        switch step {
        case .product(let kernel):
            let dense = DenseConfiguration(units: kernel.shape.lastAxis, useBias: false)
            append(.dense(dense), ["kernel": kernel])
            if let axes, !axes.isEmpty { self.axes?[axes.count - 1] = kernel.shape.lastAxis }
        case .add(let constant): try add(constant, place)
        case .multiply(let constant): try multiply(constant, place)
        case .activation(let activation):
            guard activation.arguments.allSatisfy(\.isFinite) else {
                throw unsupported("Its arguments are not finite.", place)
            }
            append(activation)
        case .alongAxis(let axis, let make):
            guard let activation = make(try fromEnd(axis, place)) else {
                throw unsupported("Expected the last axis, received \(axis).", place)
            }
            append(activation)
        case .parametricReLU(let slope):
            let alpha = try stripped(slope, place)
            guard let axes, alpha.shape.rank <= axes.count else { throw unknownShape(place) }
            let sizes = Array(repeating: 1, count: axes.count - alpha.shape.rank) + alpha.shape.dimensions
            let shared = sizes.indices.filter { sizes[$0] == 1 }.map { $0 + 1 }
            append(
                .parametricReLU(ParametricReLU(sharedAxes: shared.isEmpty ? nil : shared)),
                ["alpha": try tensor(sizes, alpha.elements)])
        case .batchNormalization(let epsilon, let weights):
            append(.batchNormalization(BatchNormalization(axis: try fromEnd(1, place), epsilon: epsilon)), weights)
        case .normalization(let layerClass, let axes, let epsilon, let weights):
            var axes = try axes.map { axis throws(ModelFileError) in try fromEnd(axis, place) }.sorted()
            if !weights.isEmpty, let first = axes.first { axes = Array(first...(-1)) }
            guard let first = axes.first, axes == Array(first...(-1)) else {
                throw unsupported("Expected the last axes, received others.", place)
            }
            let layer = AxisNormalization(
                layerClass, axes: axes, epsilon: epsilon, center: weights["beta"] != nil, scale: weights["gamma"] != nil
            )
            append(
                .axisNormalization(layer), layerClass == .rootMeanSquare ? try scaled(weights, axes, place) : weights)
        case .reshape(let sizes, let zeroIsSize): try reshape(sizes, zeroIsSize: zeroIsSize, place)
        case .reshapeLike(let value):
            guard let target = known[value], let axes, axes.count == target.count,
                zip(axes, target).dropLast().allSatisfy({ $0 == $1 })
            else { throw unsupported("It reshapes to a shape that is computed.", place) }
            isFlattened = false
        // Rows are flat.
        case .flatten where isFlattened: break
        case .flatten:
            append(.flatten(Flatten()))
            let sizes = axes?.compactMap(\.self) ?? []
            axes = [sizes.count == axes?.count ? product(sizes) : nil]
        }
        known[result] = axes
    }

    /// Ends the graph.
    ///
    /// - Throws: `unsupported` where it gives the rows of something as a batch of its own.
    mutating func finish() throws(ModelFileError) {
        guard isFlattened, let axes, let last = axes.last, let units = last else { return }
        guard axes.dropLast().allSatisfy({ $0 == 1 }) else {
            throw .unsupported(
                .onnx,
                message: "The graph makes several rows of a position of its batch axis. Expected one, as layers do.")
        }
        append(.reshape(Reshape(targetShape: [units])))
    }

    // MARK: Constants

    /// A normalization without a gamma takes it, or a scale of ones.
    private mutating func multiply(_ constant: Tensor, _ place: String) throws(ModelFileError) {
        if let last = layers.last, case .axisNormalization(var layer) = last.configuration, layer.axes == [-1],
            let size = axes?.last ?? nil
        {
            let vector = try stripped(constant, place)
            if vector.shape.dimensions == [size] {
                if layer.layerClass == .layer, !layer.scale, !layer.center {
                    layer.scale = true
                    layers[layers.count - 1] = LayerSpecification(.axisNormalization(layer), weights: ["gamma": vector])
                    return
                }
                if layer.layerClass == .rootMeanSquare, last.weights?["scale"]?.elements.allSatisfy({ $0 == 1 }) == true
                {
                    layers[layers.count - 1] = LayerSpecification(.axisNormalization(layer), weights: ["scale": vector])
                    return
                }
            }
        }
        append(.rescaling(Rescaling(scale: try array(constant, place))))
    }

    /// The scale that Keras's layer has, and the graph need not have.
    private func scaled(
        _ weights: [String: Tensor], _ normalized: [Int], _ place: String
    ) throws(ModelFileError) -> [String: Tensor] {
        guard weights.isEmpty else { return weights }
        let sizes = (axes ?? []).suffix(normalized.count).compactMap(\.self)
        guard sizes.count == normalized.count else { throw unknownShape(place) }
        let count = product(sizes)
        guard count <= 1 << 20 else { throw unsupported("It normalizes \(count) numbers at a time.", place) }
        return ["scale": try tensor(sizes, Array(repeating: 1, count: count))]
    }

    /// Added to a product it is a bias, to a normalization its beta, else the offset of a rescaling.
    private mutating func add(_ constant: Tensor, _ place: String) throws(ModelFileError) {
        if let last = layers.last, case .axisNormalization(var layer) = last.configuration, layer.layerClass == .layer,
            layer.axes == [-1], !layer.center, let size = axes?.last ?? nil
        {
            let vector = try stripped(constant, place)
            if vector.shape.dimensions == [size] {
                layer.center = true
                var weights = last.weights ?? [:]
                weights["beta"] = vector
                layers[layers.count - 1] = LayerSpecification(.axisNormalization(layer), weights: weights)
                return
            }
        }
        if let last = layers.last, case .dense(var dense) = last.configuration, !dense.useBias,
            dense.activation == .linear, var weights = last.weights
        {
            let vector = try stripped(constant, place)
            if vector.shape.count == 1 || vector.shape.dimensions == [dense.units] {
                dense.useBias = true
                weights["bias"] = try tensor(
                    [dense.units],
                    vector.shape.count == 1
                        ? Array(repeating: vector.elements[0], count: dense.units) : vector.elements)
                layers[layers.count - 1] = LayerSpecification(.dense(dense), weights: weights)
                return
            }
        }
        let offset = try array(constant, place)
        if case .rescaling(var rescaling)? = layers.last?.configuration, rescaling.offset == ConfigArray(0) {
            rescaling.offset = offset
            layers[layers.count - 1] = LayerSpecification(.rescaling(rescaling))
        } else {
            append(.rescaling(Rescaling(scale: ConfigArray(1), offset: offset)))
        }
    }

    /// Without the leading axes of size 1, which broadcast anyway.
    private func stripped(_ constant: Tensor, _ place: String) throws(ModelFileError) -> Tensor {
        try tensor(Array(constant.shape.dimensions.drop { $0 == 1 }), constant.elements)
    }

    /// As a layer's argument, which is no place for many numbers.
    private func array(_ constant: Tensor, _ place: String) throws(ModelFileError) -> ConfigArray {
        guard constant.shape.count <= 1 << 20 else {
            throw unsupported(
                "Its constant has \(constant.shape.count) elements. Expected at most \(1 << 20).", place)
        }
        let stripped = try stripped(constant, place)
        guard stripped.elements.allSatisfy(\.isFinite) else {
            throw unsupported("Its constant is not finite.", place)
        }
        do throws(EngineError) {
            return try ConfigArray(shape: stripped.shape, elements: stripped.elements.map(Double.init))
        } catch { throw unsupported("\(error)", place) }
    }

    private func tensor(_ dimensions: [Int], _ elements: [Float]) throws(ModelFileError) -> Tensor {
        do throws(EngineError) { return try Tensor(dimensions, elements) } catch {
            throw .damaged(.onnx, message: error.description)
        }
    }

    // MARK: Axes

    /// The axis, counted from the last: where the graph sees rows, the layers see more axes before it.
    private func fromEnd(_ axis: Int, _ place: String) throws(ModelFileError) -> Int {
        guard axis >= 0 else {
            guard axis >= -32 else { throw unsupported("Its axis is \(axis).", place) }
            return axis
        }
        guard let rank else { throw unknownShape(place) }
        guard axis > 0, axis < rank else {
            throw unsupported("Its axis is \(axis). Expected one behind the batch axis, 1 to \(rank - 1).", place)
        }
        return axis - rank
    }

    private mutating func reshape(_ sizes: [Int], zeroIsSize: Bool, _ place: String) throws(ModelFileError) {
        guard let batch = sizes.first, sizes.allSatisfy({ $0 >= -1 }) else {
            throw unsupported("It makes a shape of no axes.", place)
        }
        var target = Array(sizes.dropFirst())
        // 0 stands for the size the input has there.
        if !zeroIsSize {
            for index in target.indices where target[index] == 0 {
                guard !isFlattened, let axes, index < axes.count, let size = axes[index] else {
                    throw unknownShape(place)
                }
                target[index] = size
            }
        }
        guard target.count(where: { $0 == -1 }) <= (batch == -1 ? 0 : 1) else {
            throw unsupported("It leaves more than one size open.", place)
        }
        // Rows of the last axis, for a product.
        if batch == -1, target.count == 1, let axes, axes.count > 1, axes.last == .some(target[0]), !isFlattened {
            isFlattened = true
            return
        }
        if isFlattened {
            guard let axes, axes.count == target.count, zip(axes, target).allSatisfy({ $0 == $1 }) else {
                throw unsupported("It does not take rows back to where they were.", place)
            }
            isFlattened = false
            return
        }
        guard batch <= 0 || batch == 1 || axes.map({ Self.size($0) == Self.size(target.map { $0 }) }) == true else {
            throw unsupported("It changes the batch axis, to \(batch).", place)
        }
        append(.reshape(Reshape(targetShape: target)))
        axes = target.map { $0 == -1 ? nil : $0 }
        if let open = target.firstIndex(of: -1), let known = known(before: target, open) { axes?[open] = known }
    }

    /// The open size, where the others say it.
    private func known(before target: [Int], _ open: Int) -> Int? {
        guard let axes, let whole = Self.size(axes) else { return nil }
        let rest = product(target.filter { $0 != -1 })
        return rest > 0 && whole.isMultiple(of: rest) ? whole / rest : nil
    }

    private static func size(_ axes: [Int?]) -> Int? {
        let sizes = axes.compactMap(\.self)
        return sizes.count == axes.count ? product(sizes) : nil
    }

    // MARK: Layers

    private mutating func append(_ activation: Activation) {
        if let last = layers.last, case .dense(var dense) = last.configuration, dense.activation == .linear {
            dense.activation = activation
            layers[layers.count - 1] = LayerSpecification(.dense(dense), weights: last.weights)
        } else {
            append(.activation(ActivationLayer(activation)))
        }
    }

    private mutating func append(_ configuration: LayerConfiguration, _ weights: [String: Tensor]? = nil) {
        layers.append(LayerSpecification(configuration, weights: weights))
    }

    private func unsupported(_ reason: String, _ place: String) -> ModelFileError {
        .unsupported(.onnx, message: "The operation \(place) cannot be a layer. \(reason)")
    }

    private func unknownShape(_ place: String) -> ModelFileError {
        unsupported("The sizes of its input are not known.", place)
    }
}

/// Saturating, for sizes that nothing has.
private func product(_ sizes: [Int]) -> Int {
    sizes.reduce(1) { product, size in
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        return overflow ? .max : next
    }
}

extension Activation {
    /// The numbers that ONNX says as attributes.
    fileprivate var arguments: [Double] {
        switch self {
        case .leakyReLU(let number), .elu(let number), .celu(let number), .hardShrink(let number),
            .softShrink(let number):
            [number]
        case .relu(let slope, let maximum, let threshold): [slope, maximum ?? 0, threshold]
        case .threshold(let threshold, let value): [threshold, value]
        default: []
        }
    }
}
