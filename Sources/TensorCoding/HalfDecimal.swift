import DenseEngine

/// The shortest decimal that reads back to the same number of a 16-bit type; of several that short, the one nearest to it.
///
/// There are 31,744 magnitudes of float16 and 32,640 of bfloat16, so they are all found once, by trying one digit more until
/// the number reads back, and looked up from then on.
struct HalfDecimal {
    /// Nine digits, with zeros at the end; none for zero.
    let digits: UInt32
    /// The decimal exponent of the first digit.
    let exponent: Int8

    /// By the bits without the sign, as far as they are of numbers.
    static let float16 = all(.float16)
    static let bfloat16 = all(.bfloat16)

    static func table(_ type: DType) -> [HalfDecimal]? {
        switch type {
        case .float16: float16
        case .bfloat16: bfloat16
        case .float32, .float64: nil
        }
    }

    /// The place of a value of the type in its table.
    @inline(__always)
    static func index(of value: Float, _ type: DType) -> Int {
        let bits = type == .float16 ? DType.float16Bits(value) : DType.bfloat16Bits(value)
        return Int(bits & 0x7FFF)
    }

    private static func all(_ type: DType) -> [HalfDecimal] {
        let end: UInt16 = type == .float16 ? 0x7C00 : 0x7F80
        var table = [HalfDecimal(digits: 0, exponent: 0)]
        table.reserveCapacity(Int(end))
        // Of the number before, which is less.
        var exponent = -46
        for bits in 1..<end {
            let float = type == .float16 ? DType.float(float16: bits) : DType.float(bfloat16: bits)
            let value = Double(float)
            while value >= power(exponent + 1) { exponent += 1 }
            table.append(shortest(value, exponent, float, type))
        }
        return table
    }

    /// - Parameter exponent: of the value's first digit.
    private static func shortest(_ value: Double, _ exponent: Int, _ float: Float, _ type: DType) -> HalfDecimal {
        for count in 1...9 {
            let scaled = scale(value, by: count - 1 - exponent)
            let nearest = scaled.rounded(.toNearestOrEven)
            // The interval of what reads back is not the same on both sides everywhere, so the second nearest may be in it.
            for candidate in [nearest, nearest > scaled ? nearest - 1 : nearest + 1] where candidate > 0 {
                guard type.rounded(scale(candidate, by: exponent - count + 1)) == float else { continue }
                let isLonger = candidate >= power(count)
                let nine = isLonger ? power(8) : candidate * power(9 - count)
                return HalfDecimal(digits: UInt32(nine), exponent: Int8(exponent + (isLonger ? 1 : 0)))
            }
        }
        // Not reached: nine digits tell all float32 apart, and so do fewer these.
        return HalfDecimal(digits: 0, exponent: 0)
    }

    /// Powers of ten in a double: exact up to 22, then as near as is needed here.
    private static func power(_ exponent: Int) -> Double {
        var (power, factor, rest) = (1.0, 10.0, exponent.magnitude)
        while rest > 0 {
            if rest & 1 == 1 { power *= factor }
            factor *= factor
            rest >>= 1
        }
        return exponent < 0 ? 1 / power : power
    }

    private static func scale(_ value: Double, by exponent: Int) -> Double {
        exponent < 0 ? value / power(-exponent) : value * power(exponent)
    }
}
