import DenseEngine
import DenseKernelTable

/// A stack of random layers, and the shape it takes: what a test of all stacks draws from.
struct RandomStack: CustomStringConvertible {
    let layers: [LayerSpecification]
    /// Of an input with some positions along axis 0.
    let inputShape: [Int]
    /// Whether no layer was drawn that makes positions of axis 0 depend on one another.
    let isBatchIndependent: Bool
    private let seed: UInt64

    /// Activations of every kind: none, element-wise, along the last axis, along others, and one that halves an axis.
    private static let activations: [Activation] = [
        .linear, .relu, .tanh, .gelu, .selu, .softmax, .logSoftmax, .sparsemax, .glu, .softmax(axis: 1), .glu(axis: 1),
        .sparsemax(axis: 1),
    ]

    /// - Parameter mixesBatch: whether softmax over axis 0 may be drawn.
    init(seed: UInt64, mixesBatch: Bool = false) throws {
        self.seed = seed
        var numbers = TestNumbers(seed: seed)
        for _ in 0..<8 { _ = numbers.next() }
        let rank = numbers.integer(in: 2...4)
        var shape = [numbers.integer(in: 1...40)]
        while shape.count < rank { shape.append(numbers.integer(in: 1...4) * 2) }
        if rank == 2 { shape[1] = numbers.integer(in: 1...150) }
        inputShape = shape
        var layers: [LayerSpecification] = []
        var isBatchIndependent = true
        if numbers.integer(in: 0...3) == 0 {
            layers.append(LayerSpecification(.inputLayer(InputLayer(batchShape: [nil] + shape.dropFirst().map { $0 }))))
        }
        for _ in 0..<numbers.integer(in: 1...6) {
            var activation = Self.activations[numbers.integer(in: 0...Self.activations.count - 1)]
            if mixesBatch, numbers.integer(in: 0...7) == 0 {
                activation = .softmax(axis: 0)
                isBatchIndependent = false
            }
            switch numbers.integer(in: 0...12) {
            case 0...4:
                let units = numbers.integer(in: 1...60) * (activation == .glu || activation == .glu(axis: 1) ? 2 : 1)
                shape[shape.count - 1] = units
                let seed = numbers.integer(in: 0...1000)
                layers.append(
                    LayerSpecification(
                        .dense(
                            DenseConfiguration(
                                units: units, activation: Self.fitting(activation, &shape),
                                useBias: numbers.integer(in: 0...2) > 0, kernelInitializer: .heNormal(seed: seed),
                                biasInitializer: .randomUniform(minimum: -1, maximum: 1, seed: seed)))))
            case 5: layers.append(LayerSpecification(.activation(ActivationLayer(Self.fitting(activation, &shape)))))
            case 6:
                let scale = try numbers.tensor([numbers.integer(in: 0...1) == 0 ? 1 : shape[shape.count - 1]])
                layers.append(
                    LayerSpecification(
                        .rescaling(
                            Rescaling(
                                scale: try ConfigArray(shape: scale.shape, elements: scale.elements.map(Double.init)),
                                offset: ConfigArray(Double(numbers.float()))))))
            case 7:
                let axis = numbers.integer(in: 1...shape.count - 1)
                let mean = try numbers.tensor([shape[axis]])
                let variance = try numbers.tensor([shape[axis]])
                layers.append(
                    LayerSpecification(
                        .normalization(Normalization(axes: [axis], invert: numbers.integer(in: 0...3) == 0)),
                        weights: [
                            "mean": mean,
                            "variance": try Tensor(shape: variance.shape, elements: variance.elements.map(\.magnitude)),
                        ]))
            case 8: layers.append(try Self.normalization(shape, &numbers))
            case 9:
                layers.append(
                    LayerSpecification(
                        .batchNormalization(
                            BatchNormalization(
                                axis: numbers.integer(in: 1...shape.count - 1), scale: numbers.integer(in: 0...2) > 0,
                                beta: WeightArguments(.randomNormal(mean: 0, stddev: 1, seed: 3)),
                                gamma: WeightArguments(.randomUniform(minimum: 0.5, maximum: 2, seed: 4)),
                                movingMean: .randomNormal(mean: 0, stddev: 1, seed: 5),
                                movingVariance: .randomUniform(minimum: 0.1, maximum: 2, seed: 6)))))
            case 10:
                layers.append(
                    LayerSpecification(
                        .parametricReLU(
                            ParametricReLU(
                                alpha: WeightArguments(.randomUniform(minimum: -1, maximum: 1, seed: 7)),
                                sharedAxes: numbers.integer(in: 0...1) == 0 ? nil : [1]))))
            case 11:
                let format: Flatten.DataFormat = numbers.integer(in: 0...1) == 0 ? .channelsFirst : .channelsLast
                layers.append(LayerSpecification(.flatten(Flatten(dataFormat: format))))
                shape = [shape[0], shape.dropFirst().reduce(1, *)]
            default:
                layers.append(LayerSpecification(.dropout(Dropout(rate: 0.5))))
                let count = shape.dropFirst().reduce(1, *)
                let divisor = [4, 3, 2, 1].first { count.isMultiple(of: $0) } ?? 1
                layers.append(LayerSpecification(.reshape(Reshape(targetShape: [divisor, -1]))))
                shape = [shape[0], divisor, count / divisor]
            }
        }
        self.layers = layers
        self.isBatchIndependent = isBatchIndependent
    }

    /// A normalization along one axis or the last two.
    private static func normalization(_ shape: [Int], _ numbers: inout TestNumbers) throws -> LayerSpecification {
        let axes =
            shape.count > 2 && numbers.integer(in: 0...2) == 0
            ? [-2, -1] : [[-1, numbers.integer(in: 1...shape.count - 1)][numbers.integer(in: 0...1)]]
        let all = AxisNormalization.Class.allCases
        let layer = AxisNormalization(
            all[numbers.integer(in: 0...all.count - 1)], axes: axes, rmsScaling: numbers.integer(in: 0...3) == 0,
            center: numbers.integer(in: 0...3) > 0, scale: numbers.integer(in: 0...3) > 0,
            beta: WeightArguments(.randomNormal(mean: 0, stddev: 1, seed: 8)),
            gamma: WeightArguments(.randomUniform(minimum: -2, maximum: 2, seed: 9)))
        return LayerSpecification(.axisNormalization(layer))
    }

    /// The activation if the shape suits it, else one that suits every shape.
    private static func fitting(_ activation: Activation, _ shape: inout [Int]) -> Activation {
        guard case .glu(let axis) = activation else { return activation }
        let position = axis < 0 ? axis + shape.count : axis
        guard shape[position].isMultiple(of: 2) else { return .tanh }
        shape[position] /= 2
        return activation
    }

    /// The model, built for the shape.
    func model(kernels: KernelTable = Kernels.current) throws -> Sequential {
        try Sequential(layers, inputShape: Shape(inputShape), kernels: kernels)
    }

    /// An input of the shape, with another number of positions along axis 0 or its own.
    func input(positions: Int? = nil) throws -> Tensor {
        var numbers = TestNumbers(seed: seed ^ 0xABCD)
        return try numbers.tensor([positions ?? inputShape[0]] + inputShape.dropFirst())
    }

    /// Says how to draw it again.
    var description: String {
        "RandomStack(seed: \(seed)) on \(inputShape): " + layers.map(\.configuration.className).joined(separator: ", ")
    }
}
