/// How a weight gets its first values: Keras's initializers, with the arguments of their constructors.
///
/// A seeded initializer gives the same values at every call; with a `nil` seed every call draws a seed of its own.
/// Arguments are doubles, as in Keras, so that a configuration written back is the one that was read; values are
/// rounded to float32 once, at the end.
///
/// Source: `keras/src/initializers/constant_initializers.py` and `random_initializers.py`.
package enum Initializer: Hashable, Sendable {
    case zeros
    case ones
    /// Every element is `value`.
    case constant(value: Double)
    /// `gain` on the main diagonal, zero elsewhere. Rank 2 only.
    case identity(gain: Double)
    case randomNormal(mean: Double, stddev: Double, seed: Int?)
    /// Uniform over `[minimum, maximum)`.
    case randomUniform(minimum: Double, maximum: Double, seed: Int?)
    /// Normal; values more than two standard deviations from the mean are drawn again.
    case truncatedNormal(mean: Double, stddev: Double, seed: Int?)
    /// Spread by the number of inputs, outputs or both ("fans") of the weight.
    case varianceScaling(
        scale: Double, mode: FanMode, distribution: Distribution, seed: Int?, axes: FanAxes = .automatic)
    /// Variance scaling with scale 1, the average of the fans, uniform: Keras's default for kernels.
    case glorotUniform(seed: Int?, axes: FanAxes = .automatic)
    /// Variance scaling with scale 1, the average of the fans, truncated normal.
    case glorotNormal(seed: Int?, axes: FanAxes = .automatic)
    /// Variance scaling with scale 1, fan-in, uniform.
    case lecunUniform(seed: Int?, axes: FanAxes = .automatic)
    /// Variance scaling with scale 1, fan-in, truncated normal.
    case lecunNormal(seed: Int?, axes: FanAxes = .automatic)
    /// Variance scaling with scale 2, fan-in, uniform.
    case heUniform(seed: Int?, axes: FanAxes = .automatic)
    /// Variance scaling with scale 2, fan-in, truncated normal.
    case heNormal(seed: Int?, axes: FanAxes = .automatic)
    /// `gain` times an orthogonal matrix: orthonormal columns, or rows when there are fewer rows than columns.
    /// Rank 2 or more; all axes but the last count as rows.
    case orthogonal(gain: Double, seed: Int?)
    /// The same, with the random numbers of one of Keras's backends: this server's `seed_backend`. Without it they are
    /// numpy's.
    indirect case drawn(by: SeedBackend, Initializer)

    /// Which fan `varianceScaling` divides by. The raw value is Keras's name.
    package enum FanMode: String, Hashable, Sendable, CaseIterable {
        case fanIn = "fan_in"
        case fanOut = "fan_out"
        case fanAverage = "fan_avg"
    }

    /// What `varianceScaling` draws from. The raw value is Keras's name; Keras reads `"normal"` as
    /// `truncated_normal`, and any letter case.
    package enum Distribution: String, Hashable, Sendable, CaseIterable {
        case truncatedNormal = "truncated_normal"
        case untruncatedNormal = "untruncated_normal"
        case uniform
    }

    /// The axes that make up the fans: Keras's `input_axes` and `output_axes`. They count only when both are given;
    /// otherwise the fans are read off the shape.
    package struct FanAxes: Hashable, Sendable {
        package let input: [Int]?
        package let output: [Int]?

        package init(input: [Int]?, output: [Int]?) {
            self.input = input
            self.output = output
        }

        /// Neither is given: Keras's default.
        package static let automatic = FanAxes(input: nil, output: nil)
    }
}
