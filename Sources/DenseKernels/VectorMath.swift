internal import CVectors

// Functions of 16 float32 lanes. Each lane is computed alone, with one fixed sequence of IEEE operations and explicit
// fused multiply-adds, without branches or tables: the same input gives the same bits in every lane and on every
// instruction set.
//
// The worst errors against float64 over all 2^32 inputs, in units in the last place, as `dense-bench activations
// --exhaustive` finds them (NaN and infinities are where Keras has them):
//
//     exp 1.02      sigmoid 1.01       gelu 3.31       elu 0.94              softsign 1.50
//     expm1 1.47    softplus 1.69      geluTanh 1.94   elu, alpha 0.3 1.61   squareplus 2.75
//     log1p 1.27    logSigmoid 1.69    silu 1.73       selu 1.90             hardSigmoid 1.00
//     tanh 1.34     tanhShrink 3.26    mish 1.80       celu 0.94             hardSiLU 1.88
//     erf 1.45                                         celu, alpha 0.7 2.10  sparsePlus 1.92

typealias Lanes = SIMD16<Float>
typealias LaneBits = SIMD16<Int32>
typealias LaneMask = SIMDMask<LaneBits>

@inline(__always)
func bits(_ x: Lanes) -> LaneBits { unsafe unsafeBitCast(x, to: LaneBits.self) }

@inline(__always)
func lanes(_ bits: LaneBits) -> Lanes { unsafe unsafeBitCast(bits, to: Lanes.self) }

/// `|x|`, of NaN too.
@inline(__always)
func magnitude(_ x: Lanes) -> Lanes { lanes(bits(x) & LaneBits(repeating: 0x7fff_ffff)) }

/// `-x`. The operator computes `0 - x`, which makes 0 of 0 where -0 is meant.
@inline(__always)
func negated(_ x: Lanes) -> Lanes { lanes(bits(x) ^ LaneBits(repeating: .min)) }

/// `-|x|`.
@inline(__always)
func negativeMagnitude(_ x: Lanes) -> Lanes { lanes(bits(x) | LaneBits(repeating: .min)) }

/// `magnitude`, which must not be negative, with the sign of `sign`.
@inline(__always)
func copySign(_ magnitude: Lanes, _ sign: Lanes) -> Lanes {
    lanes(bits(magnitude) | (bits(sign) & LaneBits(repeating: .min)))
}

/// `x`, but not above `limit`; NaN stays NaN.
@inline(__always)
func atMost(_ limit: Float, _ x: Lanes) -> Lanes { x.replacing(with: Lanes(repeating: limit), where: x .> limit) }

/// `x`, but not below `limit`; NaN stays NaN.
@inline(__always)
func atLeast(_ limit: Float, _ x: Lanes) -> Lanes { x.replacing(with: Lanes(repeating: limit), where: x .< limit) }

/// Added to a value of magnitude below 2^22, 1.5 * 2^23 rounds it to an integer, which it leaves in the low bits.
let integerMagic: Float = 0x1.8p23
let integerMagicBits: Int32 = 0x4b40_0000

/// `2^n` for `n` in -126 ... 127.
@inline(__always)
func powerOfTwo(_ n: LaneBits) -> Lanes { lanes((n &+ 127) &<< 23) }

/// `n`, but not below -126, the least exponent `powerOfTwo` has.
@inline(__always)
func normalExponent(_ n: LaneBits) -> LaneBits { vector_greater_bits(n, LaneBits(repeating: -126)) }

/// `a * b * 2^n` for `n` in -252 ... 254, where neither `a * 2^(n/2)` nor `b * 2^(n/2)` may overflow. A subnormal
/// result has lost no more than roundings at its own precision.
@inline(__always)
func scaledProduct(_ a: Lanes, _ b: Lanes, _ n: LaneBits) -> Lanes {
    let half = n &>> 1
    return (a * powerOfTwo(half)) * (b * powerOfTwo(n &- half))
}

/// The square root of `x`, which must be 0 or in 2^-100 ... 2^126; NaN for what is negative. (The standard library's
/// `squareRoot()` calls the C library lane by lane.)
@inline(__always)
func squareRoot(_ x: Lanes) -> Lanes {
    // Halving the exponent gives 1 / sqrt(x) to 4 %; each Newton step squares the error.
    var y = lanes(LaneBits(repeating: 0x5f37_59df) &- (bits(x) &>> 1))
    let halfNegated = -0.5 * x
    for _ in 0..<3 { y = fma(y, fma(halfNegated * y, y, 0.5), y) }
    let root = x * y
    let corrected = fma(fma(negated(root), root, x), 0.5 * y, root)
    return corrected.replacing(with: Lanes(repeating: .nan), where: x .< 0)
}
