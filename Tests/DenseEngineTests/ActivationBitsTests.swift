import DenseEngine
import DenseKernelTable
import Testing

@Suite("The bits of an activation depend on its input alone")
struct ActivationBitsTests {
    static let elementwise: [Activation] =
        Activation.names.compactMap { Activation.withDefaults(named: $0) }.filter(\.isElementwise)
        + [.gelu(approximate: true), .relu(negativeSlope: 0.1, maxValue: 2, threshold: 0.3)]

    @Test("an element gets the same bits at every place and in every count", arguments: elementwise)
    func places(_ activation: Activation) throws {
        let activation = try #require(activation.elementwise)
        for table in Kernels.available {
            var numbers = TestNumbers(seed: 7)
            let inputs = (0..<67).map { _ in numbers.float() }
            let expected = inputs.map { [$0].applying(activation, table)[0] }
            for count in 1...67 {
                let guards: [Float] = [.pi, .pi, .pi]
                for offset in 0..<3 {
                    var padded = guards[..<offset] + inputs[..<count] + guards
                    unsafe padded.withUnsafeMutableBufferPointer { buffer in
                        guard let start = buffer.baseAddress else { return }
                        unsafe table.activations.elementwise(activation, start + offset, count)
                    }
                    #expect(firstDifference(Array(padded), guards[..<offset] + expected[..<count] + guards) == nil)
                }
            }
        }
    }

    @Test("no values are left alone", arguments: elementwise)
    func nothing(_ activation: Activation) throws {
        #expect(try activation(Tensor([3, 0], [])).elements.isEmpty)
    }

    enum Rowwise: CaseIterable {
        case softmax, logSoftmax, sparsemax

        /// The values as `rows` rows, with the activation applied by the kernels of `table`.
        func apply(_ values: [Float], rows: Int, _ table: KernelTable) -> [Float] {
            var values = values
            unsafe values.withUnsafeMutableBufferPointer { buffer in
                unsafe apply(buffer, rows: rows, columns: buffer.count / rows, table)
            }
            return values
        }

        /// The same in place, for the first rows of what may hold more.
        func apply(_ values: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int, _ table: KernelTable) {
            guard let start = values.baseAddress else { return }
            switch self {
            case .softmax: unsafe table.activations.softmax(start, rows, columns)
            case .logSoftmax: unsafe table.activations.logSoftmax(start, rows, columns)
            case .sparsemax: unsafe table.activations.sparsemax(start, rows, columns)
            }
        }
    }

    /// Around every edge of the ways in which rows are computed.
    static let columns = Array(1...67) + [100, 127, 128, 129, 255, 256, 257, 300]

    @Test("a row gets the same bits among other rows, on every instruction set", arguments: Rowwise.allCases)
    func rows(_ activation: Rowwise) throws {
        for columns in Self.columns {
            var numbers = TestNumbers(seed: UInt64(columns))
            var inputs = try numbers.tensor([37, columns]).elements
            // Rows with what is not a number beside rows without.
            for special: Float in [.nan, .infinity, -.infinity, 3e38, -1e30] {
                inputs[numbers.integer(in: 0...inputs.count - 1)] = special
            }
            let alone = (0..<37).flatMap { row in
                activation.apply(Array(inputs[row * columns..<(row + 1) * columns]), rows: 1, Kernels.current)
            }
            for table in Kernels.available {
                for rows in [1, 2, 3, 4, 15, 16, 17, 37] {
                    let together = activation.apply(Array(inputs[..<(rows * columns)]), rows: rows, table)
                    let difference = firstDifference(together, Array(alone[..<(rows * columns)]))
                    #expect(difference == nil, "\(rows) rows of \(columns) columns, \(table.instructionSet)")
                }
            }
        }
    }

    @Test("nothing behind the last row is written", arguments: Rowwise.allCases)
    func behindRows(_ activation: Rowwise) throws {
        for columns in Self.columns {
            var numbers = TestNumbers(seed: UInt64(columns))
            for rows in [1, 5, 16, 18] {
                let inputs = try numbers.tensor([rows, columns]).elements
                let behind = [Float](repeating: .pi, count: 16)
                for table in Kernels.available {
                    var values = inputs + behind
                    unsafe values.withUnsafeMutableBufferPointer { buffer in
                        unsafe activation.apply(buffer, rows: rows, columns: columns, table)
                    }
                    #expect(Array(values.suffix(16)) == behind, "\(rows) rows of \(columns) columns")
                }
            }
        }
    }

    @Test(
        "a gated row gets the same bits among other rows, on every instruction set",
        arguments: [1, 7, 16, 17, 67, 127, 128, 129])
    func gatedRows(columns: Int) throws {
        var numbers = TestNumbers(seed: UInt64(columns))
        // More than are put together at a time.
        let rows = 1024 / columns + 5
        let inputs = try numbers.tensor([rows, 2 * columns]).elements
        let results = Kernels.available.map { table in
            var result = [Float](repeating: .pi, count: rows * columns + 16)
            unsafe inputs.withUnsafeBufferPointer { source in
                unsafe result.withUnsafeMutableBufferPointer { target in
                    guard let source = source.baseAddress, let target = target.baseAddress else { return }
                    unsafe table.activations.gatedLinearUnit(source, target, rows, columns)
                }
            }
            return result
        }
        let alone = try (0..<rows).flatMap { row in
            let range = row * 2 * columns..<(row + 1) * 2 * columns
            return try Activation.glu(Tensor([1, 2 * columns], Array(inputs[range]))).elements
        }
        let behind = [Float](repeating: .pi, count: 16)
        for result in results { #expect(firstDifference(result, alone + behind) == nil) }
    }
}
