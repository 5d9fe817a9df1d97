import CAllocationCount
import DenseEngine
import DenseKernelTable
import Testing

@Suite("Allocations")
struct AllocationTests {
    /// The allocations of this thread while `body` runs.
    private func allocations(_ body: () throws -> Void) rethrows -> Int {
        let before = allocation_count()
        try body()
        return allocation_count() - before
    }

    private final class Kept {
        var bytes: [UInt8] = []
    }

    @Test("are counted, those at rounded addresses where they can be", arguments: [8, 64])
    func counted(alignment: Int) {
        #expect(allocations {} == 0)
        let kept = Kept()
        #expect(allocations { kept.bytes = [UInt8](repeating: 1, count: Int.random(in: 100...200)) } >= 1)
        // Swift asks for a rounded address for small ones, too, where a sanitizer looks on.
        #expect(
            allocations {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: alignment)
                unsafe memory.deallocate()
            } == (counts_aligned() ? 1 : 0))
    }

    @Test(
        "a product on one thread makes none after the first, with whatever activation",
        arguments: [(1, 8, 4), (1, 300, 40), (8, 64, 100), (33, 784, 128), (300, 40, 7), (40, 600, 600)],
        [.linear, .relu, .gelu, .tanh, .softmax, .logSoftmax, .sparsemax] as [Activation])
    func products(size: (rows: Int, inputDimension: Int, units: Int), activation: Activation) throws {
        var numbers = TestNumbers(seed: 31)
        let input = try numbers.tensor([size.rows, size.inputDimension])
        let kernel = try numbers.tensor([size.inputDimension, size.units])
        let bias = try numbers.tensor([size.units])
        let output = UnsafeMutablePointer<Float>.allocate(capacity: size.rows * size.units)
        defer { unsafe output.deallocate() }
        for table in Kernels.available {
            let layer = try Dense(
                DenseConfiguration(units: size.units, activation: activation), kernel: kernel, bias: bias,
                kernels: table)
            let onRows = layer.activationOnRows(rank: 2)
            unsafe input.elements.withUnsafeBufferPointer { source in
                guard let start = source.baseAddress else { return }
                func call() {
                    unsafe layer.multiply(start, rows: size.rows, applying: onRows, into: output, threads: 1)
                }
                call()
                let count = allocations { for _ in 0..<10 { call() } }
                #expect(count == 0, "\(table.instructionSet)")
            }
        }
    }

    // Large ones, since without optimisation there are small ones in every corner.
    @Test("a stack of many layers makes only one that is large, for its output", arguments: [20, 300])
    func stacks(rows: Int) throws {
        let activations: [Activation] = [.relu, .gelu, .softmax, .glu, .sparsemax, .tanh]
        let specifications = activations.enumerated().map { index, activation in
            LayerSpecification(
                .dense(
                    DenseConfiguration(
                        units: 24 + 2 * index, activation: activation, kernelInitializer: .glorotUniform(seed: index))))
        }
        let model = try Sequential(specifications, inputShape: Shape([rows, 16]))
        var numbers = TestNumbers(seed: 32)
        let input = try numbers.tensor([rows, 16])
        _ = try model(input)
        let before = large_allocation_count()
        for _ in 0..<10 { _ = try model(input) }
        #expect(large_allocation_count() - before == 10)
    }
}
