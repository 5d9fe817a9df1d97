import DenseEngine
import DenseKernelTable
import Testing

/// A product by one instruction set, without activation.
private func product(_ input: Tensor, _ kernel: Tensor, _ bias: Tensor?, on table: KernelTable) throws -> [Float] {
    let configuration = DenseConfiguration(units: kernel.shape.lastAxis, useBias: bias != nil)
    return try Dense(configuration, kernel: kernel, bias: bias, kernels: table)(input, threads: 1).elements
}

@Suite("The matmul")
struct MatmulTests {
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

    @Test(
        "kernels about as large as a first-level cache equal the reference, however their panels are laid out",
        arguments: [64, 100, 128, 320], [1, 3, 8])
    func nearKernels(inputDimension: Int, rows: Int) throws {
        var numbers = TestNumbers(seed: UInt64(inputDimension + rows))
        // Whole panels and parts of them, on both sides of the largest kernel that is laid out by halves.
        for units in [32, 47, 76, 77, 128, 129, 193] {
            let input = try numbers.tensor([rows, inputDimension])
            let kernel = try numbers.tensor([inputDimension, units])
            let bias = try numbers.tensor([units])
            let reference = ScalarReference.dense(input: input, kernel: kernel, bias: bias)
            for table in Kernels.available {
                let output = try product(input, kernel, bias, on: table)
                #expect(firstDifference(output, reference) == nil, "\(units) units")
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
