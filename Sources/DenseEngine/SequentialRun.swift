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
    /// - Throws: as `outputShape(for:)` does.
    func callAsFunction(_ input: Tensor, cut: SequentialCut) throws(EngineError) -> Tensor {
        let shape = try outputShape(for: input.shape)
        guard !steps.isEmpty else { return try Tensor(shape: shape, elements: input.elements) }
        let items = items(in: input.shape)
        return unsafe Tensor(shape: shape) { (output: UnsafeMutableBufferPointer<Float>) in
            guard let target = output.baseAddress else { return }
            unsafe input.elements.withUnsafeBufferPointer { source in
                unsafe run(items, from: source.baseAddress ?? UnsafePointer(target), to: target, cut: cut)
            }
        }
    }

    private func run(
        _ items: Int, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, cut: SequentialCut
    ) {
        let useful = cut == .automatic ? SequentialBlocks.usefulThreads(self, items: items) : 1
        guard useful > 1 else {
            return unsafe run(SequentialBlocks(items: items, of: self, cut: cut), from: input, to: output)
        }
        ComputeThreads.shared.withIdle(most: useful) { threads in
            unsafe run(SequentialBlocks(items: items, of: self, cut: cut, idle: threads), from: input, to: output)
        }
    }

    private func run(
        _ blocks: SequentialBlocks, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>
    ) {
        // The blocks are disjoint parts of the output, and nobody writes the input.
        nonisolated(unsafe) let (input, output) = unsafe (input, output)
        let runAt: @Sendable (Int) -> Void = { [self] index in
            let block = blocks[index]
            unsafe runBlock(
                block.count, from: input + block.lowerBound * inputCount,
                to: output + block.lowerBound * outputCount, threads: blocks.productThreads)
        }
        ComputeThreads.perform(blocks.count, threads: blocks.threads, runAt)
    }

    /// Carries one block through all steps.
    private func runBlock(
        _ items: Int, from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, threads: Int?
    ) {
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
                unsafe step.run(items, from: source, to: current, kernels: kernels, threads: threads)
                unsafe source = UnsafePointer(current)
            }
        }
    }
}
