/// `jax.random`'s numbers for a key of the words `[seed, 0]`, as Keras's jax backend draws them: each from its position alone.
///
/// Source: `jax/_src/prng.py` (`threefry_2x32`, `iota_2x32_shape`) and `jax/_src/random.py`; Salmon and others, "Parallel
/// Random Numbers: As Easy as 1, 2, 3" (2011).
struct ThreefryArrays {
    let seed: UInt32

    func draw(_ distribution: RandomDistribution, _ shape: Shape) -> Tensor {
        switch distribution {
        case .uniform(let minimum, let maximum):
            let (low, high) = (Float(minimum), Float(maximum))
            return fill(shape) { uniform(at: $0, low, high) }
        case .normal(let mean, let stddev):
            let (mean, stddev) = (Float(mean), Float(stddev))
            return fill(shape) { index in
                Self.root * XLAFunctions.inverseErrorFunction(uniform(at: index, Float(-1).nextUp, 1)) * stddev + mean
            }
        case .truncatedNormal(let mean, let stddev):
            let (mean, stddev) = (Float(mean), Float(stddev))
            return fill(shape) { index in
                let point = uniform(at: index, -Self.errorFunctionOfBound, Self.errorFunctionOfBound)
                let value = Self.root * XLAFunctions.inverseErrorFunction(point)
                return min(max(value, Float(-2).nextUp), Float(2).nextDown) * stddev + mean
            }
        }
    }

    private static let root = Float(2).squareRoot()
    /// `erf(2 / sqrt(2))`, by XLA.
    private static let errorFunctionOfBound: Float = 0x1.e8b43p-1

    private func fill(_ shape: Shape, _ value: (UInt64) -> Float) -> Tensor {
        unsafe Tensor(shape: shape) { elements in
            for index in elements.indices { unsafe elements.initializeElement(at: index, to: value(UInt64(index))) }
        }
    }

    private func uniform(at index: UInt64, _ low: Float, _ high: Float) -> Float {
        // XLA's compiler makes one operation of the product and the sum.
        max(low, low.addingProduct(Float(unitBits: bits(at: index) >> 9), high - low))
    }

    /// 32 bits: the two words of the cipher's answer to the position's, one on the other.
    func bits(at index: UInt64) -> UInt32 {
        let keys = SIMD4<UInt32>(seed, 0, seed ^ 0x1BD1_1BDA, 0)
        var first = UInt32(truncatingIfNeeded: index >> 32) &+ keys[0]
        var second = UInt32(truncatingIfNeeded: index) &+ keys[1]
        for group in 0..<5 {
            if group.isMultiple(of: 2) {
                Self.mix(&first, &second, 13, 15, 26, 6)
            } else {
                Self.mix(&first, &second, 17, 29, 16, 24)
            }
            first = first &+ keys[(group + 1) % 3]
            second = second &+ keys[(group + 2) % 3] &+ UInt32(group + 1)
        }
        return first ^ second
    }

    /// Four rounds, of these rotations.
    private static func mix(
        _ first: inout UInt32, _ second: inout UInt32, _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32
    ) {
        func round(_ rotation: UInt32) {
            first = first &+ second
            second = (second &<< rotation | second &>> (32 &- rotation)) ^ first
        }
        round(a)
        round(b)
        round(c)
        round(d)
    }
}

/// Functions as XLA's CPU compiler has them in float32, operation by operation: their last bits are its own, and no libm's.
enum XLAFunctions {
    /// Source: Giles, "Approximating the erfinv function" (2010).
    static func inverseErrorFunction(_ x: Float) -> Float {
        let w = -logarithmOfOnePlus(-(x * x))
        guard w < 5 else { return x * polynomial(w.squareRoot() - 3, far) }
        return x * polynomial(w - 2.5, near)
    }

    private static let near: [Float] = [
        2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
        0.246640727, 1.50140941,
    ]
    private static let far: [Float] = [
        -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
        1.00167406, 2.83297682,
    ]

    /// Near 0 by Cephes's rational function.
    static func logarithmOfOnePlus(_ x: Float) -> Float {
        guard abs(x) < Float(2).squareRoot() - 1 else { return logarithm(1 + x) }
        let square = x * x
        let quotient = polynomial(x, numerator) / polynomial(x, denominator)
        return x + (x * square * quotient).addingProduct(-0.5, square)
    }

    private static let numerator: [Float] = [
        4.5270000862445199635215e-5, 4.9854102823193375972212e-1, 6.5787325942061044846969, 2.9911919328553073277375e1,
        6.0949667980987787057556e1, 5.7112963590585538103336e1, 2.0039553499201281259648e1,
    ]
    private static let denominator: [Float] = [
        1, 1.5062909083469192043167e1, 8.3047565967967209469434e1, 2.2176239823732856465394e2,
        3.0909872225312059774938e2, 2.1642788614495947685003e2, 6.0118660497603843919306e1,
    ]

    /// Of a positive normal number, by Cephes's polynomial.
    static func logarithm(_ x: Float) -> Float {
        var exponent = Float(Int(x.bitPattern >> 23) - 126)
        let half = Float(bitPattern: x.bitPattern & 0x007f_ffff | 0x3f00_0000)
        var r = half - 1
        if half < 0.707106781186547524 {
            exponent -= 1
            r += half
        }
        let square = r * r
        let cube = square * r
        let c = coefficients
        // In three parts, by powers of the cube.
        let first = c[2].addingProduct(c[1].addingProduct(c[0], r), r)
        let second = c[5].addingProduct(c[4].addingProduct(c[3], r), r)
        let third = c[8].addingProduct(c[7].addingProduct(c[6], r), r)
        let sum = third.addingProduct(second.addingProduct(first, cube), cube)
        let tail = (exponent * -2.12194440e-4).addingProduct(sum, cube)
        return (r - square * 0.5) + tail + exponent * 0.693359375
    }

    private static let coefficients: [Float] = [
        7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
        2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ]

    /// By Horner's rule, the highest power first.
    private static func polynomial(_ x: Float, _ coefficients: [Float]) -> Float {
        var sum = coefficients[0]
        for index in 1..<coefficients.count { sum = coefficients[index].addingProduct(sum, x) }
        return sum
    }
}
