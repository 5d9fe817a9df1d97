import DenseEngine
import DenseKernelTable
import Testing

@Suite("The promise: a stack's bits")
struct StackPromiseTests {
    private static let independent = (UInt64(200)..<240).filter { seed in
        (try? RandomStack(seed: seed).model().isBatchIndependent) == true
    }

    @Test("positions alone have the bits they have in batches of 2 to 130", arguments: independent.prefix(12))
    func batches(seed: UInt64) throws {
        let stack = try RandomStack(seed: seed)
        let model = try stack.model()
        let all = try stack.input(positions: 130)
        let size = all.shape.count / 130
        func output(_ positions: Range<Int>) throws -> [Float] {
            let elements = Array(all.elements[positions.lowerBound * size..<positions.upperBound * size])
            let input = try Tensor([positions.count] + all.shape.dimensions.dropFirst(), elements)
            return try model(input).output.elements
        }
        let alone = try (0..<130).flatMap { try output($0..<$0 + 1) }
        for batch in 2...130 {
            let joined = try output(0..<batch)
            #expect(firstDifference(joined, Array(alone.prefix(joined.count))) == nil, "\(stack), batch \(batch)")
        }
    }

    @Test("every instruction set gives the same bits", arguments: UInt64(300)..<340)
    func instructionSets(seed: UInt64) throws {
        let stack = try RandomStack(seed: seed, mixesBatch: true)
        let outputs = try Kernels.available.map { try stack.model(kernels: $0)(stack.input()).output.elements }
        for output in outputs.dropFirst() { #expect(firstDifference(output, outputs[0]) == nil, "\(stack)") }
    }

    @Test("large stacks give the same bits on 1, 2, 3 and 8 threads, and layer by layer")
    func threads() throws {
        let units = [48, 300, 7, 512, 64]
        let layers = units.enumerated().map { index, units in
            LayerSpecification(
                .dense(
                    DenseConfiguration(
                        units: units, activation: [.gelu, .tanh, .softmax, .relu, .logSoftmax][index],
                        kernelInitializer: .glorotUniform(seed: index))))
        }
        let model = try Sequential(layers, inputShape: Shape([1, 40]))
        var numbers = TestNumbers(seed: 17)
        let input = try numbers.tensor([700, 40])
        let expected = try model(input, cut: .layers).output.elements
        for threads in [1, 2, 3, 8] {
            for items in [1, 14, 100, 350, 700] {
                let output = try model(input, cut: .blocks(items: items, threads: threads)).output.elements
                #expect(firstDifference(output, expected) == nil, "\(threads) threads, \(items) rows a block")
            }
        }
        #expect(firstDifference(try model(input).output.elements, expected) == nil)
    }

    @Test("a stack of rows does not ask how many axes they come in", arguments: UInt64(1)...3)
    func ranks(seed: UInt64) throws {
        let layers = [.gelu, .softmax, .glu, .linear].enumerated().map { index, activation in
            LayerSpecification(
                .dense(
                    DenseConfiguration(
                        units: 24 + index * 2, activation: activation,
                        kernelInitializer: .glorotUniform(seed: Int(seed) + index))))
        }
        let model = try Sequential(layers, inputShape: Shape([1, 9]))
        var numbers = TestNumbers(seed: seed)
        let flat = try numbers.tensor([48, 9])
        let expected = try model(flat).output.elements
        for axes in [[2, 24], [4, 3, 4], [2, 3, 2, 4], [1, 2, 3, 4, 2]] {
            let output = try model(Tensor(axes + [9], flat.elements)).output
            #expect(output.shape.dimensions == axes + [30])
            #expect(firstDifference(output.elements, expected) == nil, "\(axes)")
        }
    }
}
