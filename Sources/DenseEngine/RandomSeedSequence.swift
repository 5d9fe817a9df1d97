/// Spreads a small seed over as many well-mixed words as a generator's state needs: numpy's `SeedSequence`, itself
/// Melissa O'Neill's `seed_seq` alternative, with its pool of four words.
///
/// Source: `numpy/random/bit_generator.pyx`.
package struct SeedSequence: Sendable {
    private var pool: [UInt32] = []

    /// - Parameter entropy: at most four words. `[seed, 0]` is what Keras hands to `numpy.random.default_rng`.
    package init(_ entropy: [UInt32]) {
        precondition(entropy.count <= Self.poolSize, "The pool takes four words of entropy.")
        var multiplier: UInt32 = 0x43b0_d7e5
        pool = (0..<Self.poolSize).map { index in
            Self.hash(index < entropy.count ? entropy[index] : 0, &multiplier, growth: 0x931e_8875)
        }
        // Every word touches every other, so that late words of entropy reach the first word of the pool.
        for source in 0..<Self.poolSize {
            for destination in 0..<Self.poolSize where destination != source {
                let hashed = Self.hash(pool[source], &multiplier, growth: 0x931e_8875)
                pool[destination] = Self.mix(pool[destination], hashed)
            }
        }
    }

    /// The first `count` 64-bit words of the state the sequence generates.
    package func state(count: Int) -> [UInt64] {
        var multiplier: UInt32 = 0x8b51_f9dd
        let halves = (0..<2 * count).map { index in
            UInt64(Self.hash(pool[index % Self.poolSize], &multiplier, growth: 0x58f3_8ded))
        }
        return (0..<count).map { halves[2 * $0] | halves[2 * $0 + 1] << 32 }
    }

    private static let poolSize = 4

    private static func hash(_ value: UInt32, _ multiplier: inout UInt32, growth: UInt32) -> UInt32 {
        var value = value ^ multiplier
        multiplier &*= growth
        value &*= multiplier
        return value ^ value >> 16
    }

    private static func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
        let mixed = x &* 0xca01_f9dd &- y &* 0x4973_f715
        return mixed ^ mixed >> 16
    }
}
