/// The numeric contract once more, as `ScalarReference` has it, but fast enough for thousands of shapes: this target is
/// optimised in debug builds too. The tests compare the two.
package enum FastReference {
    /// The output before the activation, `[rows, units]`, into `output`.
    ///
    /// - Parameters:
    ///   - input: `[rows, inputDimension]`
    ///   - kernel: `[inputDimension, units]`
    ///   - bias: `[units]`, or `nil`
    package static func dense(
        input: Numbers, rows: Int, kernel: Numbers, inputDimension: Int, units: Int, bias: Numbers?,
        output: Numbers
    ) {
        for row in 0..<rows {
            let features = unsafe input.start + row * inputDimension
            let sums = unsafe output.start + row * units
            if units < 16 {
                for unit in 0..<units {
                    unsafe sums[unit] = narrowSum(features, kernel.start + unit, inputDimension, stride: units)
                }
            } else {
                unsafe wideSums(features, kernel.start, inputDimension, units, sums)
            }
            guard let bias else { continue }
            for unit in 0..<units { unsafe sums[unit] += bias.start[unit] }
        }
    }

    private static let blockDepth = 256

    /// All units of a row side by side, each of them one chain a block.
    private static func wideSums(
        _ features: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ depth: Int, _ units: Int,
        _ sums: UnsafeMutablePointer<Float>
    ) {
        let block = Numbers(count: units)
        for first in stride(from: 0, to: depth, by: blockDepth) {
            unsafe block.start.update(repeating: 0, count: units)
            for feature in first..<min(first + blockDepth, depth) {
                let (value, row) = unsafe (features[feature], weights + feature * units)
                for unit in 0..<units { unsafe block.start[unit] = block.start[unit].addingProduct(value, row[unit]) }
            }
            for unit in 0..<units {
                unsafe sums[unit] = first == 0 ? block.start[unit] : sums[unit] + block.start[unit]
            }
        }
    }

    /// One unit: 16 chains a block, added in a tree.
    private static func narrowSum(
        _ features: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ depth: Int, stride step: Int
    ) -> Float {
        var total: Float = 0
        for first in stride(from: 0, to: depth, by: blockDepth) {
            var chains = SIMD16<Float>(repeating: 0)
            let end = min(first + blockDepth, depth)
            for feature in first..<first + (end - first + 15) / 16 * 16 {
                // A block is filled up with zeros.
                let (value, weight) = unsafe feature < end ? (features[feature], weights[feature * step]) : (0, 0)
                let chain = (feature - first) % 16
                chains[chain] = chains[chain].addingProduct(value, weight)
            }
            let eight = chains.lowHalf + chains.highHalf
            let four = eight.lowHalf + eight.highHalf
            let two = four.lowHalf + four.highHalf
            total = first == 0 ? two[0] + two[1] : total + (two[0] + two[1])
        }
        return total
    }
}
