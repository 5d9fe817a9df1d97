internal import Locks

/// How a call of a stack is cut up, for cores and for caches. The cut never changes a bit of the result.
package enum SequentialCut: Hashable, Sendable {
    /// What pays, by the amount of work.
    case automatic
    /// Blocks of so many items, which go through all layers one after the other; on several threads when so many share
    /// them.
    case blocks(items: Int, threads: Int)
    /// The layers one after the other, each for the whole input.
    case layers
}

extension SequentialPlan {
    /// Runs all steps on an input.
    ///
    /// - Parameters:
    ///   - input: of a shape that the plan takes.
    ///   - cut: not `.layers`, which needs no plan.
    ///   - adapters: of the positions of axis 0.
    /// - Throws: as `outputShape(for:)` does.
    func callAsFunction(
        _ input: Tensor, cut: SequentialCut, adapters: AdapterRows? = nil
    ) throws(EngineError) -> Tensor {
        let shape = try outputShape(for: input.shape)
        guard !steps.isEmpty else { return try input.cast(to: outputType).reshaped(to: shape) }
        let items = items(in: input.shape)
        let adapters = adapters.map { PlannedAdapters($0, itemsPerPosition: items / max(input.shape.dimensions[0], 1)) }
        return unsafe Tensor(shape: shape, type: outputType) { (output: UnsafeMutableBufferPointer<Float>) in
            guard let target = output.baseAddress else { return }
            unsafe input.withElements { source in
                unsafe run(items, from: source.baseAddress ?? UnsafePointer(target), to: target, cut: cut, adapters)
            }
        }
    }

    private func run(
        _ items: Int, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, cut: SequentialCut,
        _ adapters: PlannedAdapters?
    ) {
        let useful = cut == .automatic ? SequentialBlocks.usefulThreads(self, items: items) : 1
        guard useful > 1 else {
            return unsafe run(SequentialBlocks(items: items, of: self, cut: cut), from: input, to: output, adapters)
        }
        ComputeThreads.shared.withIdle(most: useful) { threads in
            unsafe run(
                SequentialBlocks(items: items, of: self, cut: cut, idle: threads), from: input, to: output, adapters)
        }
    }

    private func run(
        _ blocks: SequentialBlocks, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>,
        _ adapters: PlannedAdapters?
    ) {
        // The blocks are disjoint parts of the output, and nobody writes the input.
        nonisolated(unsafe) let (input, output) = unsafe (input, output)
        let runAt: @Sendable (Int) -> Void = { [self] index in
            let block = blocks[index]
            unsafe runBlock(
                block, from: input + block.lowerBound * inputCount, to: output + block.lowerBound * outputCount,
                threads: blocks.productThreads, adapters)
        }
        ComputeThreads.perform(blocks.count, threads: blocks.threads, runAt)
    }

    /// Carries one block through all steps.
    private func runBlock(
        _ block: Range<Int>, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, threads: Int?,
        _ adapters: PlannedAdapters?
    ) {
        let items = block.count
        let halfSize = WorkerArena.aligned(items * firstCount)
        unsafe WorkerArena.withFloats(count: halfSize + items * secondCount) { first in
            var source = unsafe input
            // Where the values are once they are not the input.
            var current = unsafe output
            for step in steps {
                switch step.place {
                case .same: break
                case .first: unsafe current = first
                case .second: unsafe current = first + halfSize
                case .output: unsafe current = output
                }
                unsafe step.run(
                    items, from: source, to: current, kernels: kernels, threads: threads,
                    terms: adapters?.terms(of: step, in: block) ?? [])
                unsafe source = UnsafePointer(current)
            }
        }
    }
}

/// Adapters of the positions of axis 0, for who counts in items.
private struct PlannedAdapters: Sendable {
    private let rows: AdapterRows
    private let itemsPerPosition: Int

    init(_ rows: AdapterRows, itemsPerPosition: Int) {
        self.rows = rows
        self.itemsPerPosition = itemsPerPosition
    }

    /// What a step adds to the rows of a block's items.
    func terms(of step: SequentialStep, in block: Range<Int>) -> [AdaptedRows] {
        guard step.rows > 0 else { return [] }
        return rows.terms(
            of: step.layer, in: block.lowerBound * step.rows..<block.upperBound * step.rows,
            rowsPerPosition: itemsPerPosition * step.rows)
    }
}
