import DenseEngine
import Dispatch
import Synchronization
import Testing

@Suite struct SequentialTests {
    private static func dense(
        _ units: Int, _ activation: Activation = .linear, name: String? = nil
    ) -> LayerSpecification {
        LayerSpecification(
            .dense(
                DenseConfiguration(units: units, activation: activation, kernelInitializer: .ones, name: name)))
    }

    // MARK: Names

    @Test("unnamed layers get Keras's unique names, passing over names that were given")
    func names() throws {
        let model = try Sequential(
            [
                Self.dense(2), LayerSpecification(.activation(ActivationLayer(.leakyReLU, layerClass: .leakyReLU))),
                Self.dense(2), Self.dense(2, name: "dense_2"), Self.dense(2),
                LayerSpecification(.dropout(Dropout(rate: 0.5))), LayerSpecification(.dropout(Dropout(rate: 0.5))),
            ], inputShape: Shape([1, 2]))
        #expect(
            model.layers.map(\.name)
                == ["dense", "leaky_re_lu", "dense_1", "dense_2", "dense_3", "dropout", "dropout_1"])
    }

    @Test("two layers with one given name are refused in Keras's words")
    func repeatedName() {
        let error = engineError { () throws(EngineError) in
            _ = try Sequential([Self.dense(2, name: "a"), Self.dense(2, name: "a")], inputShape: Shape([1, 2]))
        }
        #expect(error?.path == "1")
        #expect(error?.description.contains("should have unique names. Name 'a' is already the name") == true)
    }

    @Test("no layers make no model")
    func empty() {
        let error = engineError { () throws(EngineError) in _ = try Sequential([]) }
        #expect(error?.description.hasPrefix("Sequential model cannot be built because it has no layers.") == true)
    }

    // MARK: Shapes

    @Test("shapes are threaded through, and weights made for them")
    func threading() throws {
        let model = try Sequential([
            LayerSpecification(.inputLayer(InputLayer(batchShape: [nil, 2, 3]))),
            LayerSpecification(.flatten(Flatten())),
            Self.dense(8, .glu), LayerSpecification(.reshape(Reshape(targetShape: [2, -1]))), Self.dense(5),
        ])
        #expect(model.inputShape == [nil, 2, 3])
        #expect(model.outputShape == [nil, 2, 5])
        #expect(model.layers.flatMap(\.weights).map(\.tensor.shape.dimensions) == [[6, 8], [8], [2, 5], [5]])
        #expect(model.parameterCount == 48 + 8 + 10 + 5)
        #expect(model.byteCount == 4 * model.parameterCount)
        let output = try model(Tensor([1, 2, 3], Array(repeating: 0, count: 6)))
        #expect(output.output.shape.dimensions == [1, 2, 5])
    }

    @Test("a kernel says what the input is; activations before it keep the shape")
    func inferred() throws {
        var layer = Self.dense(3)
        layer.weights = ["kernel": try Tensor([4, 3], Array(repeating: 1, count: 12))]
        let model = try Sequential([LayerSpecification(.activation(ActivationLayer(.relu))), layer])
        #expect(model.inputShape == [nil, 4])
        #expect(model.outputShape == [nil, 3])
        let activationOnly = try Sequential([LayerSpecification(.activation(ActivationLayer(.relu)))])
        #expect(activationOnly.inputShape == nil && activationOnly.outputShape == nil)
    }

    @Test("the shape a layer was built for serves to make its weights")
    func declared() throws {
        var layer = Self.dense(3)
        layer.inputShape = [nil, nil, 4]
        let model = try Sequential([layer, Self.dense(1)])
        #expect(model.inputShape == [nil, nil, 4] && model.outputShape == [nil, nil, 1])
    }

    @Test("an actual input fills free axes")
    func filled() throws {
        let layers = [
            LayerSpecification(.inputLayer(InputLayer(batchShape: [nil, nil, 4]))),
            LayerSpecification(.flatten(Flatten())), Self.dense(2),
        ]
        #expect(
            engineError { () throws(EngineError) in _ = try Sequential(layers) } == .unknownInputShape(layer: "dense"))
        let input = try Tensor([2, 3, 4], Array(repeating: 1, count: 24))
        let model = try Sequential(layers, inputShape: input.shape)
        #expect(try model(input).output.elements == [12, 12, 12, 12])
    }

    @Test("without weights and shape nothing can be made")
    func unknown() {
        #expect(
            engineError { () throws(EngineError) in _ = try Sequential([Self.dense(2)]) }
                == .unknownInputShape(layer: "dense"))
    }

    @Test("a kernel that does not fit the layers before it is refused")
    func kernelMismatch() throws {
        var second = Self.dense(1)
        let kernel = try Tensor([4, 1], [1, 1, 1, 1])
        second.weights = ["kernel": kernel]
        let layers = [Self.dense(3), second]
        #expect(
            engineError { () throws(EngineError) in _ = try Sequential(layers, inputShape: Shape([1, 2])) }
                == .weightShapeMismatch(layer: "dense_1", weight: "kernel", expected: [3, 1], received: kernel.shape))
    }

    @Test("an input that does not fit a given kernel is the input's fault")
    func inputMismatch() throws {
        var layer = Self.dense(1)
        layer.weights = ["kernel": try Tensor([4, 1], [1, 1, 1, 1]), "bias": try Tensor([1], [0])]
        let input = try Tensor([1, 3], [1, 2, 3])
        let model = try Sequential([layer], inputShape: input.shape)
        #expect(
            engineError { () throws(EngineError) in _ = try model(input) }
                == .lastAxisMismatch(layer: "dense", expected: 4, shape: input.shape))
    }

    @Test("a weight the layer does not have is refused")
    func unexpectedWeight() throws {
        var layer = Self.dense(1)
        layer.weights = ["kernel": try Tensor([1, 1], [1]), "gamma": try Tensor([1], [1])]
        #expect(
            engineError { () throws(EngineError) in _ = try Sequential([layer]) }
                == .unexpectedWeight(layer: "dense", weight: "gamma", expected: ["kernel", "bias"]))
    }

    @Test("weights of any size are not made")
    func tooLarge() throws {
        let layers = [Self.dense(1 << 25), Self.dense(3)]
        guard
            case .tooLarge(let layer, let weight, _, _)? = engineError({ () throws(EngineError) in
                _ = try Sequential(layers, inputShape: Shape([1, 3]))
            })
        else {
            Issue.record("the kernel was made")
            return
        }
        #expect(layer == "dense" && weight == "kernel")
    }

    @Test("what cannot be built says which layer it is")
    func path() throws {
        let layers = [
            LayerSpecification(.inputLayer(InputLayer(batchShape: [nil, 10]))),
            LayerSpecification(.reshape(Reshape(targetShape: [3, 4]))),
        ]
        let error = engineError { () throws(EngineError) in _ = try Sequential(layers) }
        #expect(error?.path == "1")
        #expect(error?.description.hasPrefix("The total size of the tensor must be unchanged.") == true)
        let late = engineError { () throws(EngineError) in
            _ = try Sequential([Self.dense(2), layers[0]], inputShape: Shape([1, 2]))
        }
        #expect(late?.path == "1")
        let flat = engineError { () throws(EngineError) in
            _ = try Sequential([LayerSpecification(.inputLayer(InputLayer(batchShape: [nil]))), Self.dense(2)])
        }
        #expect(flat?.description.contains("expected min_ndim=2, found ndim=1. Full shape received: (None,)") == true)
    }

    @Test("units that a glu cannot halve are the configuration's fault, an axis of the input that it cannot is not")
    func oddUnits() throws {
        let units = engineError { () throws(EngineError) in
            _ = try Sequential([Self.dense(4), Self.dense(3, .glu)], inputShape: Shape([1, 2]))
        }
        #expect(units?.path == "1")
        #expect(
            units?.description
                == "The units of layer 'dense_1' are halved by its activation glu. Expected an even number, received 3."
        )
        let input = engineError { () throws(EngineError) in
            _ = try Sequential([Self.dense(3, .glu(axis: 1))], inputShape: Shape([1, 5, 2]))
        }
        guard case .incompatibleInput? = input else {
            Issue.record("\(String(describing: input))")
            return
        }
    }

    // MARK: Output

    @Test("logits are the value before the last activation; dropout after it does not count")
    func logits() throws {
        let input = try Tensor([1, 2], [1, 2])
        let model = try Sequential(
            [Self.dense(2), Self.dense(3, .softmax), LayerSpecification(.dropout(Dropout(rate: 0.5)))],
            inputShape: input.shape)
        let output = try model(input, returnLogits: true)
        #expect(output.logits?.elements == [6, 6, 6])
        #expect(output.output.elements == Array(repeating: output.output.elements[0], count: 3))
        #expect(abs(output.output.elements[0] - 1 / 3) < 1e-6)
        #expect(try model(input).logits == nil)
        let separate = try Sequential(
            [Self.dense(3), LayerSpecification(.activation(ActivationLayer(.softmax)))], inputShape: input.shape)
        #expect(try separate(input, returnLogits: true).logits?.elements == [3, 3, 3])
        let linear = try Sequential([LayerSpecification(.dropout(Dropout(rate: 0)))])
        #expect(try linear(input, returnLogits: true).logits == input)
    }

    @Test("the output is the same bits with and without logits")
    func logitsChangeNothing() throws {
        let input = try Tensor([3, 5], (0..<15).map { Float($0) * 0.37 - 2 })
        for activation in [.tanh, .gelu, .softmax, .glu, .selu] as [Activation] {
            let layer = LayerSpecification(
                .dense(DenseConfiguration(units: 6, activation: activation, kernelInitializer: .glorotUniform(seed: 1)))
            )
            let model = try Sequential([layer], inputShape: input.shape)
            let plain = try model(input).output
            let withLogits = try model(input, returnLogits: true)
            #expect(plain.elements.map(\.bitPattern) == withLogits.output.elements.map(\.bitPattern))
            #expect(withLogits.logits?.shape.dimensions == [3, 6])
        }
    }

    @Test("losses stand in Keras's order: activities, then weights, those of trainable layers only (values from Keras)")
    func losses() throws {
        func dense(
            _ units: Int, activity: Double, kernel: Double, bias: Double? = nil, trainable: Bool = true
        ) -> LayerSpecification {
            LayerSpecification(
                .dense(
                    DenseConfiguration(
                        units: units, kernelInitializer: .ones, biasInitializer: bias == nil ? .zeros : .ones,
                        kernelRegularizer: .l2(kernel), biasRegularizer: bias.map(Regularizer.l1),
                        activityRegularizer: .l1(activity), trainable: trainable)))
        }
        let input = try Tensor([4, 3], Array(repeating: 1, count: 12))
        let model = try Sequential(
            [
                dense(2, activity: 10, kernel: 1, bias: 0.5),
                LayerSpecification(.activation(ActivationLayer(.linear, activityRegularizer: .l1(100)))),
                dense(1, activity: 1000, kernel: 7), dense(1, activity: 10000, kernel: 7, trainable: false),
            ], inputShape: input.shape)
        #expect(try model(input, returnLosses: true).losses == [80, 800, 8000, 80000, 6, 1, 14])
        #expect(try model(input).losses == nil)
        let nothing = try model(Tensor([0, 3], []), returnLosses: true)
        #expect(nothing.losses == [0, 0, 0, 0, 6, 1, 14])
    }

    @Test("softmax over one unit is warned about, once")
    func warnings() throws {
        let input = try Tensor([1, 2], [1, 2])
        let model = try Sequential([Self.dense(1, .softmax), Self.dense(1, .softmax)], inputShape: input.shape)
        #expect(try model(input).warnings.count == 1)
        #expect(try model.warnings(for: Shape([7, 2]))[0].contains("of a tensor of shape (7, 1)"))
        #expect(try Sequential([Self.dense(2, .softmax)], inputShape: input.shape)(input).warnings == [])
    }

    @Test("constraints are applied on request, to weights alone")
    func constraints() throws {
        let configuration = DenseConfiguration(
            units: 2, kernelConstraint: .nonNeg, biasConstraint: .maxNorm(maxValue: 1, axis: .one(0)))
        let specification = LayerSpecification(
            .dense(configuration),
            weights: ["kernel": try Tensor([2, 2], [-1, 2, 3, -4]), "bias": try Tensor([2], [3, 4])])
        let model = try Sequential([specification])
        let weights = try model.applyingConstraints().layers[0].weights
        #expect(weights[0].tensor.elements == [0, 2, 3, 0])
        #expect(zip(weights[1].tensor.elements, [0.6, 0.8]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(model.layers[0].weights[0].tensor.elements == [-1, 2, 3, -4])
    }

    @Test("every layer tells the shape it gives before it is called, and objects to one it would object to then")
    func outputShapes() throws {
        let layers = [
            LayerSpecification(.inputLayer(InputLayer(batchShape: [nil, 6]))), Self.dense(12, .glu),
            LayerSpecification(.reshape(Reshape(targetShape: [3, -1]))), LayerSpecification(.flatten(Flatten())),
            Self.dense(4, .softmax), LayerSpecification(.activation(ActivationLayer(.glu))),
        ]
        let model = try Sequential(layers, inputShape: Shape([2, 6]))
        var value = try Tensor([5, 6], Array(repeating: 1, count: 30))
        for layer in model.layers {
            let foretold = try layer.outputShape(for: value.shape)
            value = try layer(value)
            #expect(foretold == value.shape, "\(layer.name)")
        }
        for (layer, wrong) in zip(model.layers.prefix(5), [[5, 7], [5, 7], [5, 7], [], [5, 7]]) {
            #expect(throws: EngineError.self, "\(layer.name)") { try layer.outputShape(for: Shape(wrong)) }
        }
    }

    @Test("many threads may call one model at once")
    func concurrent() throws {
        let input = try Tensor([3, 4], (0..<12).map(Float.init))
        let model = try Sequential(
            [
                LayerSpecification(
                    .dense(
                        DenseConfiguration(units: 16, activation: .tanh, kernelInitializer: .glorotUniform(seed: 1)))),
                Self.dense(2, .softmax),
            ], inputShape: input.shape)
        let expected = try model(input, returnLosses: true)
        let wrong = ManagedCounter()
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            if (try? model(input, returnLosses: true)) != expected { wrong.increment() }
        }
        #expect(wrong.value == 0)
    }
}

private final class ManagedCounter: Sendable {
    private let count = Atomic(0)

    func increment() { count.add(1, ordering: .relaxed) }

    var value: Int { count.load(ordering: .relaxed) }
}
