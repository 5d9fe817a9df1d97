import DenseEngine
import Testing

@Suite struct NormalizationTests {
    private static func built(
        _ axes: [Int], _ mean: ([Int], [Double]), _ variance: ([Int], [Double]), invert: Bool = false
    ) throws -> BuiltNormalization {
        try BuiltNormalization(
            Normalization(
                axes: axes, mean: ConfigArray(shape: Shape(mean.0), elements: mean.1),
                variance: ConfigArray(shape: Shape(variance.0), elements: variance.1), invert: invert),
            mean: nil, variance: nil)
    }

    @Test("statistics of several axes; a variance of zero counts as epsilon (values from Keras)")
    func severalAxes() throws {
        let layer = try Self.built([1, 2], ([2, 2], [1, 2, 3, 4]), ([2, 2], [4, 0, 1, 9]))
        let output = try layer(Tensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(output.elements == [0, 0, 0, 0, 2, 40_000_000, 4, 1.3333333730697632])
    }

    @Test("inverted, along an axis in the middle (values from Keras)")
    func inverted() throws {
        let layer = try Self.built([1], ([2], [1, 3]), ([2], [4, 16]), invert: true)
        #expect(try layer(Tensor([1, 2, 2], [1, 2, 3, 4])).elements == [3, 5, 15, 19])
    }

    @Test("one mean and variance for everything (values from Keras)")
    func noAxis() throws {
        let layer = try Self.built([], ([], [1.5]), ([], [4]))
        #expect(try layer(Tensor([1, 2], [1, 2])).elements == [-0.25, 0.25])
    }

    @Test("without statistics the input comes back")
    func neutral() throws {
        let layer = try BuiltNormalization(Normalization(), mean: nil, variance: nil)
        #expect(try layer(Tensor([1, 2], [1, -2])).elements == [1, -2])
    }

    @Test("statistics given as weights")
    func weights() throws {
        let layer = try BuiltNormalization(Normalization(), mean: Tensor([2], [1, 2]), variance: Tensor([2], [4, 16]))
        #expect(try layer(Tensor([2, 2], [3, 6, 1, 2])).elements == [1, 1, 0, 0])
    }

    @Test("weights that do not belong together are refused")
    func badWeights() throws {
        let one = try Tensor([2], [1, 2])
        let matrix = try Tensor([1, 2], [1, 2])
        let longer = try Tensor([3], [1, 2, 3])
        func error(_ configuration: Normalization, _ mean: Tensor?, _ variance: Tensor?) -> EngineError? {
            engineError { () throws(EngineError) in
                _ = try BuiltNormalization(configuration, mean: mean, variance: variance)
            }
        }
        let name = "normalization"
        #expect(error(Normalization(), one, nil) == .missingWeight(layer: name, weight: "variance"))
        #expect(error(Normalization(), nil, one) == .missingWeight(layer: name, weight: "mean"))
        #expect(
            error(Normalization(), matrix, matrix)
                == .weightShapeMismatch(layer: name, weight: "mean", expected: [-1], received: matrix.shape))
        #expect(
            error(Normalization(), one, longer)
                == .weightShapeMismatch(layer: name, weight: "variance", expected: [2], received: longer.shape))
        let configured = Normalization(mean: ConfigArray(0), variance: ConfigArray(1))
        #expect(error(configured, one, one) == .unexpectedWeight(layer: name, weight: "mean", expected: []))
    }

    @Test("an input without the kept axis, or with another size, is refused", arguments: [[2, 3], [2]])
    func badInput(shape: [Int]) throws {
        let layer = try Self.built([2], ([2], [1, 3]), ([2], [4, 16]))
        let input = try Tensor(shape, Array(repeating: 1, count: shape.reduce(1, *)))
        let error = engineError { () throws(EngineError) in _ = try layer(input) }
        #expect(
            error
                == .incompatibleInput(
                    layer: "normalization", shape: input.shape,
                    reason: "All `axis` values must be in the range [-ndim, ndim). Received inputs with "
                        + "ndim=\(shape.count), while axis=(2,)."))
        let wide = try Tensor([2, 2, 3], Array(repeating: 1, count: 12))
        #expect(
            engineError { () throws(EngineError) in _ = try layer(wide) }
                == .incompatibleInput(
                    layer: "normalization", shape: wide.shape,
                    reason: "mean and variance of shape (2,) cannot be broadcast to the kept axes (2,)."))
    }
}
