/// `1 / (1 + exp(-x - tail))` as `value * 2^exponent`, for `|x|` up to `limit` (at most 300); beyond it as at the limit.
/// `value` is in 0.25 ... 1.42 and right to half an ulp and a bit.
@inline(__always)
func sigmoidParts(_ x: Lanes, tail: Lanes? = nil, limit: Float) -> (value: Lanes, exponent: LaneBits) {
    // With e = exp(-|x|), the result is 1 / (1 + e), or e / (1 + e) for negative x.
    let negative = x .< 0
    var signedTail: Lanes?
    if let tail { signedTail = select(negative, tail, negated(tail)) }
    let parts = exponentialParts(atLeast(-limit, negativeMagnitude(x)), tail: signedTail)
    let scale = powerOfTwo(normalExponent(parts.exponent))
    let e = parts.high * scale
    let denominator = 1 + e
    let denominatorLow = fma(parts.low, scale, (1 - denominator) + e)
    let numerator = select(negative, parts.high, Lanes(repeating: 1))
    let numeratorLow = select(negative, parts.low, Lanes(repeating: 0))
    // One Newton step on the quotient, with all low parts.
    let reciprocal = 1 / denominator
    let quotient = numerator * reciprocal
    let minus = negated(quotient)
    let remainder = fma(minus, denominator, numerator) + fma(minus, denominatorLow, numeratorLow)
    // The sign bit, spread over the lane, keeps the exponent of negative x and drops the other.
    return (fma(remainder, reciprocal, quotient), parts.exponent & (bits(x) &>> 31))
}

/// `1 / (1 + exp(-x))`.
@inline(__always)
func sigmoid(_ x: Lanes) -> Lanes {
    let (value, exponent) = sigmoidParts(x, limit: 104)
    return scaledProduct(Lanes(repeating: 1), value, exponent)
}

/// `x * sigmoid(y + tail)`, and NaN for an `x` of negative infinity. `y` must go below -112 wherever `x` does.
@inline(__always)
func timesSigmoid(_ x: Lanes, _ y: Lanes, tail: Lanes? = nil) -> Lanes {
    // Below -112 the product rounds to -0, so there x need not be exact.
    let (value, exponent) = sigmoidParts(y, tail: tail, limit: 112)
    let product = scaledProduct(atLeast(-112, x), value, exponent)
    return product.replacing(with: Lanes(repeating: .nan), where: x .< -Float.greatestFiniteMagnitude)
}
