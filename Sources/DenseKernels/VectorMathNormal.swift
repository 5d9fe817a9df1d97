/// A step of Horner's scheme, `(high + low) * a + c`, in two parts.
@inline(__always)
private func compensated(_ high: Lanes, _ low: Lanes, _ a: Lanes, _ c: Float) -> (high: Lanes, low: Lanes) {
    let sum = fma(high, a, c)
    return (sum, fma(low, a, fma(high, a, negated(sum)) + c))
}

/// The same of one part.
@inline(__always)
private func compensated(_ high: Lanes, _ a: Lanes, _ c: Float) -> (high: Lanes, low: Lanes) {
    let sum = fma(high, a, c)
    return (sum, fma(high, a, negated(sum)) + c)
}

/// `exp(a^2 / 2) * P(X > a)` for a standard normal `X` and `a` in 0 ... 15, in two parts.
///
/// A quotient of polynomials of degrees 4 and 5 by weighted minimax fit (Loeb's and Lawson's iterations, coefficients
/// rounded to float32 one after the other, the rest refitted), relative error 2^-26. All coefficients are positive, so
/// that nothing cancels. The low part holds what the last three steps of each and the division round away.
@inline(__always)
private func scaledUpperTail(_ a: Lanes) -> (high: Lanes, low: Lanes) {
    let p1 = fma(Lanes(repeating: 0x1.0c22aep-8), a, 0x1.4ba718p-5)
    let p2 = compensated(p1, a, 0x1.766c9ap-3)
    let p3 = compensated(p2.high, p2.low, a, 0x1.c04b1p-2)
    let (numerator, numeratorLow) = compensated(p3.high, p3.low, a, 0.5)
    var q = fma(Lanes(repeating: 0x1.500dd6p-7), a, 0x1.9fb10ap-4)
    q = fma(q, a, 0x1.df9e5cp-2)
    let q3 = compensated(q, a, 0x1.336c44p0)
    let q4 = compensated(q3.high, q3.low, a, 0x1.ac67b6p0)
    let (denominator, denominatorLow) = compensated(q4.high, q4.low, a, 1)
    let reciprocal = 1 / denominator
    let quotient = numerator * reciprocal
    let minus = negated(quotient)
    let remainder = fma(minus, denominator, numerator) + fma(minus, denominatorLow, numeratorLow)
    return (quotient, remainder * reciprocal)
}

/// `x * P(X < x)` for a standard normal `X`, which is `x / 2 * (1 + erf(x / sqrt(2)))`; NaN for negative infinity.
@inline(__always)
func timesNormalDistribution(_ x: Lanes) -> Lanes {
    // From 15 on the probability of exceeding |x| matters no more, below -15 the product rounds to -0.
    let a = atMost(15, magnitude(x))
    let square = a * a
    let squareLow = fma(a, a, negated(square))
    let parts = exponentialParts(-0.5 * square, tail: -0.5 * squareLow)
    let tail = scaledUpperTail(a)
    let product = fma(parts.high, tail.high, fma(parts.low, tail.high, parts.high * tail.low))
    let lower = scaledProduct(atLeast(-15, x), product, parts.exponent)
    let upper = x * (1 - product * powerOfTwo(normalExponent(parts.exponent)))
    let result = select(x .< 0, lower, upper)
    return result.replacing(with: Lanes(repeating: .nan), where: x .< -Float.greatestFiniteMagnitude)
}

/// The error function. For `|x|` below 0.92 `x + x p(x^2)`, `p` of degree 5 by the fit that `exponentialParts`
/// describes, relative error 2^-25.8; above it one less twice the normal distribution's upper tail.
@inline(__always)
func errorFunction(_ x: Lanes) -> Lanes {
    let square = x * x
    var p = fma(Lanes(repeating: -0x1.390c76p-11), square, 0x1.46fe8ep-8)
    p = fma(p, square, -0x1.b6821p-6)
    p = fma(p, square, 0x1.ce19eap-4)
    p = fma(p, square, -0x1.8126e4p-2)
    p = fma(p, square, 0x1.06eba6p-3)
    let small = fma(p, x, x)
    // From 4 on the result rounds to 1.
    let a = magnitude(x)
    let limited = atMost(4, a)
    let parts = exponentialParts(negated(limited * limited))
    let tail = scaledUpperTail(limited * 0x1.6a09e6p0)
    let large = fma(parts.high * tail.high, -2 * powerOfTwo(parts.exponent), 1)
    return select(a .< 0.92, small, copySign(large, x))
}
