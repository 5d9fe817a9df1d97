/// The numeric contract of the dense product, written as plainly as it can be. The fast matmul equals it in every bit,
/// on every instruction set, for any number of rows and threads.
///
/// `output[row, unit]` is made of blocks of 256 consecutive input features (the last block may be shorter), in
/// ascending order. `fma` is the fused multiply-add: one rounding.
///
/// - A layer of 16 units or more: a block's sum is one chain, `sum = fma(input, weight, sum)`, feature by feature,
///   starting from zero.
/// - A layer of fewer units, whose vectors must run along the features: a block has 16 chains, all starting from zero;
///   a feature belongs to chain `index mod 16`. A block whose length is no multiple of 16 is filled up to one with
///   features 0 of weight 0 (which matters to the sign of a zero only). The 16 chains `c` are added in one fixed tree:
///   `c[i] + c[i + 8]` for `i < 8`; of these 8 sums, `i` and `i + 4`; of these 4, `i` and `i + 2`; then the last two.
///
/// The total is the first block's sum; each later block's sum is added to it. Without any feature it is zero. Then the
/// bias is added, if there is one, and the activation applied.
///
/// Where a result is NaN, which NaN (its sign and payload) is not defined.
package enum ScalarReference {
    package static let blockDepth = 256
    package static let chainCount = 16

    /// The output before the activation.
    ///
    /// - Parameters:
    ///   - input: `[..., inputDimension]`
    ///   - kernel: `[inputDimension, units]`
    ///   - bias: `[units]`, or `nil`
    /// - Returns: `[..., units]`, row-major.
    /// - Precondition: the shapes fit one another.
    package static func dense(input: Tensor, kernel: Tensor, bias: Tensor?) -> [Float] {
        let units = kernel.shape.lastAxis
        let inputDimension = kernel.shape.rowCount
        precondition(input.shape.lastAxis == inputDimension, "the input's rows must be as long as the kernel's columns")
        var output: [Float] = []
        for row in 0..<input.shape.rowCount {
            let features = input.elements[row * inputDimension..<(row + 1) * inputDimension]
            for unit in 0..<units {
                let weights = stride(from: unit, to: kernel.elements.count, by: units).map { kernel.elements[$0] }
                let total = sum(Array(features), weights, blockSum: units < 16 ? interleavedSum : chainSum)
                output.append(bias.map { total + $0.elements[unit] } ?? total)
            }
        }
        return output
    }

    private static func sum(
        _ features: [Float], _ weights: [Float], blockSum: (ArraySlice<Float>, ArraySlice<Float>) -> Float
    ) -> Float {
        let blocks = stride(from: 0, to: features.count, by: blockDepth).map { start in
            let block = start..<min(start + blockDepth, features.count)
            return blockSum(features[block], weights[block])
        }
        guard let first = blocks.first else { return 0 }
        return blocks.dropFirst().reduce(first) { total, sum in total + sum }
    }

    private static func chainSum(_ features: ArraySlice<Float>, _ weights: ArraySlice<Float>) -> Float {
        zip(features, weights).reduce(0) { sum, pair in sum.addingProduct(pair.0, pair.1) }
    }

    private static func interleavedSum(_ features: ArraySlice<Float>, _ weights: ArraySlice<Float>) -> Float {
        let padding = repeatElement(Float(0), count: (chainCount - features.count % chainCount) % chainCount)
        var sums = [Float](repeating: 0, count: chainCount)
        for (index, (feature, weight)) in zip(features + padding, weights + padding).enumerated() {
            sums[index % chainCount].addProduct(feature, weight)
        }
        while sums.count > 1 {
            let half = sums.count / 2
            sums = (0..<half).map { sums[$0] + sums[$0 + half] }
        }
        return sums[0]
    }
}
