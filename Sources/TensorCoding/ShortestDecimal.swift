/// The shortest decimal that reads back to the same float32; of several that short, the one nearest to the value.
///
/// The algorithm is Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2021), for float32: it takes
/// the one decimal exponent at which the interval of decimals that round to the value holds at least one candidate, and
/// at most one that is a digit shorter. Three multiplications with a 64-bit power of ten find the interval and the value
/// within it; no division by anything but constants, no loop.
struct ShortestDecimal {
    /// Digits, perhaps with zeros at the end, and the power of ten they count.
    let digits: UInt32
    let exponent: Int

    /// The value of a finite, positive float32, given by its bits.
    @inline(__always)
    init(bits: UInt32, powers: UnsafePointer<UInt64>) {
        let field = bits >> 23
        let fraction = bits & 0x7F_FFFF
        // value = significand * 2^scale
        let significand = field == 0 ? fraction : fraction | 0x80_0000
        let scale = Int(max(field, 1)) - 150

        // The decimals that round to the value lie half-way to its neighbours, which below a power of two is nearer.
        // Ties round to even, so the ends belong to the interval when the significand is even. In quarters of a unit:
        let isNarrowBelow: UInt32 = fraction == 0 && field > 1 ? 1 : 0
        let center = significand &* 4
        let lower = center &- 2 &+ isNarrowBelow
        let upper = center &+ 2
        let open: UInt32 = significand & 1

        // floor(log10 of the interval's width), and the shift that leaves the products with four quarters a unit.
        let k = (scale &* 1_262_611 &- (isNarrowBelow == 1 ? 524_031 : 0)) >> 22
        let h = UInt32(truncatingIfNeeded: scale &+ ((-k &* 1_741_647) >> 19) &+ 1)
        let power = unsafe powers[-k &- Self.smallestPower]
        let low = Self.product(power, lower &<< h) &+ open
        let value = Self.product(power, center &<< h)
        let high = Self.product(power, upper &<< h) &- open

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
        exponent = k &+ Int(isShorter)
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

    // MARK: Powers of ten

    private static let smallestPower = -31
    private static let largestPower = 45

    /// 10^-31 to 10^45, each scaled by a power of two to 64 bits and rounded up.
    static let powers: [UInt64] = (smallestPower...largestPower).map { power in
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
