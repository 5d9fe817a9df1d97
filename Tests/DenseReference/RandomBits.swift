/// Repeatable random bits (Marsaglia's xorshift).
package struct RandomBits {
    private var state: UInt64

    /// - Parameter state: not 0.
    package init(state: UInt64) { self.state = state }

    /// 44 bits.
    package mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state >> 20
    }
}
