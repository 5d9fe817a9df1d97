/// The definition of a product with integers of four bits, number by number.
package enum Int4Reference {
    /// A chain of fused multiply-adds for each run of features of one group in one block of 256, which a scale takes to the
    /// total; then the bias.
    ///
    /// - Parameters:
    ///   - input: rows of `integers.count / units` features.
    ///   - integers: `[features, units]`, row-major.
    ///   - scales: `[groups, units]`
    ///   - zeros: `[groups, units]`
    package static func dense(
        input: [Float], integers: [Int8], units: Int, groupSize: Int, scales: [Float], zeros: [Int8], bias: [Float]?
    ) -> [Float] {
        let features = integers.count / units
        var output: [Float] = []
        for row in stride(from: 0, to: input.count, by: features) {
            for unit in 0..<units {
                var (total, run) = (Float(0), Float(0))
                for feature in 0..<features {
                    let place = feature / groupSize * units + unit
                    let weight = Float(integers[feature * units + unit]) - Float(zeros[place])
                    run.addProduct(input[row + feature], weight)
                    let next = feature + 1
                    if next == features || next % groupSize == 0 || next % 256 == 0 {
                        total.addProduct(run, scales[place])
                        run = 0
                    }
                }
                output.append(bias.map { total + $0[unit] } ?? total)
            }
        }
        return output
    }

    /// Two units to a byte, the first in the lower bits, as Keras packs them.
    package static func packed(_ integers: [Int8], units: Int) -> [UInt8] {
        stride(from: 0, to: integers.count, by: units).flatMap { row in
            stride(from: 0, to: units, by: 2).map { unit in
                let low = UInt8(bitPattern: integers[row + unit]) & 15
                return unit + 1 < units ? low | UInt8(bitPattern: integers[row + unit + 1]) << 4 : low
            }
        }
    }
}
