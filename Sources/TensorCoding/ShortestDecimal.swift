/// The shortest decimal that reads back to the same float32; of several that short, the one nearest to the value.
///
/// The algorithm is Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2021), for float32: it takes
/// the one decimal exponent at which the interval of decimals that round to the value holds at least one candidate, and
/// at most one that is a digit shorter. Three multiplications with a 64-bit power of ten find the interval and the value
/// within it; no division by anything but constants, no loop and no branch.
struct ShortestDecimal {
    /// Digits, perhaps with zeros at the end, and the power of ten they count. Six to nine digits for a normal number.
    let digits: UInt32
    let exponent: Int32

    /// What all values of one binary exponent have in common.
    struct Scale {
        let power: UInt64
        /// A unit of the significand, in quarters of a unit of the decimal, as the power of two that the power of ten
        /// lacks; half of it is the way to the end of the interval above.
        let unit: UInt32
        /// The way to the end below, which is half as far below a power of two.
        let below: UInt16
        let exponent: Int16
    }

    /// The value of a finite float32, given by its bits without the sign, its scale and its significand.
    @inline(__always)
    init(bits: UInt32, significand: UInt32, scale: Scale) {
        // The decimals that round to the value lie half-way to its neighbours. Ties round to even, so the ends belong to
        // the interval when the significand is even.
        let center = significand &* scale.unit
        let open = bits & 1
        let low = Self.product(scale.power, center &- UInt32(scale.below)) &+ open
        let value = Self.product(scale.power, center)
        let high = Self.product(scale.power, center &+ scale.unit / 2) &- open

        // The one candidate a digit shorter, of the multiples of ten around the value; or else of the multiples of one
        // the one within the interval, or the nearer if both are. Computed side by side, as the choice is unforeseeable.
        let unit = value / 4
        let tens = unit / 10
        let tensBelow = Self.bit(low <= 40 &* tens)
        let tensAbove = Self.bit(40 &* tens &+ 40 <= high)
        let isShorter = (tensBelow ^ tensAbove) & Self.bit(unit >= 10)
        let below = Self.bit(low <= 4 &* unit)
        let above = Self.bit(4 &* unit &+ 4 <= high)
        let isNearerAbove = Self.bit(value &+ (unit & 1) > 4 &* unit &+ 2)
        let roundsUp = (below ^ above) & above | ~(below ^ above) & isNearerAbove
        let shorter = tens &+ tensAbove
        let usual = unit &+ roundsUp
        digits = usual ^ ((usual ^ shorter) & (0 &- isShorter))
        exponent = Int32(scale.exponent) &+ Int32(truncatingIfNeeded: isShorter)
    }

    /// The value of zero or of a normal float32, given by its bits without the sign.
    ///
    /// - Parameter scales: `Self.scales`.
    @inline(__always)
    init(normal bits: UInt32, scales: UnsafePointer<Scale>) {
        let fraction = bits & 0x7F_FFFF
        let index = Int(bits >> 23) &+ (fraction == 0 ? 256 : 0)
        self.init(bits: bits, significand: fraction | 0x80_0000, scale: unsafe scales[index])
    }

    /// The value of a subnormal float32, given by its bits without the sign. Any number of digits up to nine.
    init(subnormal bits: UInt32, scales: UnsafePointer<Scale>) {
        self.init(bits: bits, significand: bits, scale: unsafe scales[1])
    }

    @inline(__always)
    private static func bit(_ condition: Bool) -> UInt32 { condition ? 1 : 0 }

    /// The upper bits of a product, and a last bit that says whether anything was cut off.
    @inline(__always)
    private static func product(_ power: UInt64, _ factor: UInt32) -> UInt32 {
        let (high, low) = power.multipliedFullWidth(by: UInt64(factor))
        let bits = UInt32(truncatingIfNeeded: high)
        return bits | (low >> 32 > 1 ? 1 : 0)
    }

    // MARK: Scales

    /// By the exponent field; and 256 further on for the powers of two, whose neighbour below is nearer. The first is for
    /// zero: it makes no digits, and an exponent that goes with `0.0`.
    static let scales: [Scale] = [false, true].flatMap { isPowerOfTwo in
        (0..<256).map { field in
            guard (1...254).contains(field) else { return Scale(power: 0, unit: 0, below: 0, exponent: -5) }
            // value = significand * 2^scale
            let scale = field - 150
            // The field 1 has subnormals below it, as far away as what is above.
            let isNarrowBelow = isPowerOfTwo && field > 1
            // floor(log10 of the interval's width), and the shift that leaves the products with four quarters a unit.
            let k = (scale * 1_262_611 - (isNarrowBelow ? 524_031 : 0)) >> 22
            let shift = scale + ((-k * 1_741_647) >> 19) + 1
            return Scale(
                power: PowerOfTen.rounded(-k), unit: 4 << UInt32(shift),
                below: (isNarrowBelow ? 1 : 2) << UInt16(shift),
                exponent: Int16(k))
        }
    }
}

/// Powers of ten for `ShortestDecimal`.
enum PowerOfTen {
    /// 10^-31 to 10^45, scaled by a power of two to 64 bits and rounded up.
    static func rounded(_ power: Int) -> UInt64 {
        // 5^p has the bits of 10^p. 5^45 has 105 bits; 2^200 / 5^31 has 128.
        var number = WideInteger(bit: power < 0 ? 200 : 0)
        for _ in 0..<abs(power) {
            if power < 0 { number.divideByFive() } else { number.multiplyByFive() }
        }
        return number.leadingBits(isTruncated: power < 0)
    }

    /// A number of 256 bits, just enough arithmetic for the table.
    private struct WideInteger {
        /// Most significant first.
        private var words: [UInt32]

        init(bit: Int) {
            words = (0..<8).map { $0 == 7 - bit / 32 ? 1 << UInt32(bit % 32) : 0 }
        }

        mutating func multiplyByFive() {
            var carry: UInt64 = 0
            for index in words.indices.reversed() {
                carry += UInt64(words[index]) * 5
                words[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
        }

        /// Rounds down; and rounding down each time is rounding down once.
        mutating func divideByFive() {
            var remainder: UInt64 = 0
            for index in words.indices {
                let dividend = remainder << 32 | UInt64(words[index])
                words[index] = UInt32(truncatingIfNeeded: dividend / 5)
                remainder = dividend % 5
            }
        }

        /// The 64 bits from the highest set one on, plus one when bits below them, or lost in division, are not zero.
        func leadingBits(isTruncated: Bool) -> UInt64 {
            let bits = words.flatMap { word in (0..<32).reversed().map { word >> $0 & 1 } }
            let start = bits.firstIndex(of: 1) ?? 0
            let leading = bits[start...].prefix(64)
            let value = leading.reduce(UInt64(0)) { $0 << 1 | UInt64($1) } << UInt64(64 - leading.count)
            let isInexact = isTruncated || bits[start...].dropFirst(64).contains(1)
            return isInexact ? value + 1 : value
        }
    }
}
