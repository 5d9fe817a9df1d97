import DenseEngine
import Glibc
import Testing

/// Floats that end where memory that nobody may touch begins.
@safe private final class GuardedFloats {
    let start: UnsafeMutablePointer<Float>
    private let memory: UnsafeMutableRawPointer
    private let byteCount: Int

    init?(_ count: Int) {
        let page = Int(getpagesize())
        let used = (count * MemoryLayout<Float>.size + page - 1) / page * page
        byteCount = used + page
        guard
            let memory = unsafe mmap(
                nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            unsafe memory != MAP_FAILED
        else { return nil }
        unsafe self.memory = memory
        unsafe start = (memory + used - count * MemoryLayout<Float>.size).bindMemory(to: Float.self, capacity: count)
        guard unsafe mprotect(memory + used, page, PROT_NONE) == 0 else { return nil }
    }

    deinit { unsafe munmap(memory, byteCount) }
}

@Suite("The memory that a product touches")
struct MatmulBoundsTests {
    @Test("ends with the input and the output", arguments: [1, 4, 5, 15, 16, 17, 33, 64], [1, 7, 16, 17, 60, 259])
    func ends(units: Int, inputDimension: Int) throws {
        var numbers = TestNumbers(seed: 5)
        let kernel = try numbers.tensor([inputDimension, units])
        let bias = try numbers.tensor([units])
        for table in Kernels.available {
            let dense = try Dense(
                DenseConfiguration(units: units, activation: .relu), kernel: kernel, bias: bias, kernels: table)
            for rows in [1, 3, 4, 5, 15, 16, 17, 33] {
                let input = try numbers.tensor([rows, inputDimension])
                let source = try #require(GuardedFloats(input.elements.count))
                let target = try #require(GuardedFloats(rows * units))
                unsafe source.start.update(from: input.elements, count: input.elements.count)
                unsafe dense.multiply(
                    source.start, rows: rows, applying: dense.activationOnRows(rank: 2), into: target.start)
                let output = unsafe Array(UnsafeBufferPointer(start: target.start, count: rows * units))
                #expect(try firstDifference(output, dense(input).elements) == nil)
            }
        }
    }
}
