import DenseEngine
import DenseKernelTable
import Dispatch
import Locks
import Testing

@Suite("A stack run as one plan")
struct SequentialPlanTests {
    /// Blocks of every size that can go wrong, and threads.
    private static let cuts: [SequentialCut] =
        [1, 2, 3, 5, 14, 100].map { .blocks(items: $0, threads: 1) }
        + [2, 3, 8].flatMap { [.blocks(items: 4, threads: $0), .blocks(items: 1000, threads: $0)] } + [.automatic]

    @Test("random stacks give the same bits however they are cut, and layer by layer", arguments: UInt64(1)...100)
    func random(seed: UInt64) throws {
        let stack = try RandomStack(seed: seed, mixesBatch: true)
        let model = try stack.model()
        let input = try stack.input()
        let expected = try model(input, cut: .layers).output
        for cut in Self.cuts {
            let output = try model(input, cut: cut).output
            #expect(output.shape == expected.shape, "\(stack), \(cut)")
            #expect(firstDifference(output.elements, expected.elements) == nil, "\(stack), \(cut)")
        }
    }

    @Test("a model takes other batches, ranks and axes than it was built for")
    func otherShapes() throws {
        let dense = LayerSpecification(
            .dense(DenseConfiguration(units: 6, activation: .tanh, kernelInitializer: .glorotUniform(seed: 1))))
        let softmax = LayerSpecification(.activation(ActivationLayer(.softmax)))
        let flatten = LayerSpecification(.flatten(Flatten()))
        var numbers = TestNumbers(seed: 5)
        let cases: [(layers: [LayerSpecification], built: [Int], called: [[Int]])] = [
            ([dense, softmax], [2, 4], [[1, 4], [0, 4], [7, 4], [3, 2, 4], [2, 0, 4], [2, 1, 3, 2, 4]]),
            ([dense, flatten, softmax], [2, 3, 4], [[5, 3, 4], [0, 3, 4], [5, 4], [2, 2, 4], [2, 2, 2, 4]]),
            ([softmax], [3, 4], [[3, 4], [4], [2, 3, 4], [2, 9]]),
            ([flatten], [3, 4], [[3, 4], [4], [0, 2], [2, 3, 4]]),
        ]
        for (layers, built, called) in cases {
            let model = try Sequential(layers, inputShape: Shape(built))
            for dimensions in called {
                let input = try numbers.tensor(dimensions)
                let output = try model(input).output
                let expected = try model(input, cut: .layers).output
                #expect(output.shape == expected.shape, "\(built), \(dimensions)")
                #expect(firstDifference(output.elements, expected.elements) == nil, "\(built), \(dimensions)")
            }
        }
    }

    @Test("the plan of a shape that the model was not built for is kept, for as many shapes as there is room")
    func keptPlans() throws {
        let model = try Sequential([LayerSpecification(.flatten(Flatten()))], inputShape: Shape([3, 4, 5]))
        #expect(model.keptPlanCount == 0)
        var numbers = TestNumbers(seed: 6)
        func call(_ dimensions: [Int]) throws {
            let input = try numbers.tensor(dimensions)
            #expect(try model(input).output.elements == input.elements)
        }
        for batch in [1, 2, 7] { try call([batch, 4, 5]) }
        #expect(model.keptPlanCount == 0)
        for batch in [1, 2, 7] { try call([batch, 2, 9]) }
        #expect(model.keptPlanCount == 1)
        // No plan takes these, whoever asks.
        for _ in 0..<3 { try call([6]) }
        #expect(model.keptPlanCount == 1)
        for _ in 0..<2 {
            for width in 1...40 { try call([2, 3, width]) }
        }
        #expect(model.keptPlanCount == 8)
    }

    @Test("threads that make plans at the same time lose none and share them")
    func keptPlansOfManyThreads() throws {
        let model = try Sequential([LayerSpecification(.flatten(Flatten()))], inputShape: Shape([3, 4, 5]))
        let differences = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 200) { index in
            let width = 1 + index % 4
            let elements = (0..<2 * width).map { Float($0) }
            let output = (try? Tensor([2, 1, width], elements)).flatMap { try? model($0).output }
            if output?.elements != elements { differences.withLock { $0 += 1 } }
        }
        #expect(differences.withLock(\.self) == 0)
        #expect((4...8).contains(model.keptPlanCount))
    }

    @Test("what a layer has against an input is said as it is layer by layer")
    func errors() throws {
        let dense = LayerSpecification(
            .dense(DenseConfiguration(units: 4, kernelInitializer: .glorotUniform(seed: 1))))
        let rescaling = LayerSpecification(
            .rescaling(Rescaling(scale: try ConfigArray(shape: Shape([4]), elements: [1, 2, 3, 4]))))
        let cases: [(layers: [LayerSpecification], built: [Int], called: [[Int]])] = [
            ([dense, dense], [2, 4], [[2, 3], [4], []]),
            ([rescaling, dense], [2, 4], [[2, 5], [2, 3, 1], []]),
            ([dense, LayerSpecification(.reshape(Reshape(targetShape: [2, 2])))], [2, 4], [[2, 3, 4], [2, 5]]),
            (
                [LayerSpecification(.inputLayer(InputLayer(batchShape: [nil, 4]))), dense], [2, 4],
                [[2, 3], [1, 2, 4]]
            ),
            ([dense, LayerSpecification(.activation(ActivationLayer(.glu(axis: 0))))], [2, 4], [[3, 4], [2, 3]]),
            ([LayerSpecification(.normalization(Normalization(axes: [2]))), dense], [2, 3, 4], [[2, 4], [4]]),
        ]
        for (layers, built, called) in cases {
            let model = try Sequential(layers, inputShape: Shape(built))
            for dimensions in called {
                let input = try Tensor(
                    shape: Shape(dimensions), elements: Array(repeating: 1, count: dimensions.reduce(1, *)))
                let expected = engineError { () throws(EngineError) in _ = try model(input, cut: .layers) }
                #expect(expected != nil)
                #expect(engineError { () throws(EngineError) in _ = try model(input) } == expected, "\(dimensions)")
            }
        }
    }

    @Test("an output larger than the bound is refused before it is made")
    func tooLarge() throws {
        let layers = [1, 1 << 16].map { units in
            LayerSpecification(.dense(DenseConfiguration(units: units, kernelInitializer: .ones)))
        }
        let model = try Sequential(layers, inputShape: Shape([1, 1]))
        let input = try Tensor([1 << 13, 1], Array(repeating: 1, count: 1 << 13))
        guard
            case .tooLarge(let layer, _, let shape, _)? = engineError({ () throws(EngineError) in _ = try model(input) }
            )
        else {
            Issue.record("the output was made")
            return
        }
        #expect(layer == "dense_1" && shape.dimensions == [1 << 13, 1 << 16])
    }

    @Test("what leaves a model unchanged gives back the same memory")
    func nothingToDo() throws {
        let model = try Sequential(
            [
                LayerSpecification(.dropout(Dropout(rate: 0.5))), LayerSpecification(.flatten(Flatten())),
                LayerSpecification(.reshape(Reshape(targetShape: [3, 2]))),
            ], inputShape: Shape([2, 2, 3]))
        let input = try Tensor([2, 2, 3], (0..<12).map(Float.init))
        let output = try model(input).output
        #expect(output.shape.dimensions == [2, 3, 2] && output.elements == input.elements)
        let (before, after) = unsafe (
            input.elements.withUnsafeBufferPointer { $0.baseAddress },
            output.elements.withUnsafeBufferPointer { $0.baseAddress }
        )
        #expect(unsafe before == after)
    }

    @Test("threads that run many stacks at once do not disturb one another")
    func concurrent() throws {
        let stacks = try (UInt64(1)...12).map { try RandomStack(seed: $0) }
        let calls = try stacks.map { stack in
            let (model, input) = (try stack.model(), try stack.input(positions: 60))
            return (model: model, input: input, expected: try model(input, cut: .layers).output.elements)
        }
        let wrong = Lock([Int]())
        DispatchQueue.concurrentPerform(iterations: 48) { iteration in
            let index = iteration % calls.count
            let (model, input, expected) = calls[index]
            let cut: SequentialCut = iteration.isMultiple(of: 2) ? .automatic : .blocks(items: 7, threads: 2)
            let output = try? model(input, cut: cut).output.elements
            if output.map({ firstDifference($0, expected) == nil }) != true { wrong.withLock { $0.append(index) } }
        }
        #expect(wrong.withLock { $0 } == [])
    }
}
