/// Whole tensors of random numbers, drawn as Keras's numpy backend draws them: a fresh generator for each, values in
/// double precision, rounded to float32 at the end. The same bits come out for the same seed.
///
/// Source: `keras/src/backend/numpy/random.py`.
struct RandomArrays {
    private var generator: PCG64

    /// - Parameter seed: `nil` draws one, as Keras does, from 1 to 10⁹.
    /// - Throws: `EngineError.invalidConfigValue` in numpy's words when the seed does not fit 32 bits.
    init(seed: Int?) throws(EngineError) {
        generator = PCG64(entropy: [try Self.word(of: seed ?? Int.random(in: 1...1_000_000_000)), 0])
    }

    /// The seed as numpy's backend holds it.
    static func word(of seed: Int) throws(EngineError) -> UInt32 {
        guard let word = UInt32(exactly: seed) else {
            throw .invalidConfigValue(path: ["seed"], message: "Python integer \(seed) out of bounds for uint32")
        }
        return word
    }

    /// Refuses what numpy cannot draw uniformly from, in its words.
    static func checkRange(from minimum: Double, to maximum: Double) throws(EngineError) {
        guard (maximum - minimum).isFinite else {
            throw .invalidConfigValue(path: ["maxval"], message: "high - low range exceeds valid bounds")
        }
        guard minimum <= maximum else { throw .invalidConfigValue(path: ["maxval"], message: "high - low < 0") }
    }

    /// Uniform over `[minimum, maximum)`.
    mutating func uniform(_ shape: Shape, from minimum: Double, to maximum: Double) throws(EngineError) -> Tensor {
        try Self.checkRange(from: minimum, to: maximum)
        let range = maximum - minimum
        return fill(shape) { generator in Float(minimum + range * generator.nextUniform()) }
    }

    mutating func normal(_ shape: Shape, mean: Double, stddev: Double) -> Tensor {
        fill(shape) { generator in Float(mean + stddev * generator.nextNormal()) }
    }

    /// Normal, without what lies more than two standard deviations from the mean. Ends only when `mean` and `stddev`
    /// are numbers: NaN lies within no bounds.
    mutating func truncatedNormal(_ shape: Shape, mean: Double, stddev: Double) -> Tensor {
        let bounds = (lower: mean - 2 * stddev, upper: mean + 2 * stddev)
        return fill(shape) { generator in
            while true {
                let value = mean + stddev * generator.nextNormal()
                if value >= bounds.lower && value <= bounds.upper { return Float(value) }
            }
        }
    }

    private mutating func fill(_ shape: Shape, _ draw: (inout PCG64) -> Float) -> Tensor {
        var generator = generator
        defer { self.generator = generator }
        return unsafe Tensor(shape: shape) { elements in
            for index in elements.indices { unsafe elements.initializeElement(at: index, to: draw(&generator)) }
        }
    }
}
