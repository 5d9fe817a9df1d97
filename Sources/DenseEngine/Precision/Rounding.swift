internal import CCPUID
internal import CLowPrecision

/// Rounding to the types of 16 bits: to the nearest, ties to even, beyond the largest to an infinity, as IEEE 754, NumPy and
/// Keras's backends do. NaN stays NaN.
extension DType {
    /// Makes values of this type of some float32 in place. Float32 and float64 leave them as they are.
    package func round(_ values: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .float32, .float64: break
        case .bfloat16: unsafe round_bfloat16(values, count)
        case .float16: unsafe Self.roundFloat16(values, count)
        }
    }

    /// The nearest value of this type.
    package func rounded(_ value: Float) -> Float {
        var value = value
        unsafe round(&value, count: 1)
        return value
    }

    /// The nearest value of this type, in one rounding. Float64 has it exactly, so that what is given is the nearest float32.
    package func rounded(_ value: Double) -> Float {
        guard isHalf else { return Float(value) }
        return rounded(Self.roundedToOdd(value))
    }

    /// A float32 whose last bit says whether anything was lost: another rounding to fewer bits then gives what one
    /// rounding would have (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
    private static func roundedToOdd(_ value: Double) -> Float {
        let nearest = Float(value)
        guard Double(nearest) != value, !value.isNaN else { return nearest }
        let isAway = Double(nearest).magnitude > value.magnitude
        return Float(bitPattern: (isAway ? nearest.bitPattern - 1 : nearest.bitPattern) | 1)
    }

    private static let hasF16C = cpu_supports_avx2_fma()

    private static func roundFloat16(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
        #if arch(x86_64)
        if hasF16C { return unsafe round_float16_f16c(values, count) }
        #endif
        unsafe round_float16(values, count)
    }
}

extension Activation {
    /// The activation with its arguments rounded to a layer's type, as Keras's backends have them.
    func rounded(to type: DType) -> Activation {
        guard type.isHalf else { return self }
        func round(_ value: Double) -> Double { Double(type.rounded(value)) }
        switch self {
        case .relu(let negativeSlope, let maxValue, let threshold):
            return .relu(
                negativeSlope: round(negativeSlope), maxValue: maxValue.map(round), threshold: round(threshold))
        case .leakyReLU(let negativeSlope): return .leakyReLU(negativeSlope: round(negativeSlope))
        case .elu(let alpha): return .elu(alpha: round(alpha))
        case .celu(let alpha): return .celu(alpha: round(alpha))
        case .squareplus(let b): return .squareplus(b: round(b))
        case .hardShrink(let threshold): return .hardShrink(threshold: round(threshold))
        case .softShrink(let threshold): return .softShrink(threshold: round(threshold))
        case .threshold(let threshold, let value):
            return .threshold(threshold: round(threshold), value: round(value))
        case .linear, .relu6, .selu, .gelu, .silu, .hardSiLU, .mish, .sigmoid, .hardSigmoid, .logSigmoid,
            .sparseSigmoid, .softmax, .logSoftmax, .sparsemax, .softplus, .softsign, .sparsePlus, .exponential, .tanh,
            .hardTanh, .tanhShrink, .glu:
            return self
        }
    }
}
