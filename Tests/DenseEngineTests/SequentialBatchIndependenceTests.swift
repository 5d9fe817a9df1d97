import DenseEngine
import Testing

@Suite("Whether a model's positions are independent")
struct SequentialBatchIndependenceTests {
    private static func activation(_ activation: Activation) -> LayerSpecification {
        LayerSpecification(.activation(ActivationLayer(activation)))
    }

    private static func dense(_ activation: Activation = .linear) -> LayerSpecification {
        LayerSpecification(
            .dense(
                DenseConfiguration(units: 4, activation: activation, kernelInitializer: .glorotUniform(seed: 3))))
    }

    private static func input(_ shape: [Int?]) -> LayerSpecification {
        LayerSpecification(.inputLayer(InputLayer(batchShape: shape)))
    }

    private static func rescaling(_ shape: [Int]) throws -> LayerSpecification {
        let count = shape.reduce(1, *)
        return LayerSpecification(
            .rescaling(
                Rescaling(scale: try ConfigArray(shape: Shape(shape), elements: (0..<count).map { Double($0) + 2 }))))
    }

    private static func normalization(axes: [Int]) -> LayerSpecification {
        LayerSpecification(.normalization(Normalization(axes: axes)))
    }

    private static func batchNormalization(axis: Int) -> LayerSpecification {
        LayerSpecification(.batchNormalization(BatchNormalization(axis: axis)))
    }

    private static func layerNormalization(axes: [Int]) -> LayerSpecification {
        LayerSpecification(.axisNormalization(AxisNormalization(axes: axes)))
    }

    /// Layers, the shapes they take, and whether positions are independent.
    private static func cases() throws -> [(layers: [LayerSpecification], shapes: [[Int]], expected: Bool)] {
        let flatten = LayerSpecification(.flatten(Flatten()))
        let reshape = LayerSpecification(.reshape(Reshape(targetShape: [2, -1])))
        return [
            ([dense(), activation(.relu), dense(.softmax)], [[3, 4], [3, 2, 4]], true),
            ([dense(.glu)], [[3, 4], [3, 2, 4]], true),
            // Axis 0 by one name or the other.
            ([dense(.softmax(axis: 0))], [[3, 4], [3, 2, 4]], false),
            ([dense(.softmax(axis: -2))], [[3, 4]], false),
            ([dense(.softmax(axis: 1))], [[3, 4], [3, 2, 4]], true),
            ([dense(.glu(axis: -2))], [[4, 4]], false),
            ([dense(.glu(axis: 1))], [[3, 4], [3, 2, 4]], true),
            ([dense(.softmax(axis: -5))], [[3, 2, 2, 2, 4]], false),
            // One axis only: it is the first and the last.
            ([activation(.softmax)], [[4]], false),
            ([activation(.relu)], [[4], [3, 4]], true),
            ([activation(.softmax), dense()], [[3, 4], [3, 2, 4]], true),
            ([input([nil, 4]), activation(.softmax)], [[3, 4]], true),
            ([input([nil, 4]), activation(.logSoftmax(axis: -2))], [[3, 4]], false),
            ([input([nil, 2, 4]), activation(.sparsemax(axis: -2))], [[3, 2, 4]], true),
            ([flatten, activation(.softmax(axis: -2))], [[3, 4]], false),
            ([flatten, activation(.softmax)], [[4], [3, 4], [3, 2, 4]], true),
            ([reshape, activation(.softmax(axis: -3))], [[3, 4]], false),
            ([reshape, activation(.softmax(axis: -2))], [[3, 4], [3, 2, 2]], true),
            // Axes that no input has leave nothing to depend on.
            ([reshape, activation(.softmax(axis: 7))], [], true),
            ([dense(.softmax(axis: .min))], [], true),
            ([dense(.softmax(axis: .max))], [], true),
            // Arrays with a size along axis 0.
            ([try rescaling([4])], [[4]], false),
            ([try rescaling([4]), dense()], [[3, 4], [3, 2, 4]], true),
            ([try rescaling([3, 4]), dense()], [[3, 4]], false),
            ([try rescaling([1, 4]), dense()], [[3, 4], [3, 2, 4]], true),
            ([normalization(axes: [-1]), dense()], [[3, 4]], true),
            ([normalization(axes: []), dense()], [[3, 4]], true),
            ([normalization(axes: [0, -1]), dense()], [[3, 4]], false),
            ([normalization(axes: [-2]), dense()], [[3, 4]], false),
            ([batchNormalization(axis: -1), dense()], [[3, 4], [3, 2, 4]], true),
            ([batchNormalization(axis: 1), dense()], [[3, 4]], true),
            ([batchNormalization(axis: 0), dense()], [[3, 4]], false),
            ([batchNormalization(axis: -2), dense()], [[3, 4]], false),
            ([layerNormalization(axes: [-1]), dense()], [[3, 4], [3, 2, 4]], true),
            ([layerNormalization(axes: [1, 2]), dense()], [[3, 2, 4]], true),
            ([layerNormalization(axes: [0]), dense()], [[3, 4]], false),
            ([layerNormalization(axes: [-2, -1]), dense()], [[3, 4]], false),
            ([LayerSpecification(.parametricReLU(ParametricReLU())), dense()], [[3, 4]], true),
            ([dense(), LayerSpecification(.dropout(Dropout(rate: 0.5)))], [[3, 4]], true),
        ]
    }

    @Test("each layer's axes decide it")
    func decided() throws {
        for (index, (layers, shapes, expected)) in try Self.cases().enumerated() {
            let shape = try Shape(shapes.first ?? [3, 4])
            let model = try Sequential(layers, inputShape: shape)
            #expect(model.isBatchIndependent == expected, "case \(index)")
        }
    }

    @Test("independent positions have the same bits joined and alone, from any input the model takes")
    func joined() throws {
        var numbers = TestNumbers(seed: 41)
        for (index, (layers, shapes, expected)) in try Self.cases().enumerated() where expected {
            for dimensions in shapes {
                let model = try Sequential(layers, inputShape: Shape(dimensions))
                let input = try numbers.tensor(dimensions)
                let joined = try model(input).output
                let alone = try (0..<dimensions[0]).map { position in
                    try model(Self.position(position, of: input)).output
                }
                #expect(
                    firstDifference(joined.elements, alone.flatMap(\.elements)) == nil, "case \(index), \(dimensions)")
                #expect(joined.shape.dimensions.dropFirst() == alone[0].shape.dimensions.dropFirst())
            }
        }
    }

    private static func position(_ position: Int, of tensor: Tensor) throws -> Tensor {
        let size = tensor.shape.count / tensor.shape.dimensions[0]
        return try Tensor(
            [1] + tensor.shape.dimensions.dropFirst(),
            Array(tensor.elements[position * size..<(position + 1) * size]))
    }

    @Test("where positions depend on one another, or on their place, the bits show it")
    func dependent() throws {
        var numbers = TestNumbers(seed: 42)
        for (index, (layers, shapes, expected)) in try Self.cases().enumerated() where !expected {
            guard let dimensions = shapes.first else { continue }
            let model = try Sequential(layers, inputShape: Shape(dimensions))
            let input = try numbers.tensor(dimensions)
            let joined = try model(input).output
            let alone = (0..<dimensions[0]).map { try? model(Self.position($0, of: input)).output }
            // Default statistics change nothing, but others would stand for one position each.
            if case .normalization = layers[0].configuration { continue }
            #expect(
                firstDifference(joined.elements, alone.flatMap { $0?.elements ?? [] }) != nil, "case \(index)")
        }
    }
}
