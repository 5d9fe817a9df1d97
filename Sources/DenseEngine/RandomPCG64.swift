/// The random number generator behind `numpy.random.default_rng`: PCG64, a 128-bit linear congruential generator with
/// the XSL-RR output. Bit-equal to numpy's.
///
/// Source: O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
/// Generation" (2014); `numpy/random/src/pcg64`.
package struct PCG64: Sendable {
    private var state: UInt128
    /// Odd, and different for each stream.
    private let increment: UInt128

    /// The generator `numpy.random.default_rng(entropy)`, for an array of at most four 32-bit words.
    package init(entropy: [UInt32]) {
        let words = SeedSequence(entropy).state(count: 4).map { UInt128($0) }
        increment = (words[2] << 64 | words[3]) << 1 | 1
        // From state zero: one step, the seed added, one step more.
        state = Self.multiplier &* (increment &+ (words[0] << 64 | words[1])) &+ increment
    }

    /// 64 random bits.
    package mutating func next() -> UInt64 {
        state = state &* Self.multiplier &+ increment
        let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
        let rotation = UInt64(truncatingIfNeeded: state >> 122)
        return folded &>> rotation | folded &<< (64 &- rotation)
    }

    /// Uniform over `[0, 1)`, in steps of 2⁻⁵³.
    package mutating func nextUniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645
}
