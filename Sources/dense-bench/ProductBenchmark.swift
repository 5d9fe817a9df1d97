internal import DenseEngine
package import DenseKernelTable

/// The size of a product: `[rows, inputDimension]` by `[inputDimension, units]`.
package struct ProductSize: Hashable, Sendable {
    package let rows: Int
    package let inputDimension: Int
    package let units: Int

    package init(_ rows: Int, _ inputDimension: Int, _ units: Int) {
        self.rows = rows
        self.inputDimension = inputDimension
        self.units = units
    }

    package var name: String { "\(rows)x\(inputDimension)x\(units)" }
    var operations: Double { 2 * Double(rows) * Double(inputDimension) * Double(units) }

    /// The bytes of input, kernel and output together.
    var bytes: Int { (rows * inputDimension + inputDimension * units + rows * units) * MemoryLayout<Float>.size }

    /// What is measured: single rows, small and large batches, one unit, and a kernel no cache holds.
    package static let all = [
        ProductSize(1, 8, 4), ProductSize(1, 128, 128), ProductSize(1, 1024, 1024), ProductSize(1, 4096, 4096),
        ProductSize(8, 1024, 1024), ProductSize(32, 784, 128), ProductSize(32, 1024, 1024),
        ProductSize(128, 768, 3072), ProductSize(512, 768, 768), ProductSize(1024, 1024, 1024),
        ProductSize(4096, 512, 512), ProductSize(8192, 64, 1),
    ]
}

/// One size on one number of threads, and what other libraries take for it.
package struct ProductResult: Sendable {
    package let size: ProductSize
    package let threads: Int
    package let time: Measurement
    /// What bounds the size: `FMA`, or the level its data lies in.
    package let limit: String
    /// The part of the limit that was reached by the best call, in percent.
    package let percent: Double
    /// By the library's name.
    package let peers: [String: Measurement]

    package var operationsPerSecond: Double { size.operations / time.best }
    package var bytesPerSecond: Double { Double(size.bytes) / time.best }
}

/// Measures products with bias and relu, weights and data as warm as their size lets them be.
package struct ProductBenchmark: Sendable {
    private let kernels: KernelTable
    private let limits: MachineLimits
    private let loops: LimitLoops
    private let budget: Double
    private let peers: [Peer]

    /// - Parameters:
    ///   - limits: what figures are compared with; of the same instruction set.
    ///   - budget: seconds for each figure.
    ///   - comparesPeers: whether OpenBLAS and oneDNN are measured too, where installed.
    package init(kernels: KernelTable, limits: MachineLimits, budget: Double, comparesPeers: Bool) {
        self.kernels = kernels
        self.limits = limits
        self.loops = LimitLoops(for: kernels)
        self.budget = budget
        self.peers = comparesPeers ? [Peer.openBLAS, Peer.oneDNN].compactMap(\.self) : []
    }

    /// A second thread is only tried for calls longer than this, in seconds: a shorter one loses more than it gains.
    private static let worthSplitting = 3e-4

    /// A size on one thread, and on two when it is large.
    package func run(_ size: ProductSize) throws -> [ProductResult] {
        let input = Floats(count: size.rows * size.inputDimension)
        let bias = Floats(count: size.units)
        let output = Floats(count: size.rows * size.units)
        let kernel = Floats(count: size.inputDimension * size.units)
        let layer = try Dense(
            DenseConfiguration(units: size.units, activation: .relu),
            kernel: try Tensor([size.inputDimension, size.units], kernel.elements),
            bias: try Tensor([size.units], bias.elements), kernels: kernels)
        let activation = layer.activationOnRows(rank: 2)

        func result(threads: Int) -> ProductResult {
            let time = Stopwatch.measure(budget: budget) {
                unsafe layer.multiply(
                    input.start, rows: size.rows, applying: activation, into: output.start, threads: threads)
            }
            var others: [String: Measurement] = [:]
            for peer in peers {
                peer.use(threads: threads)
                others[peer.name] = Stopwatch.measure(budget: budget) {
                    unsafe peer.multiply(input.start, kernel.start, output.start, size)
                    unsafe loops.biasAndReLU(output.start, size.rows, size.units, bias.start)
                }
            }
            unsafe Sink.take(output.start[0])
            return compared(size, threads, time, others)
        }

        let one = result(threads: 1)
        return one.time.best > Self.worthSplitting ? [one, result(threads: 2)] : [one]
    }

    /// The limit is whichever takes longer: the arithmetic, or reading everything once from where it lies.
    private func compared(
        _ size: ProductSize, _ threads: Int, _ time: Measurement, _ peers: [String: Measurement]
    ) -> ProductResult {
        let rates = limits.rates(threads: threads)
        let level = limits.level(of: size.bytes)
        // Measured anew beside each product: the clock of a machine changes within seconds.
        let rate = loops.operationRate(threads: threads, budget: budget, round: max(time.best, 1e-4))
        let computing = size.operations / rate
        var reading = Double(size.bytes) / (rates.bytes[level] ?? .infinity)
        // Measured for just this size where it may be the limit, which it is not when it is half of the other.
        if 2 * reading > computing { reading = limits.readingTime(bytes: size.bytes, threads: threads) }
        return ProductResult(
            size: size, threads: threads, time: time, limit: computing >= reading ? "FMA" : level.rawValue,
            percent: 100 * max(computing, reading) / time.best, peers: peers)
    }
}
