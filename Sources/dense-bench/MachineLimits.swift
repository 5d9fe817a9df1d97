package import DenseKernelTable
internal import Dispatch
internal import Glibc
internal import Synchronization

/// What this machine can do at most, as measured: float32 multiply-adds between registers, and reading memory.
package struct MachineLimits: Sendable {
    /// The limits of a number of threads together.
    package struct Rates: Sendable {
        /// Float32 operations a second.
        package let operations: Double
        /// Bytes read a second, by where they lie.
        package let bytes: [MemoryLevel: Double]
    }

    package let instructionSet: String
    package let cacheBytes: [MemoryLevel: Int]
    package let oneThread: Rates
    package let twoThreads: Rates

    /// - Parameter budget: seconds for each of the figures.
    package init(for kernels: KernelTable, budget: Double) {
        let caches: [MemoryLevel: Int] = [
            .l1: Self.cacheSize(Int32(_SC_LEVEL1_DCACHE_SIZE), usual: 32 << 10),
            .l2: Self.cacheSize(Int32(_SC_LEVEL2_CACHE_SIZE), usual: 1 << 20),
            .l3: Self.cacheSize(Int32(_SC_LEVEL3_CACHE_SIZE), usual: 16 << 20, most: 32 << 20),
        ]
        let loops = LimitLoops(for: kernels)
        instructionSet = "\(kernels.instructionSet)"
        cacheBytes = caches
        oneThread = Self.rates(loops, caches, threads: 1, budget)
        twoThreads = Self.rates(loops, caches, threads: 2, budget)
    }

    package func rates(threads: Int) -> Rates { threads > 1 ? twoThreads : oneThread }

    /// The level that holds so many bytes.
    package func level(of bytes: Int) -> MemoryLevel {
        [MemoryLevel.l1, .l2, .l3].first { bytes <= cacheBytes[$0] ?? 0 } ?? .dram
    }

    /// Virtual machines may report all third-level caches of the host as one; `most` is what one core can count on.
    private static func cacheSize(_ name: Int32, usual: Int, most: Int = .max) -> Int {
        let size = sysconf(name)
        return size > 0 ? min(size, most) : usual
    }

    private static func rates(
        _ loops: LimitLoops, _ caches: [MemoryLevel: Int], threads: Int, _ budget: Double
    ) -> Rates {
        let iterations = 20_000
        let operations = together(threads, budget) { _ in
            Sink.take(loops.multiplyAdd(iterations, 0.75))
            return Double(iterations * loops.operationsPerIteration)
        }
        var bytes: [MemoryLevel: Double] = [:]
        for level in MemoryLevel.allCases {
            // Well inside the level, whose last is often shared by the threads, and well outside the one before.
            let size =
                switch level {
                case .l1, .l2: (caches[level] ?? 0) / 2
                case .l3: (caches[.l2] ?? 0) * 4
                case .dram: min((caches[.l3] ?? 0) * 4, 128 << 20) / threads
                }
            let count = max(size / 512 * 512, 512)
            let buffers = (0..<threads).map { _ in Floats(zeros: count / MemoryLayout<Float>.size) }
            let passes = max((1 << 20) / count, 1)
            bytes[level] = together(threads, budget) { thread in
                Sink.take(unsafe loops.read(UnsafeRawPointer(buffers[thread].start), count, passes))
                return Double(count * passes)
            }
        }
        return Rates(operations: operations, bytes: bytes)
    }

    /// The most work a second that threads did together in any of several rounds. `work` does some and says how much.
    private static func together(_ threads: Int, _ budget: Double, _ work: @Sendable (Int) -> Double) -> Double {
        let rounds = 5
        var best = 0.0
        for _ in 0..<rounds {
            let start = Stopwatch.now
            let end = start + budget / Double(rounds)
            let (done, last) = parallel(threads, until: end, work)
            best = max(best, done / (last - start))
        }
        return best
    }

    /// The work that threads did until a time, and when the last of them stopped.
    private static func parallel(
        _ threads: Int, until end: Double, _ work: @Sendable (Int) -> Double
    ) -> (done: Double, last: Double) {
        let results = Mutex((done: 0.0, last: 0.0))
        @Sendable func loop(_ thread: Int) {
            var done = 0.0
            repeat { done += work(thread) } while Stopwatch.now < end
            let last = Stopwatch.now
            results.withLock { $0 = ($0.done + done, max($0.last, last)) }
        }
        if threads == 1 {
            loop(0)
        } else {
            DispatchQueue.concurrentPerform(iterations: threads, execute: loop)
        }
        return results.withLock(\.self)
    }
}
