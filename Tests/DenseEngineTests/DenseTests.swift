import DenseEngine
import DenseKernelTable
import Dispatch
import Locks
import Testing

@Suite("Dense")
struct DenseTests {
    private static let kernel: [Float] = [1, 2, 3, 4, 5, 6]

    private func layer(
        _ activation: Activation = .linear, kernel: Tensor? = nil, bias: [Float]? = [0, 0, 0]
    ) throws -> Dense {
        let kernel = try kernel ?? Tensor([2, 3], Self.kernel)
        return try Dense(
            DenseConfiguration(units: kernel.shape.lastAxis, activation: activation, useBias: bias != nil),
            kernel: kernel, bias: bias.map { try Tensor([$0.count], $0) })
    }

    @Test("the product runs along the last axis, whatever the rank")
    func rank3() throws {
        let output = try layer(bias: [10, 20, 30])(Tensor([1, 2, 2], [1, 2, 3, 4]))
        #expect(output.shape.dimensions == [1, 2, 3])
        #expect(output.elements == [19, 32, 45, 29, 46, 63])
    }

    @Test("a layer without bias adds none, not even a zero")
    func noBias() throws {
        let kernel = try Tensor([1, 16], [Float](repeating: .leastNonzeroMagnitude, count: 16))
        let input = try Tensor([1, 1], [-.leastNonzeroMagnitude])
        #expect(try layer(kernel: kernel, bias: nil)(input).elements[0].sign == .minus)
        #expect(try layer(kernel: kernel, bias: [Float](repeating: 0, count: 16))(input).elements[0].sign == .plus)
    }

    @Test(
        "higher ranks give the bits of rank 2",
        arguments: [[6, 5, 4, 8], [2, 3, 4, 5, 8], [2, 3, 2, 2, 5, 8], [24, 5, 8]])
    func ranks(dimensions: [Int]) throws {
        var numbers = TestNumbers(seed: 3)
        let input = try numbers.tensor(dimensions)
        let dense = try layer(kernel: numbers.tensor([8, 20]), bias: nil)
        let output = try dense(input)
        #expect(output.shape.dimensions == dimensions.dropLast() + [20])
        let flat = try dense(Tensor([120, 8], input.elements))
        #expect(firstDifference(output.elements, flat.elements) == nil)
    }

    @Test("empty batches and inputs without features have their shapes", arguments: [1, 3, 16, 40])
    func empty(units: Int) throws {
        let bias = (0..<units).map { Float($0) }
        let dense = try layer(kernel: Tensor([2, units], [Float](repeating: 1, count: 2 * units)), bias: bias)
        #expect(try dense(Tensor([0, 2], [])).shape.dimensions == [0, units])
        #expect(try dense(Tensor([3, 0, 2], [])).shape.dimensions == [3, 0, units])
        let featureless = try layer(kernel: Tensor([0, units], []), bias: bias)
        #expect(try featureless(Tensor([2, 0], [])).elements == bias + bias)
        let unbiased = try layer(kernel: Tensor([0, units], []), bias: nil)
        #expect(try unbiased(Tensor([2, 0], [])).elements == [Float](repeating: 0, count: 2 * units))
    }

    @Test("rank below 2 is refused in Keras's words")
    func rankTooLow() throws {
        let dense = try layer()
        let shape = try Shape([2])
        #expect(throws: EngineError.rankTooLow(layer: "dense", minimum: 2, shape: shape)) {
            try dense(Tensor([2], [1, 2]))
        }
        #expect(throws: EngineError.self) { try dense(Tensor([], [1])) }
        #expect(throws: EngineError.self) { try dense.logits(Tensor([2], [1, 2])) }
        #expect(throws: EngineError.self) { try dense.outputShape(for: shape) }
    }

    @Test("another last axis is refused in Keras's words")
    func lastAxis() throws {
        let dense = try layer()
        let shape = try Shape([2, 3])
        #expect(throws: EngineError.lastAxisMismatch(layer: "dense", expected: 2, shape: shape)) {
            try dense(Tensor(shape: shape, elements: [1, 2, 3, 4, 5, 6]))
        }
    }

    @Test("weights that do not fit the configuration are refused")
    func weights() throws {
        let configuration = DenseConfiguration(units: 3)
        let kernel = try Tensor([2, 3], Self.kernel)
        let bias = try Tensor([3], [1, 2, 3])
        #expect(throws: EngineError.missingWeight(layer: "dense", weight: "bias")) {
            try Dense(configuration, kernel: kernel, bias: nil)
        }
        #expect(throws: EngineError.unexpectedWeight(layer: "dense", weight: "bias", expected: ["kernel"])) {
            try Dense(DenseConfiguration(units: 3, useBias: false), kernel: kernel, bias: bias)
        }
        for (kernel, bias) in [
            (try Tensor([3, 2], Self.kernel), bias), (try Tensor([6], Self.kernel), bias),
            (try Tensor([1, 2, 3], Self.kernel), bias), (kernel, try Tensor([2], [1, 2])),
            (kernel, try Tensor([1, 3], [1, 2, 3])),
        ] {
            #expect(throws: EngineError.self) { try Dense(configuration, kernel: kernel, bias: bias) }
        }
    }

    @Test("an output or weights beyond the bound are refused before anything is allocated")
    func tooLarge() throws {
        let dense = try layer(kernel: Tensor([0, 1000], []), bias: nil)
        #expect(throws: EngineError.self) { try dense(Tensor([1 << 40, 0], [])) }
        #expect(throws: EngineError.self) { try Dense(DenseConfiguration(units: 1 << 30), inputDimension: 1 << 20) }
        #expect(throws: EngineError.self) { try Dense(DenseConfiguration(units: 1 << 60), inputDimension: 0) }
        #expect(throws: EngineError.self) { try Dense(DenseConfiguration(units: .max), inputDimension: .max) }
        #expect(throws: EngineError.self) { try Dense(DenseConfiguration(units: 2), inputDimension: -1) }
    }

    @Test("initializers make the weights, the same for the same seed")
    func initializers() throws {
        let configuration = DenseConfiguration(
            units: 5, kernelInitializer: .glorotUniform(seed: 7), biasInitializer: .constant(value: 0.5))
        let dense = try Dense(configuration, inputDimension: 4)
        #expect(dense.kernel.shape.dimensions == [4, 5])
        #expect(dense.bias?.elements == [0.5, 0.5, 0.5, 0.5, 0.5])
        #expect(try Dense(configuration, inputDimension: 4).kernel == dense.kernel)
        #expect(try Dense(DenseConfiguration(units: 5, useBias: false), inputDimension: 4).bias == nil)
    }

    @Test("the activation follows the bias, and logits stop before it")
    func activation() throws {
        let dense = try layer(.relu, bias: [-20, 0, -15])
        let input = try Tensor([1, 2], [1, 2])
        #expect(try dense(input).elements == [0, 12, 0])
        #expect(try dense.logits(input).elements == [-11, 12, 0])
        let notANumber = try Tensor([1, 2], [.nan, 2])
        #expect(try dense(notANumber).elements.allSatisfy { $0.isNaN })
    }

    @Test("glu halves the real output, softmax sums to one, each along the last axis")
    func rowwise() throws {
        let input = try Tensor([1, 2, 1], [1, 2])
        let kernel = try Tensor([1, 4], [1, 2, 0, 0])
        let gated = try layer(.glu, kernel: kernel, bias: nil)
        #expect(try gated(input).shape.dimensions == [1, 2, 2])
        #expect(try gated.outputShape(for: input.shape).dimensions == [1, 2, 2])
        #expect(try gated(input).elements == [0.5, 1, 1, 2])
        let uniform = try layer(.softmax, kernel: Tensor([1, 4], [3, 3, 3, 3]), bias: nil)
        #expect(try uniform(input).elements == [Float](repeating: 0.25, count: 8))
        let odd = try layer(.glu, kernel: Tensor([1, 3], [1, 2, 3]), bias: nil)
        #expect(throws: EngineError.self) { try odd(input) }
    }

    @Test(
        "rows computed from memory to memory are the layer's output, and nothing beside them is written",
        arguments: [Activation.linear, .relu, .softmax], [(0, 3, 5), (1, 8, 4), (7, 300, 16), (300, 20, 33)])
    func memoryToMemory(_ activation: Activation, size: (rows: Int, inputDimension: Int, units: Int)) throws {
        var numbers = TestNumbers(seed: 13)
        let input = try numbers.tensor([size.rows, size.inputDimension])
        let dense = try Dense(
            DenseConfiguration(units: size.units, activation: activation),
            kernel: numbers.tensor([size.inputDimension, size.units]), bias: numbers.tensor([size.units]))
        let onRows = try #require(dense.activationOnRows(rank: 2))
        let count = size.rows * size.units
        for threads in [1, 2, nil] {
            var output = [Float](repeating: 42, count: count + 64)
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe input.elements.withUnsafeBufferPointer { input in
                    guard let target = output.baseAddress, let source = input.baseAddress else { return }
                    unsafe dense.multiply(
                        source, rows: size.rows, applying: onRows, into: target, threads: threads)
                }
            }
            #expect(try firstDifference(Array(output.prefix(count)), dense(input).elements) == nil)
            #expect(output.suffix(64) == ArraySlice(repeating: 42, count: 64))
        }
    }

    @Test(
        "relu in the product gives the bits of relu after it, also of NaN and the two zeros",
        arguments: [1, 3, 4, 5, 15, 16, 17, 33], [5, 16, 300])
    func fusedReLU(units: Int, inputDimension: Int) throws {
        var numbers = TestNumbers(seed: 14)
        var elements = try numbers.tensor([33, inputDimension]).elements
        elements[inputDimension] = .nan
        for index in 2 * inputDimension..<3 * inputDimension { elements[index] = -.leastNonzeroMagnitude }
        let input = try Tensor([33, inputDimension], elements)
        let kernel = try Tensor(
            [inputDimension, units],
            numbers.tensor([inputDimension, units]).elements.map { $0 / 1024 })
        for table in Kernels.available {
            for bias in [nil, try numbers.tensor([units])] {
                let dense = try Dense(
                    DenseConfiguration(units: units, activation: .relu, useBias: bias != nil), kernel: kernel,
                    bias: bias, kernels: table)
                for rows in [1, 3, 4, 15, 16, 17, 33] {
                    let rows = try Tensor([rows, inputDimension], Array(elements.prefix(rows * inputDimension)))
                    let expected = try Activation.relu(dense.logits(rows)).elements
                    #expect(try firstDifference(dense(rows).elements, expected) == nil)
                }
                #expect(try dense(input).elements[units..<2 * units].allSatisfy { $0.isNaN })
            }
        }
    }

    @Test("large calls at the same time give the bits of a call alone")
    func concurrentLargeCalls() throws {
        var numbers = TestNumbers(seed: 15)
        let input = try numbers.tensor([280, 400])
        let dense = try Dense(
            DenseConfiguration(units: 512, activation: .relu, useBias: false), kernel: numbers.tensor([400, 512]),
            bias: nil)
        #expect(MatmulRun.usefulThreads(rows: 280, inputDimension: 400, units: 512) == ComputeThreads.cores)
        let alone = try dense(input, threads: 1).elements
        let differences = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            let output = try? dense(input).elements
            if output.map({ firstDifference($0, alone) == nil }) != true { differences.withLock { $0 += 1 } }
        }
        #expect(differences.withLock(\.self) == 0)
    }

    @Test("an activation that needs more than rows is not offered for them")
    func activationOnRows() throws {
        let kernel = try Tensor([1, 4], [1, 2, 0, 0])
        #expect(try layer(.glu, kernel: kernel, bias: nil).activationOnRows(rank: 2) == nil)
        #expect(try layer(.softmax(axis: 1), kernel: kernel, bias: nil).activationOnRows(rank: 3) == nil)
        #expect(try layer(.softmax(axis: 1), kernel: kernel, bias: nil).activationOnRows(rank: 2) == .softmax)
    }

    @Test(
        "threads and instruction sets never change a bit",
        arguments: [(1, 700, 200), (40, 64, 100), (300, 30, 5), (500, 20, 33)])
    func threads(rows: Int, inputDimension: Int, units: Int) throws {
        var numbers = TestNumbers(seed: 11)
        let input = try numbers.tensor([rows, inputDimension])
        let kernel = try numbers.tensor([inputDimension, units])
        let bias = try numbers.tensor([units])
        let configuration = DenseConfiguration(units: units, activation: .sigmoid)
        let one = try Dense(configuration, kernel: kernel, bias: bias)(input, threads: 1).elements
        for table in Kernels.available {
            let dense = try Dense(configuration, kernel: kernel, bias: bias, kernels: table)
            for threads in [1, 2, 3, 8] {
                let output = try dense(input, threads: threads).elements
                #expect(firstDifference(output, one) == nil, "\(threads) threads, \(table.instructionSet)")
            }
        }
    }

    @Test(
        "an activation along the rows gives the bits it gives the whole product, however that is cut",
        arguments: [Activation.softmax, .logSoftmax, .sparsemax, .softmax(axis: 1), .softmax(axis: 0), .glu],
        [(1, 70, 200), (300, 30, 6), (500, 20, 34)])
    func rowwiseBits(_ activation: Activation, size: (rows: Int, inputDimension: Int, units: Int)) throws {
        var numbers = TestNumbers(seed: 12)
        let input = try numbers.tensor([size.rows, size.inputDimension])
        let kernel = try numbers.tensor([size.inputDimension, size.units])
        let configuration = DenseConfiguration(units: size.units, activation: activation, useBias: false)
        for table in Kernels.available {
            let dense = try Dense(configuration, kernel: kernel, bias: nil, kernels: table)
            let expected = try activation(dense.logits(input)).elements
            for threads in [1, 2, 3, 8] {
                let output = try dense(input, threads: threads).elements
                #expect(firstDifference(output, expected) == nil, "\(threads) threads, \(table.instructionSet)")
            }
        }
    }
}
