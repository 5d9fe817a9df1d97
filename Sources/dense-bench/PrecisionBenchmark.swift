internal import DenseEngine

/// One precision's speed and distance for a number of rows.
package struct PrecisionResult: Sendable {
    package let name: String
    package let rows: Int
    package let time: Measurement
    /// Of float32, over this one's.
    package let speed: Double
    /// The root of the mean square of the differences from float32, and the largest, both over the root of the mean square
    /// of float32's answers.
    package let distance: (typical: Double, largest: Double)
    package let bytes: Int

    static func table(_ results: [PrecisionResult]) -> String {
        TextTable.text(
            title: ["precision", "rows", "best µs", "median µs", "speed", "rms", "largest", "MB"],
            rows: results.map { result in
                [
                    result.name, "\(result.rows)", (result.time.best * 1e6).fixed(1),
                    (result.time.median * 1e6).fixed(1), result.speed.fixed(2), result.distance.typical.fixed(6),
                    result.distance.largest.fixed(6), (Double(result.bytes) / 1e6).fixed(1),
                ]
            })
    }
}

/// Layers of the same weights in every precision.
package struct PrecisionBenchmark: Sendable {
    private let layers: [(name: String, layer: Sequential)]
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
        let configuration = DenseConfiguration(units: size, kernelInitializer: .glorotUniform(seed: 1))
        let plain = try Sequential([LayerSpecification(.dense(configuration), inputShape: [nil, size])])
        layers = [
            ("float32", plain),
            ("bfloat16", try Self.layer(.bfloat16, size)), ("float16", try Self.layer(.float16, size)),
            ("int8", try plain.quantized(.int8(weights: nil, activations: AbsMaxQuantizer()))),
            ("int8 weights", try plain.quantized(.int8(weights: nil, activations: nil))),
            ("int4", try plain.quantized(.int4(weights: nil, activations: nil, blockSize: 128))),
            ("int4 units", try plain.quantized(.int4(weights: nil, activations: nil, blockSize: nil))),
            ("float8", try plain.quantized(.float8)),
        ]
    }

    /// The same weights, rounded to a type.
    private static func layer(_ type: DType, _ size: Int) throws -> Sequential {
        var configuration = DenseConfiguration(units: size, kernelInitializer: .glorotUniform(seed: 1))
        configuration.policy = DTypePolicy(type)
        return try Sequential([LayerSpecification(.dense(configuration), inputShape: [nil, size])])
    }

    /// Every precision, float32 first.
    package func run(rows: Int) throws -> [PrecisionResult] {
        let input = try Initializer.randomNormal(mean: 0, stddev: 1, seed: 2)(shape: Shape([rows, size]))
        var results: [PrecisionResult] = []
        var exact: [Float] = []
        for (name, model) in layers {
            guard case .dense(let layer) = model.layers[0] else { continue }
            let output = Floats(count: rows * size)
            let time = unsafe input.elements.withUnsafeBufferPointer { source in
                Stopwatch.measure(budget: budget) {
                    guard let start = source.baseAddress else { return }
                    unsafe layer.multiply(start, rows: rows, applying: nil, into: output.start, threads: threads)
                }
            }
            let answers = output.elements
            if exact.isEmpty { exact = answers }
            results.append(
                PrecisionResult(
                    name: name, rows: rows, time: time, speed: (results.first?.time.best ?? time.best) / time.best,
                    distance: Self.distance(answers, from: exact), bytes: model.memoryByteCount))
        }
        return results
    }

    private static func distance(_ answers: [Float], from exact: [Float]) -> (typical: Double, largest: Double) {
        var (squares, differences, largest) = (0.0, 0.0, 0.0)
        for (a, b) in zip(answers, exact) {
            let difference = Double(a) - Double(b)
            squares += Double(b) * Double(b)
            differences += difference * difference
            largest = max(largest, abs(difference))
        }
        guard squares > 0 else { return (0, 0) }
        return ((differences / squares).squareRoot(), largest / (squares / Double(exact.count)).squareRoot())
    }
}
