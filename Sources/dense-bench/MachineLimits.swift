package import DenseKernelTable
internal import Glibc

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
    private let loops: LimitLoops
    private let budget: Double

    /// - Parameter budget: seconds for each of the figures.
    package init(for kernels: KernelTable, budget: Double) {
        let caches: [MemoryLevel: Int] = [
            .l1: Self.cacheSize(Int32(_SC_LEVEL1_DCACHE_SIZE), usual: 32 << 10),
            .l2: Self.cacheSize(Int32(_SC_LEVEL2_CACHE_SIZE), usual: 1 << 20),
            .l3: Self.cacheSize(Int32(_SC_LEVEL3_CACHE_SIZE), usual: 16 << 20, most: 32 << 20),
        ]
        let loops = LimitLoops(for: kernels)
        func rates(threads: Int) -> Rates {
            var bytes: [MemoryLevel: Double] = [:]
            for level in MemoryLevel.allCases {
                // Well inside the level, whose last is often shared by the threads, and well outside the one before.
                let size =
                    switch level {
                    case .l1, .l2: (caches[level] ?? 0) / 2
                    case .l3: (caches[.l2] ?? 0) * 4
                    case .dram: min((caches[.l3] ?? 0) * 4, 128 << 20) / threads
                    }
                bytes[level] = loops.readRate(bytesEach: size, threads: threads, budget: budget)
            }
            return Rates(operations: loops.operationRate(threads: threads, budget: 4 * budget), bytes: bytes)
        }
        instructionSet = "\(kernels.instructionSet)"
        cacheBytes = caches
        oneThread = rates(threads: 1)
        twoThreads = rates(threads: 2)
        self.loops = loops
        self.budget = budget
    }

    package func rates(threads: Int) -> Rates { threads > 1 ? twoThreads : oneThread }

    /// The level that holds so many bytes.
    package func level(of bytes: Int) -> MemoryLevel {
        [MemoryLevel.l1, .l2, .l3].first { bytes <= cacheBytes[$0] ?? 0 } ?? .dram
    }

    /// Seconds that threads need at least to read so many bytes once, each its share, when they are read again and
    /// again: just so many, since a level holds some of what is a little too large for it. In as many streams as the
    /// product itself reads at most: with eight, 64 KiB keep more of themselves in a first-level cache of 48 KiB, which
    /// is an accident of its replacement and no bandwidth.
    package func readingTime(bytes: Int, threads: Int) -> Double {
        Double(bytes)
            / loops.readRate(bytesEach: bytes / threads, threads: threads, budget: budget, streams: [1, 2, 4])
    }

    /// Virtual machines may report all third-level caches of the host as one; `most` is what one core can count on.
    private static func cacheSize(_ name: Int32, usual: Int, most: Int = .max) -> Int {
        let size = sysconf(name)
        return size > 0 ? min(size, most) : usual
    }
}
