import DenseEngine
import DenseKernelTable
import Testing

@Suite("Sparsemax")
struct ActivationSparsemaxTests {
    /// Rows whose supports are of all sizes, and what might disturb the search for them. Mostly none above 0: of those
    /// Keras's threshold is so high that nothing is left to compare.
    enum Rows: CaseIterable {
        /// A few values of the support.
        case usual
        /// Most values in the support, all different.
        case close
        /// Many copies of a few values.
        case copies
        case equal
        /// So large that rounding decides.
        case large
        case tiny
        case specials

        func value(_ numbers: inout TestNumbers) -> Float {
            let number = numbers.float()
            return switch self {
            case .usual: number - 8
            case .close: 0x1p-12 * number
            case .copies: -Float(Int(8 * number).magnitude) / 64
            case .equal: -0.375
            case .large: 0x1p22 + 8 * number
            case .tiny: number * 0x1p-140
            case .specials:
                switch numbers.integer(in: 0...40) {
                case 0: .nan
                case 1: .infinity
                case 2: 3e38
                case 3...12: -.infinity
                case 13: -3e38
                case 14: -0.0
                case 15: 0
                default: number - 7
                }
            }
        }
    }

    /// Keras's steps, as plainly as they can be written.
    static func reference(_ row: ArraySlice<Float>) -> [Float] {
        let sorted = row.filter { !$0.isNaN }.sorted(by: >)
        var partialSum: Float = 0
        var (sumOfPartialSums, support) = (0.0, 0.0)
        for value in sorted {
            partialSum += value
            guard Double(value) - Double(partialSum - 1) / (support + 1) > 0 else { break }
            support += 1
            sumOfPartialSums += Double(partialSum)
        }
        let threshold = Double(Float(sumOfPartialSums) - 1) / support
        return row.map {
            let excess = Float(Double($0) - threshold)
            return excess <= 0 ? 0 : excess
        }
    }

    @Test("every row is Keras's to the bit, whatever its support and among whichever rows", arguments: Rows.allCases)
    func bits(_ kind: Rows) throws {
        var numbers = TestNumbers(seed: 5)
        for columns in [1, 2, 7, 8, 9, 10, 16, 17, 24, 33, 64, 65, 100, 128, 255, 256, 257, 700] {
            let values = (0..<21 * columns).map { _ in kind.value(&numbers) }
            let expected = (0..<21).flatMap { Self.reference(values[$0 * columns..<($0 + 1) * columns]) }
            for table in Kernels.available {
                for rows in [1, 4, 21] {
                    var results = Array(values[..<(rows * columns)])
                    unsafe results.withUnsafeMutableBufferPointer { buffer in
                        guard let start = buffer.baseAddress else { return }
                        unsafe table.activations.sparsemax(start, rows, columns)
                    }
                    let difference = firstDifference(results, Array(expected[..<(rows * columns)]))
                    #expect(difference == nil, "\(rows) rows of \(columns), \(table.instructionSet)")
                }
            }
        }
    }
}
