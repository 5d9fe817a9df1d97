internal import CFloat64Reference
package import DenseKernelTable
internal import Dispatch
internal import Synchronization

/// Compares the kernels' functions with float64 over all float32 inputs, or every so many of them.
package struct ActivationCheck: Sendable {
    package struct Result: Sendable {
        /// The largest distance found, in ulp; infinity for a NaN or an infinity that does not belong.
        package var ulp = -1.0
        package var input: Float = 0
        package var seconds = 0.0

        /// Nothing checked yet.
        package init() {}

        package func isWithin(_ bound: Double) -> Bool { ulp >= 0 && ulp <= bound }
    }

    private let kernels: KernelTable
    private let stride: Int
    private let threads: Int

    /// - Parameters:
    ///   - stride: 1 for every bit pattern, NaN and infinities among them; `n` for every `n`th.
    package init(kernels: KernelTable, stride: Int, threads: Int) {
        self.kernels = kernels
        self.stride = max(stride, 1)
        self.threads = max(threads, 1)
    }

    /// The values that go through the kernel at a time: they and their results stay in the first-level cache.
    private static let blockCount = 4096

    /// The blocks that a thread takes at a time.
    private static let blocksTaken = 256

    package func run(_ function: CheckedFunction) -> Result {
        let start = Stopwatch.now
        let worst = Mutex(Result())
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            var mine = Result()
            let patterns = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: Self.blockCount)
            let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.blockCount)
            defer {
                unsafe patterns.deallocate()
                unsafe values.deallocate()
            }
            let step = Self.blockCount * stride
            while true {
                let taken = next.add(Self.blocksTaken, ordering: .relaxed).oldValue
                guard taken * step < 1 << 32 else { break }
                for block in taken..<taken + Self.blocksTaken where block * step < 1 << 32 {
                    unsafe check(function, from: block * step, patterns, values, &mine)
                }
            }
            worst.withLock { if mine.ulp > $0.ulp { $0 = mine } }
        }
        var result = worst.withLock { $0 }
        result.seconds = Stopwatch.now - start
        return result
    }

    private func check(
        _ function: CheckedFunction, from first: Int, _ patterns: UnsafeMutableBufferPointer<UInt32>,
        _ values: UnsafeMutableBufferPointer<Float>, _ worst: inout Result
    ) {
        guard let start = values.baseAddress, let inputs = UnsafeRawPointer(patterns.baseAddress) else { return }
        // Past the last pattern it begins again: a block is always whole.
        for index in 0..<Self.blockCount {
            unsafe patterns[index] = UInt32(truncatingIfNeeded: first &+ index &* stride)
        }
        unsafe UnsafeMutableRawPointer(start).copyMemory(
            from: inputs, byteCount: Self.blockCount * MemoryLayout<Float>.size)
        unsafe kernels.activations.elementwise(function.activation, start, Self.blockCount)
        let found = unsafe reference_worst_distance(
            function.reference, Double(function.activation.first),
            inputs.assumingMemoryBound(to: Float.self), start, Self.blockCount)
        if found.ulp > worst.ulp { (worst.ulp, worst.input) = (found.ulp, found.input) }
    }
}
