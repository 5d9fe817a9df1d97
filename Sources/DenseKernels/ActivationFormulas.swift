// The activations that need no more than arithmetic, and those that are vector functions with arguments. NaN and
// infinite inputs give what Keras's numpy backend gives: where it compares with `where`, NaN takes the last branch.

/// `keras.activations.relu` with all its arguments, in Keras's order of operations. `maximum` is infinity for none.
@inline(__always)
func relu(_ x: Lanes, negativeSlope: Float, maximum: Float, threshold: Float) -> Lanes {
    if negativeSlope != 0 && maximum == .infinity && threshold == 0 { return leakyReLU(x, negativeSlope) }
    var positive = threshold == 0 ? reluOfZero(x) : select(x .> threshold, x, Lanes(repeating: 0))
    if maximum != .infinity { positive = atMost(maximum, reluOfZero(positive)) }
    guard negativeSlope != 0 else { return positive }
    return positive - negativeSlope * reluOfZero(threshold == 0 ? negated(x) : threshold - x)
}

/// `max(x, 0)`: NaN for NaN, 0 for -0.
@inline(__always)
func reluOfZero(_ x: Lanes) -> Lanes { x.replacing(with: Lanes(repeating: 0), where: x .<= 0) }

/// `max(x, slope * x)`, NaN when either is, as infinity times a slope of 0.
@inline(__always)
func leakyReLU(_ x: Lanes, _ slope: Float) -> Lanes {
    let scaled = slope * x
    return select((x .> scaled), x, scaled)
}

/// `x >= 0 ? scale * x : alpha * (exp(x) - 1)`
@inline(__always)
func elu(_ x: Lanes, alpha: Float, scale: Float) -> Lanes {
    let negative = alpha * exponentialMinusOne(nonPositive: atMost(0, x))
    return select(x .>= 0, scale * x, negative)
}

/// `max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)`
@inline(__always)
func celu(_ x: Lanes, alpha: Float) -> Lanes {
    reluOfZero(x) + alpha * exponentialMinusOne(atMost(0, x) / alpha)
}

/// `x / 6 + 0.5`, clipped to 0 ... 1, as `(x + 3) / 6`, which does not cancel near -3.
@inline(__always)
func hardSigmoid(_ x: Lanes) -> Lanes {
    // The product with 1/6 in two parts is right to the last bit.
    let sum = x + 3
    let value = fma(sum, Lanes(repeating: 0x1.555556p-3), sum * -0x1.555556p-28)
    return value.replacing(with: Lanes(repeating: 0), where: x .<= -3).replacing(
        with: Lanes(repeating: 1), where: x .>= 3)
}

/// `0.5 * (x + 1)`, clipped to 0 ... 1.
@inline(__always)
func sparseSigmoid(_ x: Lanes) -> Lanes {
    (0.5 * (x + 1)).replacing(with: Lanes(repeating: 1), where: x .>= 1)
        .replacing(with: Lanes(repeating: 0), where: x .<= -1)
}

/// 0 up to -1, `0.25 * (x + 1)^2` up to 1, `x` above.
@inline(__always)
func sparsePlus(_ x: Lanes) -> Lanes {
    let sum = x + 1
    return select(x .< 1, 0.25 * (sum * sum), x).replacing(with: Lanes(repeating: 0), where: x .<= -1)
}

/// `x / (1 + |x|)`
@inline(__always)
func softsign(_ x: Lanes) -> Lanes { x / (1 + magnitude(x)) }

/// `x > t ? x - t : x < -t ? x + t : 0`
@inline(__always)
func softShrink(_ x: Lanes, threshold: Float) -> Lanes {
    select(x .> threshold, x - threshold, select(x .< -threshold, x + threshold, Lanes(repeating: 0)))
}

/// `|x| > t ? x : 0`
@inline(__always)
func hardShrink(_ x: Lanes, threshold: Float) -> Lanes {
    select(magnitude(x) .> threshold, x, Lanes(repeating: 0))
}

/// `(x + sqrt(x^2 + b)) / 2`
@inline(__always)
func squareplus(_ x: Lanes, b: Float) -> Lanes {
    // Scaled by a power of two where the square would overflow, or underflow beside a tiny b.
    let a = magnitude(x)
    let large = a .> 0x1p60
    var scale = select(large, Lanes(repeating: 0x1p-68), Lanes(repeating: 1))
    var halfUnscale = select(large, Lanes(repeating: 0x1p67), Lanes(repeating: 0.5))
    if b.magnitude < 0x1p-80 {
        let small = a .< 0x1p-40
        scale = select(small, Lanes(repeating: 0x1p100), scale)
        halfUnscale = select(small, Lanes(repeating: 0x1p-101), halfUnscale)
    }
    let scaled = x * scale
    let scaledB = b * scale
    let root = squareRoot(fma(scaled, scaled, scaledB * scale))
    // For negative x the sum cancels; it equals b / (sqrt(x^2 + b) - x).
    let result = select(scaled .< 0, 0.5 * scaledB / (root - scaled), (scaled + root) * halfUnscale)
    return select(x .> Float.greatestFiniteMagnitude, x, result)
}

/// `x * tanh(softplus(x))`, which is `x * n / (n + 2)` with `n = exp(x) * (exp(x) + 2)`.
@inline(__always)
func mish(_ x: Lanes) -> Lanes {
    // Above 10 the factor rounds to 1, below -112 the product rounds to -0.
    let limited = atLeast(-112, x)
    let parts = exponentialParts(atMost(10, limited))
    let e = parts.high * powerOfTwo(normalExponent(parts.exponent))
    let sum = e + 2
    let sumLow = e - (sum - 2)
    let numerator = parts.high * sum
    let numeratorLow = fma(parts.high, sum, negated(numerator)) + fma(parts.low, sum, parts.high * sumLow)
    let denominator = fma(e, sum, 2)
    let denominatorLow = fma(e, sumLow, fma(e, sum, 2 - denominator))
    // One Newton step on the quotient, with the low parts.
    let reciprocal = 1 / denominator
    let quotient = numerator * reciprocal
    let minus = negated(quotient)
    let remainder = fma(minus, denominator, numerator) + fma(minus, denominatorLow, numeratorLow)
    let factor = fma(remainder, reciprocal, quotient)
    return select(x .> 10, x, scaledProduct(atMost(10, limited), factor, parts.exponent))
        .replacing(with: Lanes(repeating: .nan), where: x .< -Float.greatestFiniteMagnitude)
}

/// `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`, which is
/// `x * sigmoid(2 sqrt(2 / pi) * (x + 0.044715 * x^3))`.
@inline(__always)
func geluTanh(_ x: Lanes) -> Lanes {
    // The argument is carried in two parts, since the exponential multiplies its relative error by up to 100. From 11
    // on the sigmoid rounds to 1, below -11 the product rounds to -0.
    let limited = atMost(11, atLeast(-11, x))
    let square = limited * limited
    let squareLow = fma(limited, limited, negated(square))
    let cubic = Lanes(repeating: 0x1.2444f2p-4)
    let product = cubic * square
    let productLow = fma(cubic, square, negated(product))
    let linear: Float = 0x1.988454p0
    let factor = linear + product
    let back = factor - linear
    let factorLow =
        (((linear - (factor - back)) + (product - back)) + productLow)
        + fma(cubic, squareLow, fma(square, 0x1.49b16ap-29, Lanes(repeating: -0x1.857936p-25)))
    let argument = limited * factor
    let argumentLow = fma(limited, factor, negated(argument)) + limited * factorLow
    return timesSigmoid(x, argument, tail: argumentLow)
}
