import DenseEngine
import DenseKernelTable
import Glibc

/// Keras's formulas in float64, rearranged where the plain form would cancel. Arguments are the float32 ones.
func activationReference(_ activation: ElementwiseActivation, _ x: Double) -> Double {
    let (first, second) = (Double(activation.first), Double(activation.second))
    return switch activation.operation {
    case .linear: x
    case .relu: referenceReLU(activation, x)
    case .relu6: min(max(x, 0), 6)
    case .leakyReLU: max(x, first * x)
    case .elu: x >= 0 ? x : first * expm1(x)
    case .selu: 1.0507009873554805 * (x >= 0 ? x : 1.6732632423543772 * expm1(x))
    case .celu: max(x, 0) + first * expm1(min(x, 0) / first)
    case .gelu: 0.5 * x * erfc(-x * 0.5.squareRoot())
    case .geluTanh: x * referenceSigmoid(2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))
    case .silu: x * referenceSigmoid(x)
    case .hardSiLU: x * min(max((x + 3) / 6, 0), 1)
    case .mish: referenceMish(x)
    case .sigmoid: referenceSigmoid(x)
    case .hardSigmoid: min(max((x + 3) / 6, 0), 1)
    case .logSigmoid: -referenceSoftplus(-x)
    case .sparseSigmoid: min(max((x + 1) / 2, 0), 1)
    case .softplus: referenceSoftplus(x)
    case .softsign: x / (1 + abs(x))
    case .squareplus: referenceSquareplus(x, first)
    case .sparsePlus: x <= -1 ? 0 : x < 1 ? 0.25 * (x + 1) * (x + 1) : x
    case .exponential: exp(x)
    case .tanh: Glibc.tanh(x)
    case .hardTanh: min(max(x, -1), 1)
    case .tanhShrink: referenceTanhShrink(x)
    case .hardShrink: abs(x) > first ? x : 0
    case .softShrink: x > first ? x - first : x < -first ? x + first : 0
    case .threshold: x > first ? x : second
    case .erf: Glibc.erf(x)
    case .expm1: Glibc.expm1(x)
    case .log1p: Glibc.log1p(x)
    }
}

private func referenceReLU(_ activation: ElementwiseActivation, _ x: Double) -> Double {
    let threshold = Double(activation.third)
    return x > threshold ? min(x, Double(activation.second)) : Double(activation.first) * (x - threshold)
}

private func referenceSigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

private func referenceSoftplus(_ x: Double) -> Double { x > 40 ? x : log1p(exp(x)) }

private func referenceSquareplus(_ x: Double, _ b: Double) -> Double {
    let root = (x * x + b).squareRoot()
    return x < 0 ? b / (root - x) / 2 : (x + root) / 2
}

private func referenceMish(_ x: Double) -> Double {
    guard x < 30 else { return x }
    let n = exp(x) * (exp(x) + 2)
    return x * n / (n + 2)
}

/// The Taylor series near 0, where the difference cancels.
private func referenceTanhShrink(_ x: Double) -> Double {
    guard abs(x) < 0.35 else { return x - tanh(x) }
    let coefficients: [Double] = [
        -0.000590027440945586, 0.00145583438705132, -0.00359212803657248, 0.00886323552990220, -0.0218694885361552,
        0.0539682539682540, -0.133333333333333, 0.333333333333333,
    ]
    return x * x * x * coefficients.reduce(0) { $0 * x * x + $1 }
}

/// How far a float32 is from a float64 reference, in units in the last place of the reference's float32 binade. 0 for
/// a NaN where one is due and for what overflows alike; infinity where just one of them is NaN or infinite.
func ulpDistance(_ value: Float, _ reference: Double) -> Double {
    if value.isNaN || reference.isNaN { return value.isNaN && reference.isNaN ? 0 : .infinity }
    if value.isInfinite { return abs(reference) > 3.4028234e38 && (value > 0) == (reference > 0) ? 0 : .infinity }
    let exponent = reference == 0 ? -126 : max(Int(reference.exponent), -126)
    return abs(Double(value) - reference) / Double(sign: .plus, exponent: exponent - 23, significand: 1)
}
