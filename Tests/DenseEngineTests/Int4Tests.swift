import DenseEngine
import DenseKernelTable
import DenseReference
import Testing

@Suite("Products with integers of four bits")
struct Int4Tests {
    private static let features = [1, 7, 8, 9, 15, 17, 64, 130, 256, 257, 300]
    private static let units = [16, 17, 33, 64, 127, 128, 129, 150]

    /// Integers of the whole range, scales and numbers of many sizes.
    private struct Case {
        let integers: [Int8]
        let units: Int
        let groupSize: Int
        let scales: [Float]
        let zeros: [Int8]
        let bias: Tensor?
        let input: [Float]

        init(_ rows: Int, _ inputs: Int, _ units: Int, groupSize: Int = 8, bias hasBias: Bool = true) throws {
            var numbers = RandomBits(state: UInt64(rows * 1_000_003 + inputs * 1_009 + units * 7 + groupSize))
            let groups = (inputs - 1) / groupSize + 1
            self.units = units
            self.groupSize = groupSize
            integers = (0..<inputs * units).map { _ in Int8(numbers.next() % 16) - 8 }
            scales = (0..<groups * units).map { _ in Float(numbers.next() % 1000 + 1) / 7 }
            zeros = (0..<groups * units).map { _ in Int8(numbers.next() % 16) - 8 }
            bias = hasBias ? try Tensor([units], (0..<units).map { _ in Float(numbers.next() % 100) / 3 - 10 }) : nil
            input = (0..<rows * inputs).map { _ in Float(Int(numbers.next() % 2001) - 1000) / 77 }
        }

        var features: Int { integers.count / units }
        var bytes: [UInt8] { Int4Reference.packed(integers, units: units) }

        func grouped(_ products: Int4Kernels) throws -> PackedInt4Kernel {
            try PackedInt4Kernel(
                packed: bytes, inputDimension: features, units: units, groupSize: groupSize, scales: scales,
                zeros: zeros,
                bias: bias, products: products)
        }

        func byUnit(_ products: Int4Kernels) throws -> PackedInt4Kernel {
            try PackedInt4Kernel(
                packed: bytes, inputDimension: features, scales: Array(scales.prefix(units)), bias: bias,
                products: products)
        }

        var reference: [Float] {
            Int4Reference.dense(
                input: input, integers: integers, units: units, groupSize: groupSize, scales: scales, zeros: zeros,
                bias: bias?.elements)
        }

        /// The product of the integers as numbers, divided by each unit's scale.
        var referenceByUnit: [Float] {
            get throws {
                let kernel = try Tensor([features, units], integers.map { Float($0) })
                let sums = ScalarReference.dense(
                    input: try Tensor([input.count / features, features], input), kernel: kernel, bias: nil)
                return sums.indices.map { index in
                    let value = sums[index] / scales[index % units]
                    return bias.map { value + $0.elements[index % units] } ?? value
                }
            }
        }
    }

    private static func run(
        _ packed: PackedInt4Kernel, _ input: [Float], threads: Int = 1, activation: RowsActivation? = nil
    ) -> [Float] {
        let rows = input.count / packed.inputDimension
        let source = Numbers(input)
        let output = Numbers(count: rows * packed.units)
        unsafe packed.run(
            input: source.start, rows: rows, activation: activation, output: output.start, threads: threads)
        return output.elements
    }

    @Test("every instruction set gives the bits of the definition in groups, around every edge", arguments: features)
    func grouped(inputs: Int) throws {
        for units in Self.units {
            for (rows, groupSize) in [(1, 8), (2, 16), (3, 96), (8, 128), (9, 512)] {
                let numbers = try Case(rows, inputs, units, groupSize: groupSize, bias: units % 2 == 0)
                let reference = numbers.reference.map(\.bitPattern)
                for products in Int4Kernels.available {
                    let output = Self.run(try numbers.grouped(products), numbers.input).map(\.bitPattern)
                    #expect(
                        output == reference, "\(products.instructionSet), \(rows) x \(inputs) x \(units), \(groupSize)")
                }
            }
        }
    }

    @Test("every instruction set gives the bits of the definition with a scale for each unit", arguments: features)
    func byUnit(inputs: Int) throws {
        for units in Self.units {
            for rows in [1, 2, 8, 9] {
                let numbers = try Case(rows, inputs, units, bias: units % 2 == 0)
                let reference = try numbers.referenceByUnit.map(\.bitPattern)
                for products in Int4Kernels.available {
                    let output = Self.run(try numbers.byUnit(products), numbers.input).map(\.bitPattern)
                    #expect(output == reference, "\(products.instructionSet), \(rows) x \(inputs) x \(units)")
                }
            }
        }
    }

    @Test("a row's bits depend on no other row and no thread")
    func independence() throws {
        let numbers = try Case(131, 70, 300)
        for products in Int4Kernels.available {
            for packed in [try numbers.grouped(products), try numbers.byUnit(products)] {
                let whole = Self.run(packed, numbers.input)
                for threads in [2, 3, 8] { #expect(Self.run(packed, numbers.input, threads: threads) == whole) }
                for row in [0, 1, 64, 130] {
                    let alone = Self.run(packed, Array(numbers.input[row * 70..<(row + 1) * 70]))
                    #expect(alone == Array(whole[row * 300..<(row + 1) * 300]))
                }
                let active = Self.run(packed, numbers.input, activation: .softmax)
                let few = Array(numbers.input.prefix(3 * 70))
                #expect(Self.run(packed, few, threads: 2, activation: .softmax) == Array(active.prefix(900)))
            }
        }
    }

    @Test("numbers that are not finite stay in their row")
    func nonFinite() throws {
        let numbers = try Case(3, 40, 20)
        var input = numbers.input
        input[40 + 17] = .infinity
        input[80 + 39] = .nan
        for products in Int4Kernels.available {
            let output = Self.run(try numbers.grouped(products), input)
            #expect(output[..<20].allSatisfy(\.isFinite) && output[20..<40].allSatisfy { !$0.isFinite })
            #expect(!output[40...].contains { !$0.isNaN })
        }
    }
}
