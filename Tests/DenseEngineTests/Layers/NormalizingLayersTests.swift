import DenseEngine
import Testing

@Suite("Layers that normalize")
struct NormalizingLayersTests {
    private static func stack(
        _ configuration: LayerConfiguration, _ weights: [String: Tensor]? = nil, input: [Int]? = nil
    ) throws(EngineError) -> Sequential {
        try Sequential(
            [LayerSpecification(configuration, weights: weights)],
            inputShape: try input.map { d throws(EngineError) in try Shape(d) })
    }

    @Test("weights come in Keras's order, those missing from their initializers")
    func made() throws {
        let layer = LayerConfiguration.batchNormalization(BatchNormalization())
        let model = try Self.stack(layer, ["moving_mean": Tensor([2], [1, 2])])
        #expect(model.layers[0].weights.map(\.name) == ["gamma", "beta", "moving_mean", "moving_variance"])
        #expect(model.layers[0].weights.map(\.tensor.elements) == [[1, 1], [0, 0], [1, 2], [1, 1]])
        #expect(model.inputShape == [nil, 2])
        #expect(try Self.stack(.axisNormalization(AxisNormalization()), input: [3, 2]).parameterCount == 4)
        #expect(try Self.stack(.axisNormalization(AxisNormalization(.unit)), input: [3, 2]).parameterCount == 0)
        #expect(try Self.stack(.parametricReLU(ParametricReLU(sharedAxes: [1])), input: [3, 2, 5]).parameterCount == 5)
        let error = engineError { () throws(EngineError) in _ = try Self.stack(layer) }
        #expect(error == .unknownInputShape(layer: "batch_normalization"))
    }

    @Test("weights of other shapes are refused")
    func badWeights() throws {
        let (two, three) = try (Tensor([2], [1, 2]), Tensor([3], [1, 2, 3]))
        let layer = LayerConfiguration.axisNormalization(AxisNormalization(name: "n"))
        #expect(
            engineError { () throws(EngineError) in _ = try Self.stack(layer, ["gamma": two, "beta": three]) }
                == .weightShapeMismatch(layer: "n", weight: "beta", expected: [2], received: three.shape))
        #expect(
            engineError { () throws(EngineError) in _ = try Self.stack(layer, ["kernel": two]) }
                == .unexpectedWeight(layer: "n", weight: "kernel", expected: ["gamma", "beta"]))
        let dense = LayerSpecification(.dense(DenseConfiguration(units: 4)), inputShape: [nil, 5])
        #expect(
            engineError { () throws(EngineError) in
                _ = try Sequential([dense, LayerSpecification(layer, weights: ["gamma": two])])
            } == .weightShapeMismatch(layer: "n", weight: "gamma", expected: [4], received: two.shape))
    }

    @Test("an input whose axes have other sizes is refused")
    func badInput() throws {
        let weights = try ["gamma": Tensor([2], [1, 2])]
        let input = try Tensor([2, 3], [1, 2, 3, 4, 5, 6])
        for (configuration, name) in [
            (.batchNormalization(BatchNormalization()), "batch_normalization"),
            (.axisNormalization(AxisNormalization()), "layer_normalization"),
        ] as [(LayerConfiguration, String)] {
            let model = try Self.stack(configuration, weights)
            #expect(
                engineError { () throws(EngineError) in _ = try model(input) }
                    == .lastAxisMismatch(layer: name, expected: 2, shape: input.shape))
        }
        let far = try Self.stack(.batchNormalization(BatchNormalization(axis: 2)), weights)
        #expect(
            engineError { () throws(EngineError) in _ = try far(input) }?.description.contains(
                "Axis 2 is out of bounds")
                == true)
        let apart = try Self.stack(.axisNormalization(AxisNormalization(.unit, axes: [0, 2])), input: [2, 3, 4])
        let error = engineError { () throws(EngineError) in
            _ = try apart(Tensor([2, 3, 4], Array(repeating: 1, count: 24)))
        }
        #expect(error?.description.contains("axes that are no neighbours") == true)
        let prelu = try Self.stack(.parametricReLU(ParametricReLU()), ["alpha": Tensor([2], [1, 2])])
        #expect(
            engineError { () throws(EngineError) in _ = try prelu(input) }?.description.contains("alpha of shape (2,)")
                == true)
    }

    @Test("NaN stays NaN, and a negative variance makes it")
    func notANumber() throws {
        let model = try Self.stack(.parametricReLU(ParametricReLU()), ["alpha": Tensor([3], [0.5, 0.5, 2])])
        let output = try model(Tensor([1, 3], [.nan, -2, 3])).output.elements
        #expect(output[0].isNaN && output[1...] == [-1, 3])
        let batch = try Self.stack(
            .batchNormalization(BatchNormalization()), ["moving_variance": Tensor([1], [-1])], input: [1, 1])
        #expect(try batch(Tensor([1, 1], [3])).output.elements[0].isNaN)
    }

    @Test("penalties and constraints of their weights count")
    func rules() throws {
        let arguments = WeightArguments(.ones, regularizer: .l2(0.5), constraint: .nonNeg)
        let layer = BatchNormalization(gamma: arguments)
        let model = try Self.stack(.batchNormalization(layer), ["gamma": Tensor([2], [-3, 1])])
        let input = try Tensor([1, 2], [0, 0])
        #expect(try model(input, returnLosses: true).losses == [5])
        let projected = try model.applyingConstraints()
        #expect(projected.layers[0].weights[0].tensor.elements == [0, 1])
        #expect(try projected(input, returnLosses: true).losses == [0.5])
    }
}
