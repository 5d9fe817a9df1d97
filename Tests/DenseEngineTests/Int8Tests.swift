import DenseEngine
import DenseKernelTable
import DenseReference
import Testing

@Suite("Products of integers")
struct Int8Tests {
    private static let edges = [1, 2, 3, 4, 5, 7, 15, 16, 17, 33, 63, 64, 65, 79, 80, 128, 130]

    /// Integers of the whole range, numbers of many sizes.
    private struct Case {
        let kernel: [Int8]
        let scales: [Float]
        let bias: Tensor?
        let input: [Float]

        init(_ rows: Int, _ inputs: Int, _ units: Int, bias hasBias: Bool = true) throws {
            var numbers = RandomBits(state: UInt64(rows * 1_000_003 + inputs * 1_009 + units))
            kernel = (0..<inputs * units).map { _ in Int8(truncatingIfNeeded: numbers.next()) }
            scales = (0..<units).map { _ in Float(numbers.next() % 1000 + 1) / 7 }
            bias = hasBias ? try Tensor([units], (0..<units).map { _ in Float(numbers.next() % 100) / 3 - 10 }) : nil
            input = (0..<rows * inputs).map { _ in Float(Int(numbers.next() % 2001) - 1000) / 77 }
        }

        func packed(_ kernels: Int8Kernels) throws -> PackedInt8Kernel {
            try PackedInt8Kernel(
                integers: kernel, inputDimension: kernel.count / scales.count, scales: scales, bias: bias,
                inputs: AbsMaxQuantizer(), integerKernels: kernels)
        }

        var reference: [Float] {
            Int8Reference.dense(input: input, integers: kernel, scales: scales, bias: bias?.elements)
        }
    }

    private static func run(
        _ packed: PackedInt8Kernel, _ input: [Float], threads: Int = 1, activation: RowsActivation? = nil
    ) -> [Float] {
        let rows = input.count / packed.inputDimension
        let source = Numbers(input)
        let output = Numbers(count: rows * packed.units)
        unsafe Int8Run.run(
            packed, input: source.start, rows: rows, activation: activation, output: output.start, threads: threads)
        return output.elements
    }

    @Test("every instruction set gives the bits of the definition, around every edge", arguments: edges)
    func definition(inputs: Int) throws {
        for units in Self.edges {
            for rows in [1, 2, 3, 6, 9] {
                let numbers = try Case(rows, inputs, units, bias: units % 2 == 0)
                let reference = numbers.reference.map(\.bitPattern)
                for kernels in Int8Kernels.available {
                    let output = Self.run(try numbers.packed(kernels), numbers.input).map(\.bitPattern)
                    #expect(output == reference, "\(kernels.instructionSet), \(rows) x \(inputs) x \(units)")
                }
            }
        }
    }

    @Test("a row's bits depend on no other row and no thread")
    func independence() throws {
        let numbers = try Case(131, 70, 200)
        for kernels in Int8Kernels.available {
            let packed = try numbers.packed(kernels)
            let whole = Self.run(packed, numbers.input)
            for threads in [2, 3, 8] { #expect(Self.run(packed, numbers.input, threads: threads) == whole) }
            for row in [0, 1, 64, 130] {
                let alone = Self.run(packed, Array(numbers.input[row * 70..<(row + 1) * 70]))
                #expect(alone == Array(whole[row * 200..<(row + 1) * 200]))
            }
            for activation in [RowsActivation.softmax, .elementwise(.init(.tanh))] {
                let active = Self.run(packed, numbers.input, activation: activation)
                for threads in [2, 3] {
                    #expect(Self.run(packed, numbers.input, threads: threads, activation: activation) == active)
                    let few = Array(numbers.input.prefix(3 * 70))
                    #expect(
                        Self.run(packed, few, threads: threads, activation: activation) == Array(active.prefix(600)))
                }
            }
        }
    }

    @Test("a row with a number that is not finite is NaN, and no other")
    func nonFinite() throws {
        var numbers = try Case(3, 40, 20).input
        numbers[40 + 17] = .infinity
        numbers[80 + 39] = .nan
        for kernels in Int8Kernels.available {
            let output = Self.run(try Case(3, 40, 20).packed(kernels), numbers)
            #expect(output[..<20].allSatisfy(\.isFinite) && output[20...].allSatisfy(\.isNaN))
        }
    }

    @Test("a sum wraps around at 32 bits, as in Keras")
    func wrapping() throws {
        let inputs = 140_000
        let kernel = [Int8](repeating: 127, count: inputs)
        for kernels in Int8Kernels.available {
            let packed = try PackedInt8Kernel(
                integers: kernel, inputDimension: inputs, scales: [1], bias: nil, inputs: AbsMaxQuantizer(),
                integerKernels: kernels)
            let output = Self.run(packed, [Float](repeating: 127, count: inputs))
            let sum = Int32(truncatingIfNeeded: 127 * 127 * inputs)
            #expect(output == [Float(sum) / (127 / (127 + 1e-7))])
        }
    }

    @Test("weights that are no integers of eight bits, or not all there, are refused")
    func weights() throws {
        var configuration = DenseConfiguration(units: 2)
        configuration.policy.quantization = .int8
        let kernel = try Tensor([2, 2], [1, -128, 127, 0])
        let (bias, scale) = (try Tensor([2], [0, 0]), try Tensor([2], [1, 2]))
        func build(_ weights: [String: Tensor]) throws -> Sequential {
            try Sequential([LayerSpecification(.dense(configuration), weights: weights)])
        }
        #expect(try build(["kernel": kernel, "bias": bias, "kernel_scale": scale]).layers[0].weights.count == 3)
        for number in [0.5, 128, -129, .nan, .infinity] as [Float] {
            let kernel = try Tensor([2, 2], [1, 2, number, 3])
            let error = #expect(throws: EngineError.self) {
                try build(["kernel": kernel, "bias": bias, "kernel_scale": scale])
            }
            guard case .weightOutOfRange("dense", "kernel", _, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(throws: EngineError.missingWeight(layer: "dense", weight: "kernel_scale")) {
            try build(["kernel": kernel, "bias": bias])
        }
        #expect(
            throws: EngineError.weightShapeMismatch(
                layer: "dense", weight: "kernel_scale", expected: [2], received: try Shape([1]))
        ) {
            try build(["kernel": kernel, "bias": bias, "kernel_scale": try Tensor([1], [1])])
        }
    }

    @Test("what is quantized is not quantized again, and takes a quarter of the memory and less")
    func again() throws {
        let specification = LayerSpecification(
            .dense(DenseConfiguration(units: 128)), weights: nil, inputShape: [nil, 256])
        let model = try Sequential([specification])
        let quantized = try model.quantized(QuantizationConfiguration(.string("int8")))
        #expect(quantized.memoryByteCount * 7 < model.memoryByteCount)
        #expect(quantized.parameterCount == model.parameterCount + 128)
        #expect(throws: EngineError.self) { try quantized.quantized(QuantizationConfiguration(.string("int8"))) }
        let again = try Sequential([
            LayerSpecification(
                quantized.layers[0].configuration,
                weights: Dictionary(uniqueKeysWithValues: quantized.layers[0].weights.map { ($0.name, $0.tensor) }))
        ])
        let input = try Tensor([2, 256], (0..<512).map { Float($0 % 19) - 9 })
        #expect(try again(input).output == quantized(input).output)
        #expect(try quantized.applyingConstraints()(input).output == quantized(input).output)
    }
}
