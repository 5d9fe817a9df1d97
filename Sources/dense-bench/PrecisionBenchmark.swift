internal import DenseEngine

/// One precision's speed for a number of rows.
package struct PrecisionResult: Sendable {
    package let name: String
    package let rows: Int
    package let time: Measurement
    /// Of float32, over this one's.
    package let speed: Double
    package let bytes: Int

    static func table(_ results: [PrecisionResult]) -> String {
        TextTable.text(
            title: ["precision", "rows", "best µs", "median µs", "speed", "MB"],
            rows: results.map { result in
                [
                    result.name, "\(result.rows)", (result.time.best * 1e6).fixed(1),
                    (result.time.median * 1e6).fixed(1), result.speed.fixed(2), (Double(result.bytes) / 1e6).fixed(1),
                ]
            })
    }
}

/// How far one precision's answers are from those of float32, over the root of the mean square of the latter.
package struct PrecisionDistance: Sendable {
    package let name: String
    package let kernel: String
    package let mean: Double
    package let largest: Double

    static func table(_ distances: [PrecisionDistance]) -> String {
        TextTable.text(
            title: ["precision", "kernel", "mean error", "largest error"],
            rows: distances.map { [$0.name, $0.kernel, $0.mean.fixed(6), $0.largest.fixed(6)] })
    }
}

/// Layers of the same weights in every precision.
package struct PrecisionBenchmark: Sendable {
    private typealias Layers = [(name: String, layer: Sequential)]

    private let layers: Layers
    private let size: Int
    private let threads: Int
    private let budget: Double

    /// - Parameters:
    ///   - size: features and units.
    ///   - budget: seconds for each figure.
    package init(size: Int, threads: Int, budget: Double) throws {
        self.size = size
        self.threads = threads
        self.budget = budget
        layers = try Self.layers(Self.randomKernel(size))
    }

    private static func layers(_ kernel: Tensor) throws -> Layers {
        let configuration = DenseConfiguration(units: kernel.shape.lastAxis, useBias: false)
        let plain = try Sequential([LayerSpecification(.dense(configuration), weights: ["kernel": kernel])])
        return [
            ("float32", plain),
            ("bfloat16", try layer(.bfloat16, kernel)), ("float16", try layer(.float16, kernel)),
            ("int8", try plain.quantized(.int8(weights: nil, activations: AbsMaxQuantizer()))),
            ("int8 weights", try plain.quantized(.int8(weights: nil, activations: nil))),
            ("int4", try plain.quantized(.int4(weights: nil, activations: nil, blockSize: 128))),
            ("int4 units", try plain.quantized(.int4(weights: nil, activations: nil, blockSize: nil))),
            ("float8", try plain.quantized(.float8)),
        ]
    }

    /// The same weights, rounded to a type.
    private static func layer(_ type: DType, _ kernel: Tensor) throws -> Sequential {
        var configuration = DenseConfiguration(units: kernel.shape.lastAxis, useBias: false)
        configuration.policy = DTypePolicy(type)
        return try Sequential([LayerSpecification(.dense(configuration), weights: ["kernel": kernel])])
    }

    // MARK: Kernels

    private static func randomKernel(_ size: Int) throws -> Tensor {
        try Initializer.glorotUniform(seed: 1)(shape: Shape([size, size]))
    }

    /// As training leaves them: normal numbers, of features and units that matter more or less, with one in a thousand far out.
    private static func trainedKernel(_ size: Int) throws -> Tensor {
        func normals(_ seed: Int, _ dimensions: [Int], _ deviation: Double) throws -> [Float] {
            try Initializer.randomNormal(mean: 0, stddev: deviation, seed: seed)(shape: Shape(dimensions)).elements
        }
        let weights = try normals(3, [size, size], 0.02)
        let (features, units) = (try normals(4, [size], 0.5), try normals(5, [size], 0.5))
        return try Tensor(
            [size, size],
            weights.indices.map { index in
                let (feature, unit) = index.quotientAndRemainder(dividingBy: size)
                let factor = (1 + features[feature] * features[feature]) * (1 + units[unit] * units[unit])
                return weights[index] * factor * (index % 1009 == 0 ? 8 : 1)
            })
    }

    // MARK: Measurements

    /// Every precision's speed, float32 first.
    package func run(rows: Int) throws -> [PrecisionResult] {
        let input = try Self.input(rows, size)
        var results: [PrecisionResult] = []
        for (name, model) in layers {
            guard case .dense(let layer) = model.layers[0] else { continue }
            let output = Floats(count: rows * size)
            let time = unsafe input.elements.withUnsafeBufferPointer { source in
                Stopwatch.measure(budget: budget) {
                    guard let start = source.baseAddress else { return }
                    unsafe layer.multiply(start, rows: rows, applying: nil, into: output.start, threads: threads)
                }
            }
            results.append(
                PrecisionResult(
                    name: name, rows: rows, time: time, speed: (results.first?.time.best ?? time.best) / time.best,
                    bytes: model.memoryByteCount))
        }
        return results
    }

    /// Every precision's distance from float32, for kernels of random numbers and for such as training leaves.
    package func distances() throws -> [PrecisionDistance] {
        let input = try Self.input(32, size)
        var distances: [PrecisionDistance] = []
        for (kernel, layers) in [("random", layers), ("trained-like", try Self.layers(Self.trainedKernel(size)))] {
            let exact = try layers[0].layer(input).output.elements
            for (name, model) in layers.dropFirst() {
                let (mean, largest) = Self.distance(try model(input).output.elements, from: exact)
                distances.append(PrecisionDistance(name: name, kernel: kernel, mean: mean, largest: largest))
            }
        }
        return distances
    }

    private static func input(_ rows: Int, _ size: Int) throws -> Tensor {
        try Initializer.randomNormal(mean: 0, stddev: 1, seed: 2)(shape: Shape([rows, size]))
    }

    private static func distance(_ answers: [Float], from exact: [Float]) -> (mean: Double, largest: Double) {
        var (squares, sum, largest) = (0.0, 0.0, 0.0)
        for (a, b) in zip(answers, exact) {
            let difference = abs(Double(a) - Double(b))
            squares += Double(b) * Double(b)
            sum += difference
            largest = max(largest, difference)
        }
        guard squares > 0 else { return (0, 0) }
        let size = (squares / Double(exact.count)).squareRoot()
        return (sum / Double(exact.count) / size, largest / size)
    }
}
