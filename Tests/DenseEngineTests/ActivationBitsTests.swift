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
                guard let start = buffer.baseAddress else { return }
                switch self {
                case .softmax: unsafe table.activations.softmax(start, rows, buffer.count / rows)
                case .logSoftmax: unsafe table.activations.logSoftmax(start, rows, buffer.count / rows)
                case .sparsemax: unsafe table.activations.sparsemax(start, rows, buffer.count / rows)
                }
            }
            return values
        }
    }

    @Test("a row gets the same bits among other rows, on every instruction set", arguments: Rowwise.allCases)
    func rows(_ activation: Rowwise) throws {
        for columns in 1...67 {
            var numbers = TestNumbers(seed: UInt64(columns))
            let inputs = try numbers.tensor([5, columns]).elements
            let expected = activation.apply(inputs, rows: 5, Kernels.current)
            for table in Kernels.available {
                #expect(firstDifference(activation.apply(inputs, rows: 5, table), expected) == nil)
                for row in 0..<5 {
                    let range = row * columns..<(row + 1) * columns
                    let alone = activation.apply(Array(inputs[range]), rows: 1, table)
                    #expect(firstDifference(alone, Array(expected[range])) == nil, "\(columns) columns")
                }
            }
        }
    }

    @Test("a gated row gets the same bits on every instruction set", arguments: [1, 7, 16, 17, 67])
    func gatedRows(columns: Int) throws {
        var numbers = TestNumbers(seed: UInt64(columns))
        let inputs = try numbers.tensor([3, 2 * columns]).elements
        let results = Kernels.available.map { table in
            var result = [Float](repeating: .pi, count: 3 * columns)
            unsafe inputs.withUnsafeBufferPointer { source in
                unsafe result.withUnsafeMutableBufferPointer { target in
                    guard let source = source.baseAddress, let target = target.baseAddress else { return }
                    unsafe table.activations.gatedLinearUnit(source, target, 3, columns)
                }
            }
            return result
        }
        for result in results { #expect(firstDifference(result, results[0]) == nil) }
        #expect(firstDifference(results[0], try Activation.glu(Tensor([3, 2 * columns], inputs)).elements) == nil)
    }
}
