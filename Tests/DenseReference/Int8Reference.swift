/// The definition of a product of integers, number by number (Keras's `Dense._int8_call`, keras/src/layers/core/dense.py).
package enum Int8Reference {
    /// `float(sum(q * integers)) / (scales * s) + bias`, where `s = 127 / (max |x| + 1e-7)` and `q = round(x * s)`, row by row.
    ///
    /// - Parameters:
    ///   - input: rows of as many features as there are integers for each of the scales.
    ///   - integers: `[features, units]`, row-major.
    package static func dense(input: [Float], integers: [Int8], scales: [Float], bias: [Float]?) -> [Float] {
        let (units, features) = (scales.count, integers.count / scales.count)
        var output: [Float] = []
        for start in stride(from: 0, to: input.count, by: features) {
            let row = input[start..<start + features]
            let scale = 127 / (row.reduce(0) { max($0, abs($1)) } + 1e-7)
            let quantized = row.map { Int32(min(max(($0 * scale).rounded(.toNearestOrEven), -127), 127)) }
            for unit in 0..<units {
                var sum: Int32 = 0
                for feature in 0..<features {
                    sum &+= quantized[feature] &* Int32(integers[feature * units + unit])
                }
                let value = Float(sum) / (scales[unit] * scale)
                output.append(bias.map { value + $0[unit] } ?? value)
            }
        }
        return output
    }
}
