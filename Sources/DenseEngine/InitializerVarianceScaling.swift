/// The arguments of Keras's `VarianceScaling`, which Glorot's, He's and LeCun's initializers are settings of.
struct VarianceScaling {
    private let scale: Double
    private let mode: Initializer.FanMode
    private let distribution: Initializer.Distribution
    private let seed: Int?
    private let axes: Initializer.FanAxes

    private init(
        _ scale: Double, _ mode: Initializer.FanMode, _ distribution: Initializer.Distribution, _ seed: Int?,
        _ axes: Initializer.FanAxes
    ) {
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.seed = seed
        self.axes = axes
    }

    /// `nil` for the initializers of other families.
    init?(_ initializer: Initializer) {
        switch initializer {
        case .varianceScaling(let scale, let mode, let distribution, let seed, let axes):
            self.init(scale, mode, distribution, seed, axes)
        case .glorotUniform(let seed, let axes): self.init(1, .fanAverage, .uniform, seed, axes)
        case .glorotNormal(let seed, let axes): self.init(1, .fanAverage, .truncatedNormal, seed, axes)
        case .lecunUniform(let seed, let axes): self.init(1, .fanIn, .uniform, seed, axes)
        case .lecunNormal(let seed, let axes): self.init(1, .fanIn, .truncatedNormal, seed, axes)
        case .heUniform(let seed, let axes): self.init(2, .fanIn, .uniform, seed, axes)
        case .heNormal(let seed, let axes): self.init(2, .fanIn, .truncatedNormal, seed, axes)
        case .zeros, .ones, .constant, .identity, .randomNormal, .randomUniform, .truncatedNormal, .orthogonal, .drawn:
            return nil
        }
    }

    func values(for shape: Shape, _ backend: SeedBackend) throws(EngineError) -> Tensor {
        let fans = try axes.fans(of: shape)
        let divisor =
            switch mode {
            case .fanIn: fans.input
            case .fanOut: fans.output
            case .fanAverage: (fans.input + fans.output) / 2
            }
        let variance = scale / max(1, divisor)
        switch distribution {
        case .truncatedNormal:
            // The divisor is the standard deviation that a standard normal keeps when cut at ±2.
            let stddev = variance.squareRoot() / 0.87962566103423978
            return try backend.draw(.truncatedNormal(mean: 0, stddev: stddev), shape, seed: seed)
        case .untruncatedNormal:
            return try backend.draw(.normal(mean: 0, stddev: variance.squareRoot()), shape, seed: seed)
        case .uniform:
            let limit = (3 * variance).squareRoot()
            return try backend.draw(.uniform(from: -limit, to: limit), shape, seed: seed)
        }
    }
}

extension Initializer.FanAxes {
    /// How many inputs and outputs meet in a weight: for a kernel `[in, units]` those two, for a vector its length twice;
    /// a higher rank is read as a convolution's kernel, whose leading axes belong to both.
    ///
    /// Doubles, because products of repeated axes need not fit an `Int`.
    fileprivate func fans(of shape: Shape) throws(EngineError) -> (input: Double, output: Double) {
        let dimensions = shape.dimensions
        if let input, let output {
            return (try Self.product(of: input, in: dimensions), try Self.product(of: output, in: dimensions))
        }
        switch dimensions.count {
        case 0: return (1, 1)
        case 1: return (Double(dimensions[0]), Double(dimensions[0]))
        default:
            let field = dimensions.dropLast(2).reduce(1) { $0 * Double($1) }
            return (field * Double(dimensions[dimensions.count - 2]), field * Double(dimensions[dimensions.count - 1]))
        }
    }

    private static func product(of axes: [Int], in dimensions: [Int]) throws(EngineError) -> Double {
        var product = 1.0
        for axis in axes {
            guard (-dimensions.count..<dimensions.count).contains(axis) else {
                throw .invalidConfigValue(
                    path: [],
                    message: "The fan axes of an initializer must be axes of the weight. Expected \(-dimensions.count) "
                        + "to \(dimensions.count - 1), received \(axis).")
            }
            product *= Double(dimensions[axis < 0 ? axis + dimensions.count : axis])
        }
        return product
    }
}
