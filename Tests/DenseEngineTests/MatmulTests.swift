import DenseEngine
import DenseKernelTable
import Testing

/// Sizes around every edge of tiles, vectors and blocks.
private let sizes = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257]

/// A product by one instruction set, without activation.
private func product(_ input: Tensor, _ kernel: Tensor, _ bias: Tensor?, on table: KernelTable) throws -> [Float] {
    let configuration = DenseConfiguration(units: kernel.shape.lastAxis, useBias: bias != nil)
    return try Dense(configuration, kernel: kernel, bias: bias, kernels: table)(input, threads: 1).elements
}

@Suite("The matmul")
struct MatmulTests {
    /// The distinct rows of an input. Outputs depend on their row only, so that a few rows of reference serve inputs of
    /// any height. A prime, so that no tile's height divides it.
    private static let distinctRows = 17

    @Test("every shape around the tiles' edges equals the scalar reference in every bit", arguments: sizes)
    func grid(inputDimension: Int) throws {
        var numbers = TestNumbers(seed: UInt64(inputDimension))
        let rows = try numbers.tensor([Self.distinctRows, inputDimension])
        for units in sizes {
            let kernel = try numbers.tensor([inputDimension, units])
            let bias = try units % 2 == 0 ? nil : numbers.tensor([units])
            let reference = ScalarReference.dense(input: rows, kernel: kernel, bias: bias)
            let references = repeated(reference, count: 257 * units)
            for height in sizes {
                let input = try Tensor(
                    [height, inputDimension], repeated(rows.elements, count: height * inputDimension))
                for table in Kernels.available {
                    let output = try product(input, kernel, bias, on: table)
                    let difference = firstDifference(output, Array(references.prefix(height * units)))
                    #expect(difference == nil, "\(table.instructionSet) \(height) x \(inputDimension) x \(units)")
                }
            }
        }
    }

    private func repeated(_ elements: [Float], count: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(count + elements.count)
        while result.count < count { result += elements }
        return Array(result.prefix(count))
    }

    @Test("random shapes equal the scalar reference in every bit", arguments: 1...24)
    func random(seed: Int) throws {
        var numbers = TestNumbers(seed: UInt64(seed))
        let (rows, units) = (numbers.integer(in: 1...40), numbers.integer(in: 1...70))
        let inputDimension = numbers.integer(in: 1...600)
        let input = try numbers.tensor([rows, inputDimension])
        let kernel = try numbers.tensor([inputDimension, units])
        let bias = try numbers.tensor([units])
        let reference = ScalarReference.dense(input: input, kernel: kernel, bias: bias)
        for table in Kernels.available {
            let output = try product(input, kernel, bias, on: table)
            #expect(
                firstDifference(output, reference) == nil,
                "\(table.instructionSet) \(rows) x \(inputDimension) x \(units)")
        }
    }

    @Test("layers wider than a group of panels and deeper than three blocks equal the reference")
    func manyGroups() throws {
        var numbers = TestNumbers(seed: 99)
        let input = try numbers.tensor([2, 800])
        let kernel = try numbers.tensor([800, 1040])
        let reference = ScalarReference.dense(input: input, kernel: kernel, bias: nil)
        for table in Kernels.available {
            let output = try product(input, kernel, nil, on: table)
            #expect(firstDifference(output, reference) == nil)
        }
    }

    @Test("a row's bits do not depend on its batch", arguments: [(300, 40), (64, 1), (37, 5), (520, 100)])
    func batchInvariance(inputDimension: Int, units: Int) throws {
        var numbers = TestNumbers(seed: 7)
        let input = try numbers.tensor([130, inputDimension])
        let kernel = try numbers.tensor([inputDimension, units])
        let bias = try numbers.tensor([units])
        for table in Kernels.available {
            var alone: [Float] = []
            for row in 0..<130 {
                let elements = input.elements[row * inputDimension..<(row + 1) * inputDimension]
                alone += try product(Tensor([1, inputDimension], Array(elements)), kernel, bias, on: table)
            }
            for batch in 2...130 {
                let elements = Array(input.elements.prefix(batch * inputDimension))
                let output = try product(Tensor([batch, inputDimension], elements), kernel, bias, on: table)
                #expect(firstDifference(output, Array(alone.prefix(batch * units))) == nil, "batch \(batch)")
            }
        }
    }

    @Test("NaN and infinity reach exactly the outputs they belong to", arguments: [5, 16, 40])
    func specials(units: Int) throws {
        let inputDimension = 21
        var input = [Float](repeating: 1, count: 5 * inputDimension)
        input[1 * inputDimension + 20] = .nan
        input[2 * inputDimension] = .infinity
        input[3 * inputDimension + 7] = -.infinity
        var weights = [Float](repeating: 1, count: inputDimension * units)
        weights[7 * units + 2] = -1
        weights[0 * units + 3] = 0
        let tensor = try Tensor([5, inputDimension], input)
        let kernel = try Tensor([inputDimension, units], weights)
        let reference = ScalarReference.dense(input: tensor, kernel: kernel, bias: nil)
        for table in Kernels.available {
            let output = try product(tensor, kernel, nil, on: table)
            #expect(firstDifference(output, reference) == nil)
            #expect(output[0..<units].allSatisfy { $0.isFinite })
            #expect(output[units..<2 * units].allSatisfy { $0.isNaN })
            #expect(output[2 * units] == .infinity)
            #expect(output[2 * units + 3].isNaN)
            #expect(output[3 * units] == -.infinity)
            #expect(output[3 * units + 2] == .infinity)
            #expect(output[4 * units..<5 * units].allSatisfy { $0.isFinite })
        }
    }

    @Test("overflow gives infinity", arguments: [3, 33])
    func overflow(units: Int) throws {
        let input = try Tensor([1, 2], [.greatestFiniteMagnitude, .greatestFiniteMagnitude])
        let kernel = try Tensor([2, units], [Float](repeating: 1, count: 2 * units))
        for table in Kernels.available {
            let output = try product(input, kernel, nil, on: table)
            #expect(output == [Float](repeating: .infinity, count: units))
        }
    }

    @Test("underflow keeps the sign of zero that the contract gives", arguments: [1, 4, 32])
    func negativeZero(units: Int) throws {
        for inputDimension in [1, 16, 20, 300] {
            let input = try Tensor(
                [1, inputDimension], [Float](repeating: -.leastNonzeroMagnitude, count: inputDimension))
            let kernel = try Tensor(
                [inputDimension, units], [Float](repeating: .leastNonzeroMagnitude, count: inputDimension * units))
            let reference = ScalarReference.dense(input: input, kernel: kernel, bias: nil)
            for table in Kernels.available {
                let output = try product(input, kernel, nil, on: table)
                #expect(firstDifference(output, reference) == nil)
            }
        }
    }
}
