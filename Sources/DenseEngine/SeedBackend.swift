/// Whose random numbers a seed stands for: Keras's backends give different ones for the same seed.
package enum SeedBackend: String, Hashable, Sendable, CaseIterable {
    /// PCG64 and the ziggurat, in double precision; the default here.
    case numpy
    /// Threefry, as `jax.random` uses it since 0.5 (`jax_threefry_partitionable`).
    case jax
    /// Philox, as `tf.random.stateless_*` uses it.
    case tensorflow
}

/// What a random initializer draws from.
enum RandomDistribution: Sendable {
    /// Over `[minimum, maximum)`.
    case uniform(from: Double, to: Double)
    case normal(mean: Double, stddev: Double)
    /// Without what lies more than two standard deviations from the mean.
    case truncatedNormal(mean: Double, stddev: Double)
}

extension SeedBackend {
    /// A tensor of the backend's numbers, each bit as the backend makes them on a CPU.
    ///
    /// - Parameter seed: `nil` draws one, as Keras does, from 1 to 10⁹.
    /// - Throws: `EngineError.invalidConfigValue` for a seed or a range that the backend does not take.
    func draw(_ distribution: RandomDistribution, _ shape: Shape, seed: Int?) throws(EngineError) -> Tensor {
        let seed = seed ?? Int.random(in: 1...1_000_000_000)
        switch self {
        case .numpy:
            var random = try RandomArrays(seed: seed)
            switch distribution {
            case .uniform(let minimum, let maximum): return try random.uniform(shape, from: minimum, to: maximum)
            case .normal(let mean, let stddev): return random.normal(shape, mean: mean, stddev: stddev)
            case .truncatedNormal(let mean, let stddev):
                return random.truncatedNormal(shape, mean: mean, stddev: stddev)
            }
        case .jax:
            let random = ThreefryArrays(seed: try RandomArrays.word(of: seed))
            return random.draw(distribution, shape)
        case .tensorflow: return PhiloxArrays(seed: seed).draw(distribution, shape)
        }
    }

    /// - Throws: `EngineError.invalidConfigValue` for a seed that the backend does not take. TensorFlow's takes any.
    func check(seed: Int) throws(EngineError) {
        if self != .tensorflow { _ = try RandomArrays.word(of: seed) }
    }
}

extension Float {
    /// 1 to 2 from the 23 last bits, less 1.
    init(unitBits bits: UInt32) { self = Float(bitPattern: 0x3f80_0000 | bits) - 1 }
}
