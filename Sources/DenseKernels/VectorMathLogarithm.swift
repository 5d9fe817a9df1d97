/// `log(1 + f)` for `f` in -0.25 ... 0.5: `f - f^2 / 2 + f^3 p(f)`, `p` of degree 7 by the fit that `exponentialParts`
/// describes, relative error 2^-27.6.
@inline(__always)
private func reducedLogarithm(_ f: Lanes) -> Lanes {
    var p = fma(Lanes(repeating: -0x1.7167f4p-5), f, 0x1.acbb32p-4)
    p = fma(p, f, -0x1.0d97e4p-3)
    p = fma(p, f, 0x1.2885bap-3)
    p = fma(p, f, -0x1.54ee96p-3)
    p = fma(p, f, 0x1.99696ap-3)
    p = fma(p, f, -0x1.000044p-2)
    p = fma(p, f, 0x1.5555a4p-2)
    p = fma(p, f, -0.5)
    return fma(p, f * f, f)
}

/// `log(1 + x)`.
@inline(__always)
func logarithmOfOnePlus(_ x: Lanes) -> Lanes {
    // 1 + x = 2^k (1 + f) with 1 + f in 0.75 ... 1.5. f = 2^-k x + (2^-k - 1) is rounded once, since the bracket is
    // exact, or tiny against the rest.
    let k = (bits(1 + x) &- 0x3f40_0000) &>> 23
    // For large x, 2^-k may have no float32: it is taken in two steps, and the 2^-k beside x is nothing.
    let large = x .> 0x1p60
    let step = bits(select(large, lanes(LaneBits(repeating: 60)), Lanes(repeating: 0)))
    let scale = powerOfTwo(step &- k)
    let f = fma(x * powerOfTwo(0 &- step), scale, select(large, Lanes(repeating: -1), scale - 1))
    let n = lanes(k &+ integerMagicBits) - integerMagic
    let result = fma(n, Lanes(repeating: 0x1.62e4p-1), fma(n, Lanes(repeating: 0x1.7f7d1cp-20), reducedLogarithm(f)))
    return select((x .== 0) .| (x .> Float.greatestFiniteMagnitude), x, result)
        .replacing(with: Lanes(repeating: -.infinity), where: x .== -1)
        .replacing(with: Lanes(repeating: .nan), where: x .< -1)
}

/// `log(1 + x)` for `x` in 0 ... 1.
@inline(__always)
func logarithmOfOnePlus(unit x: Lanes) -> Lanes {
    // Above 0.5, 1 + x = 2 (1 + f) with f = (x - 1) / 2, which is exact.
    let upper = x .> 0.5
    let f = select(upper, fma(x, 0.5, Lanes(repeating: -0.5)), x)
    let logarithm = reducedLogarithm(f)
    return select(upper, 0x1.62e4p-1 + (0x1.7f7d1cp-20 + logarithm), logarithm)
}

/// `log(1 + exp(x))`.
@inline(__always)
func softplus(_ x: Lanes) -> Lanes {
    let exponential = exponential(nonPositive: negativeMagnitude(x))
    return x.replacing(with: Lanes(repeating: 0), where: x .< 0) + logarithmOfOnePlus(unit: exponential)
}
