/// `exp(x)` as `(high + low) * 2^exponent`, with `high` in 0.7 ... 1.42; `fraction` is `high - 1` before rounding. What
/// is made of an exponential scales as the last step, so that a subnormal result is rounded once.
///
/// A tuple, since a structure's witnesses would be weak symbols built for one instruction set.
typealias ExponentialParts = (fraction: Lanes, high: Lanes, low: Lanes, exponent: LaneBits)

/// The parts of `exp(x + tail)` for `|x|` up to 300 and a `tail` below an ulp or so of `x`.
///
/// `x = n ln 2 + r` with `|r| <= ln(2) / 2`; `exp(r) = 1 + r + r^2 p(r)`, `p` of degree 4 by weighted minimax fit
/// (Lawson's iteration, coefficients rounded to float32 one after the other, the rest refitted), relative error 2^-28.2.
@inline(__always)
func exponentialParts(_ x: Lanes, tail: Lanes? = nil) -> ExponentialParts {
    let shifted = fma(x, Lanes(repeating: 0x1.715476p0), integerMagic)
    let exponent = bits(shifted) &- integerMagicBits
    let n = shifted - integerMagic
    // The high part of ln 2 has 15 bits, so that n times it is exact.
    var r = fma(n, Lanes(repeating: -0x1.7f7d1cp-20), fma(n, Lanes(repeating: -0x1.62e4p-1), x))
    if let tail { r += tail }
    var p = fma(Lanes(repeating: 0x1.6a4d3ap-10), r, 0x1.12399p-7)
    p = fma(p, r, 0x1.5558bp-5)
    p = fma(p, r, 0x1.555492p-3)
    p = fma(p, r, 0x1.fffffcp-2)
    let fraction = fma(p, r * r, r)
    let high = 1 + fraction
    return (fraction, high, fraction - (high - 1), exponent)
}

/// `exp(x)`.
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
    // Below -104 the result rounds to 0, above 89 it overflows.
    let parts = exponentialParts(atMost(89, atLeast(-104, x)))
    return scaledProduct(Lanes(repeating: 1), parts.high, parts.exponent)
}

/// `exp(x) - 1`.
@inline(__always)
func exponentialMinusOne(_ x: Lanes) -> Lanes {
    // Below -26 the result rounds to -1. 2^128 has no float32, so half of it is used and the sum doubled.
    let parts = exponentialParts(atMost(89, atLeast(-26, x)))
    let half = ((0 &- parts.exponent) &>> 31) & 1
    let scale = powerOfTwo(parts.exponent &- half)
    return fma(scale, parts.fraction, scale - powerOfTwo(0 &- half)) * powerOfTwo(half)
}

/// `exp(x) - 1` for `x <= 0`.
@inline(__always)
func exponentialMinusOne(nonPositive x: Lanes) -> Lanes {
    let parts = exponentialParts(atLeast(-26, x))
    let scale = powerOfTwo(parts.exponent)
    return fma(scale, parts.fraction, scale - 1)
}

/// `exp(x)` for `x <= 0`.
@inline(__always)
func exponential(nonPositive x: Lanes) -> Lanes {
    let parts = exponentialParts(atLeast(-104, x))
    return scaledProduct(Lanes(repeating: 1), parts.high, parts.exponent)
}
