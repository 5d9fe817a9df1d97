/// `tanh(a)` for `a` of 0.6 and more.
@inline(__always)
private func largeTanh(_ a: Lanes) -> Lanes {
    // From 10 on the result rounds to 1.
    let limited = atMost(10, a)
    let parts = exponentialParts(limited + limited)
    return 1 - 2 / fma(parts.high, powerOfTwo(parts.exponent), 1)
}

/// `tanh(x)`. For `|x|` below 0.625 `x + x^3 p(x^2)`, `p` of degree 4 by the fit that `exponentialParts` describes,
/// relative error 2^-27.5; above it `1 - 2 / (exp(2 |x|) + 1)`.
@inline(__always)
func hyperbolicTangent(_ x: Lanes) -> Lanes {
    let t = x * x
    var p = fma(Lanes(repeating: -0x1.71b32p-8), t, 0x1.513a54p-6)
    p = fma(p, t, -0x1.b818bp-5)
    p = fma(p, t, 0x1.11061ap-3)
    p = fma(p, t, -0x1.55552ep-2)
    let a = magnitude(x)
    return copySign(select(a .< 0.625, fma(p * t, a, a), largeTanh(a)), x)
}

/// `x - tanh(x)`. For `|x|` below 1.2 `x^3 p(x^2)`, `p` of degree 8 by the same fit, relative error 2^-25.
@inline(__always)
func tanhShrink(_ x: Lanes) -> Lanes {
    let t = x * x
    var p = fma(Lanes(repeating: 0x1.37d76ap-15), t, -0x1.3cfd1ep-12)
    p = fma(p, t, 0x1.3e749p-10)
    p = fma(p, t, -0x1.cadec6p-9)
    p = fma(p, t, 0x1.22c942p-7)
    p = fma(p, t, -0x1.66aa48p-6)
    p = fma(p, t, 0x1.ba2952p-5)
    p = fma(p, t, -0x1.111166p-3)
    p = fma(p, t, 0x1.555556p-2)
    // Adding 0 makes 0 of -0, as the subtraction does.
    let small = (x * t) * p + 0
    let a = magnitude(x)
    return select(a .< 1.2, small, x - copySign(largeTanh(a), x))
}
