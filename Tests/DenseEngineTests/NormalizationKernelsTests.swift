import DenseEngine
import DenseKernelTable
import DenseKernelsBaseline
import Testing

@Suite("The bits of a normalized row depend on the row alone")
struct NormalizationKernelsTests {
    static let normalizations: [RowNormalization] = [
        RowNormalization(.meanAndVariance, epsilon: 1e-3), RowNormalization(.variance, epsilon: 1e-3),
        RowNormalization(.meanSquare, epsilon: 1e-6), RowNormalization(.sumOfSquares),
    ]
    private static let tables = Kernels.available + [DenseKernelsBaseline.kernels]

    /// Rows normalized by the kernels of `table`, with what stands behind them.
    private static func apply(
        _ normalization: RowNormalization, to values: [Float], rows: Int, gamma: [Float]?, beta: [Float]?,
        _ table: KernelTable
    ) -> [Float] {
        var values = values + behind
        let columns = (values.count - behind.count) / rows
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe (gamma ?? []).withUnsafeBufferPointer { gammas in
                unsafe (beta ?? []).withUnsafeBufferPointer { betas in
                    guard let start = values.baseAddress else { return }
                    unsafe table.normalizations.rows(
                        normalization, start, rows, columns, gamma == nil ? nil : gammas.baseAddress,
                        beta == nil ? nil : betas.baseAddress)
                }
            }
        }
        return values
    }

    private static let behind = [Float](repeating: .pi, count: 16)

    @Test("among other rows, on every instruction set; nothing behind them is written", arguments: normalizations)
    func bits(_ normalization: RowNormalization) throws {
        for columns in Array(1...35) + [63, 64, 65, 255, 256, 257, 1000] {
            var numbers = TestNumbers(seed: UInt64(columns))
            var inputs = try numbers.tensor([5, columns]).elements
            inputs[0] = [Float.nan, .infinity, 3e38, .leastNormalMagnitude / 3][columns % 4]
            let weights = try numbers.tensor([2, columns]).elements
            for (gamma, beta) in [
                (nil, nil), (Array(weights[..<columns]), nil), (Array(weights[..<columns]), Array(weights[columns...])),
            ] as [([Float]?, [Float]?)] {
                let alone = (0..<5).flatMap { row in
                    Self.apply(
                        normalization, to: Array(inputs[row * columns..<(row + 1) * columns]), rows: 1, gamma: gamma,
                        beta: beta, Kernels.current
                    ).prefix(columns)
                }
                for table in Self.tables {
                    let together = Self.apply(
                        normalization, to: inputs, rows: 5, gamma: gamma, beta: beta, table)
                    #expect(
                        firstDifference(together, alone + Self.behind) == nil,
                        "\(columns) columns, \(table.instructionSet)")
                }
            }
        }
    }

    @Test("values are those of float64 but for some roundings", arguments: normalizations)
    func accuracy(_ normalization: RowNormalization) throws {
        for columns in [1, 2, 15, 17, 100, 1025] {
            var numbers = TestNumbers(seed: UInt64(columns) + 9)
            let inputs = try numbers.tensor([1, columns]).elements
            let output = Self.apply(normalization, to: inputs, rows: 1, gamma: nil, beta: nil, Kernels.current)
            let exact = inputs.map(Double.init)
            let mean = exact.reduce(0, +) / Double(columns)
            let variance = exact.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            let squares = exact.reduce(0) { $0 + $1 * $1 }
            let epsilon = Double(normalization.epsilon)
            for (index, value) in exact.enumerated() {
                let expected =
                    switch normalization.statistic {
                    case .meanAndVariance: (value - mean) / (variance + epsilon).squareRoot()
                    case .variance: value / (variance + epsilon).squareRoot()
                    case .meanSquare: value / (squares / Double(columns) + epsilon).squareRoot()
                    case .sumOfSquares: value / squares.squareRoot()
                    }
                #expect(abs(Double(output[index]) - expected) <= 4e-7 * max(1, abs(expected)), "\(columns) columns")
            }
        }
    }
}
