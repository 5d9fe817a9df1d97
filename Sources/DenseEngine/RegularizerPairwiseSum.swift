/// The sum of many floats in the order numpy adds them: halves down to blocks of at most 128, in each of which eight
/// chains run side by side. Its error grows with the logarithm of the count, where a single chain's grows with the count.
///
/// Source: Higham, "The Accuracy of Floating Point Summation" (1993); `pairwise_sum` in `numpy/_core/src/umath`.
enum PairwiseSum {
    static func of(_ values: [Float]) -> Float { of(values[...]) }

    static func of(_ values: ArraySlice<Float>) -> Float {
        guard values.count > 128 else { return block(values) }
        let half = values.count / 2 / 8 * 8
        return of(values.prefix(half)) + of(values.dropFirst(half))
    }

    private static func block(_ values: ArraySlice<Float>) -> Float {
        guard values.count >= 8 else { return values.reduce(0, +) }
        let start = values.startIndex
        let whole = start + values.count / 8 * 8
        var chains = SIMD8<Float>(values[start..<start + 8])
        for index in stride(from: start + 8, to: whole, by: 8) { chains += SIMD8(values[index..<index + 8]) }
        let tree =
            ((chains[0] + chains[1]) + (chains[2] + chains[3])) + ((chains[4] + chains[5]) + (chains[6] + chains[7]))
        return values[whole...].reduce(tree, +)
    }
}
