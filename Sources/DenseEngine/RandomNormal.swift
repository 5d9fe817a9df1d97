import Glibc

extension PCG64 {
    /// Standard normal, by the ziggurat method with 256 layers. The same double that numpy's `Generator.normal` gives.
    ///
    /// A layer and a point in it are drawn from one 64-bit word; the point is almost always under the curve by its
    /// layer alone. The rest of the time `exp` or, in the tail, `log1p` decides.
    ///
    /// Source: Marsaglia and Tsang, "The Ziggurat Method for Generating Random Variables" (2000);
    /// `random_standard_normal` in `numpy/random/src/distributions/distributions.c`.
    package mutating func nextNormal() -> Double {
        while true {
            let bits = next()
            let layer = Int(bits & 0xff)
            let isNegative = bits >> 8 & 1 != 0
            let position = bits >> 9 & 0x000f_ffff_ffff_ffff
            let magnitude = Double(position) * ZigguratTables.width[layer]
            let value = isNegative ? -magnitude : magnitude
            if position < ZigguratTables.inside[layer] { return value }
            if layer == 0 { return nextTail(isNegative: position >> 8 & 1 != 0) }
            let bottom = ZigguratTables.height[layer]
            let top = ZigguratTables.height[layer - 1]
            if (top - bottom) * nextUniform() + bottom < exp(-0.5 * value * value) { return value }
        }
    }

    /// A value beyond the last layer, by Marsaglia's exponential rejection.
    private mutating func nextTail(isNegative: Bool) -> Double {
        while true {
            let excess = -ZigguratTables.inverseEdge * log1p(-nextUniform())
            let bound = -log1p(-nextUniform())
            if bound + bound > excess * excess {
                return isNegative ? -(ZigguratTables.edge + excess) : ZigguratTables.edge + excess
            }
        }
    }
}
