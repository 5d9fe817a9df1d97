internal import Glibc

/// Activations in float64, by the formulas of Keras's NumPy backend. The exponential, the logarithm, erf and tanh are the
/// system's: their last bits may differ between one C library and another, unlike those of all other types.
extension Activation {
    /// The activation of a float64 tensor of any rank.
    ///
    /// - Throws: `EngineError` as `outputShape(for:)` does.
    func doubles(_ input: Tensor) throws(EngineError) -> Tensor {
        guard self != .linear else { return input }
        let shape = try outputShape(for: input.shape)
        let values = input.asDoubles
        guard let view = try axis(in: input.shape) else {
            return try Tensor(shape: shape, doubles: values.map(double))
        }
        var output = [Double](repeating: 0, count: shape.count)
        let length = view.outer * view.inner == 0 ? 0 : shape.count / (view.outer * view.inner)
        for outer in 0..<view.outer {
            for inner in 0..<view.inner {
                let line = (0..<view.length).map { values[(outer * view.length + $0) * view.inner + inner] }
                for (index, value) in doubles(along: line).enumerated() {
                    output[(outer * length + index) * view.inner + inner] = value
                }
            }
        }
        return try Tensor(shape: shape, doubles: output)
    }

    private func doubles(along line: [Double]) -> [Double] {
        switch self {
        case .softmax:
            let powers = Self.powers(line)
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        case .logSoftmax:
            let (largest, logarithm) = (Self.largest(line), log(Self.powers(line).reduce(0, +)))
            return line.map { $0 - largest - logarithm }
        case .sparsemax: return Self.sparsemax(line)
        case .glu:
            let half = line.count / 2
            return (0..<half).map { line[$0] * Self.sigmoid(line[half + $0]) }
        default: return line.map(double)
        }
    }

    /// NaN if there is one, as in NumPy.
    private static func largest(_ line: [Double]) -> Double {
        line.reduce(-.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
    }

    private static func powers(_ line: [Double]) -> [Double] {
        let largest = largest(line)
        return line.map { exp($0 - largest) }
    }

    private static func sparsemax(_ line: [Double]) -> [Double] {
        guard !line.contains(where: \.isNaN) else { return line.map { _ in .nan } }
        // Keras's threshold, which is of the sum of the partial sums.
        var (partialSum, support, sumOfPartialSums) = (0.0, 0.0, 0.0)
        for (index, value) in line.sorted(by: >).enumerated() {
            partialSum += value
            guard value - (partialSum - 1) / Double(index + 1) > 0 else { continue }
            support += 1
            sumOfPartialSums += partialSum
        }
        let threshold = (sumOfPartialSums - 1) / support
        return line.map { $0 - threshold < 0 ? 0 : $0 - threshold }
    }

    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    private static func softplus(_ x: Double) -> Double {
        x.isNaN ? x : (x < 0 ? 0 : x) + log1p(exp(-x.magnitude))
    }
    private static func elu(_ x: Double, _ alpha: Double) -> Double { x >= 0 ? x : alpha * expm1(x) }
    private static func hardSigmoid(_ x: Double) -> Double { clip(x / 6 + 0.5, 0, 1) }

    /// NaN stays NaN.
    private static func clip(_ x: Double, _ low: Double, _ high: Double) -> Double {
        x < low ? low : x > high ? high : x
    }

    /// Of one number, by itself.
    private func double(_ x: Double) -> Double {
        switch self {
        case .linear, .softmax, .logSoftmax, .sparsemax, .glu: return x
        case .relu(let negativeSlope, let maxValue, let threshold):
            let rectified = x > threshold || x.isNaN ? x : negativeSlope * (x - threshold)
            return maxValue.map { rectified > $0 ? $0 : rectified } ?? rectified
        case .relu6: return Self.clip(x, 0, 6)
        case .leakyReLU(let negativeSlope):
            let scaled = negativeSlope * x
            return x > scaled || x.isNaN ? x : scaled
        case .elu(let alpha): return Self.elu(x, alpha)
        case .selu: return 1.0507009873554805 * Self.elu(x, 1.6732632423543772)
        case .celu(let alpha): return (x < 0 ? 0 : x) + alpha * expm1((x > 0 ? 0 : x) / alpha)
        case .gelu(approximate: false): return 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .gelu(approximate: true):
            return 0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .silu: return x * Self.sigmoid(x)
        case .hardSiLU: return x * Self.hardSigmoid(x)
        case .mish: return x * Glibc.tanh(Self.softplus(x))
        case .sigmoid: return Self.sigmoid(x)
        case .hardSigmoid: return Self.hardSigmoid(x)
        case .logSigmoid: return -Self.softplus(-x)
        case .sparseSigmoid: return x <= -1 ? 0 : x >= 1 ? 1 : 0.5 * (x + 1)
        case .softplus: return Self.softplus(x)
        case .softsign: return x / (1 + x.magnitude)
        case .squareplus(let b): return (x + (x * x + b).squareRoot()) / 2
        case .sparsePlus: return x <= -1 ? 0 : x < 1 ? 0.25 * (x + 1) * (x + 1) : x
        case .exponential: return exp(x)
        case .tanh: return Glibc.tanh(x)
        case .hardTanh: return Self.clip(x, -1, 1)
        case .tanhShrink: return x - Glibc.tanh(x)
        case .hardShrink(let threshold): return x.magnitude > threshold || x.isNaN ? x : 0
        case .softShrink(let threshold):
            return x > threshold ? x - threshold : x < -threshold ? x + threshold : x.isNaN ? x : 0
        case .threshold(let threshold, let value): return x > threshold ? x : value
        }
    }
}
