import DenseEngine
import DenseKernelTable
import DenseReference
import Testing

/// Sizes around every edge of tiles, vectors and blocks, and beyond them.
private let sizes = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257, 1000]

@Suite("The promise: a product's bits")
struct ProductPromiseTests {
    private func rows(_ inputDimension: Int, height: Int) -> (distinct: Numbers, input: Numbers) {
        let distinct = Numbers(count: ProductComparison.distinctRows * inputDimension, seed: UInt64(inputDimension))
        return (distinct, distinct.repeated(count: height * inputDimension))
    }

    @Test(
        "every shape around the tiles' edges equals the reference in every element, on every instruction set",
        arguments: sizes)
    func grid(inputDimension: Int) throws {
        let (distinct, input) = rows(inputDimension, height: 1000)
        let output = Numbers(count: 1000 * 1000)
        for units in sizes {
            let comparison = ProductComparison(
                distinct, inputDimension: inputDimension, units: units, hasBias: units % 2 == 1,
                clamps: (inputDimension + units) % 3 == 0)
            for table in Kernels.available {
                let difference = comparison.difference(
                    try comparison.layer(table), heights: sizes, input: input, output: output)
                #expect(difference == nil, "\(table.instructionSet)")
            }
        }
    }

    /// What an emulator gets through.
    @Test("the shapes of every path through the kernels equal the reference", arguments: [1, 15, 16, 40, 257])
    func sample(inputDimension: Int) throws {
        let (distinct, input) = rows(inputDimension, height: 130)
        let output = Numbers(count: 130 * 70)
        for units in [1, 2, 7, 15, 16, 17, 33, 70] {
            for hasBias in [false, true] {
                let comparison = ProductComparison(
                    distinct, inputDimension: inputDimension, units: units, hasBias: hasBias, clamps: hasBias)
                for table in Kernels.available {
                    let difference = comparison.difference(
                        try comparison.layer(table), heights: [1, 2, 5, 6, 7, 14, 15, 130], input: input,
                        output: output)
                    #expect(difference == nil, "\(table.instructionSet)")
                }
            }
        }
    }

    @Test("random shapes equal the reference in every element; the seed is new in every run")
    func random() throws {
        let seed = UInt64.random(in: 1...1_000_000_000)
        print("random products: seed \(seed)")
        var numbers = TestNumbers(seed: seed)
        let output = Numbers(count: 400 * 700)
        for _ in 0..<60 {
            let (height, inputDimension) = (numbers.integer(in: 1...400), numbers.integer(in: 1...900))
            let (distinct, input) = rows(inputDimension, height: height)
            let comparison = ProductComparison(
                distinct, inputDimension: inputDimension, units: numbers.integer(in: 1...700),
                hasBias: numbers.integer(in: 0...1) == 0, clamps: numbers.integer(in: 0...2) == 0)
            for table in Kernels.available {
                let difference = comparison.difference(
                    try comparison.layer(table), heights: [height], input: input, output: output,
                    threads: numbers.integer(in: 1...4))
                #expect(difference == nil, "seed \(seed), \(table.instructionSet)")
            }
        }
    }

    @Test(
        "every batch of 1 to 130 has the bits of single rows",
        arguments: [(300, 40), (64, 1), (37, 5), (520, 100), (8, 16), (1000, 15), (257, 33)])
    func batches(inputDimension: Int, units: Int) throws {
        let (distinct, input) = rows(inputDimension, height: 130)
        let output = Numbers(count: 130 * units)
        let comparison = ProductComparison(distinct, inputDimension: inputDimension, units: units, hasBias: true)
        for table in Kernels.available {
            let difference = comparison.difference(
                try comparison.layer(table), heights: Array(1...130), input: input, output: output)
            #expect(difference == nil, "\(table.instructionSet)")
        }
    }

    @Test(
        "cut by rows or by units, for 1, 2, 3 and 8 threads, the bits are the same",
        arguments: [(300, 512), (513, 300), (64, 257), (100, 3), (20, 16), (1000, 1000)])
    func threads(inputDimension: Int, units: Int) throws {
        // One row and few are cut by units, many by rows; what lies between is cut so by 2 threads and so by 8.
        let heights = [1, 5, 40, 113, 230, 337, 500, 1000]
        let (distinct, input) = rows(inputDimension, height: 1000)
        let output = Numbers(count: 1000 * units)
        let comparison = ProductComparison(distinct, inputDimension: inputDimension, units: units, hasBias: true)
        for table in Kernels.available {
            let layer = try comparison.layer(table)
            for threads in [1, 2, 3, 8] {
                let difference = comparison.difference(
                    layer, heights: heights, input: input, output: output, threads: threads)
                #expect(difference == nil, "\(table.instructionSet)")
            }
        }
    }

    @Test("axes before the last are only rows", arguments: [(21, 5), (40, 33), (300, 64)])
    func ranks(inputDimension: Int, units: Int) throws {
        var numbers = TestNumbers(seed: 11)
        let flat = try numbers.tensor([48, inputDimension])
        let kernel = try numbers.tensor([inputDimension, units])
        for activation in [.linear, .gelu, .softmax, .glu] as [Activation] where activation != .glu || units % 2 == 0 {
            let layer = try Dense(
                DenseConfiguration(units: units, activation: activation, useBias: false), kernel: kernel, bias: nil)
            let expected = try layer(flat)
            for axes in [[2, 24], [4, 3, 4], [2, 3, 2, 4], [1, 2, 3, 4, 2]] {
                let output = try layer(Tensor(axes + [inputDimension], flat.elements))
                #expect(output.shape.dimensions.dropLast() == axes[...])
                #expect(firstDifference(output.elements, expected.elements) == nil, "\(axes), \(activation)")
            }
        }
    }
}

@Suite("The promise's own tests")
struct PlantedErrorTests {
    @Test("a kernel that is wrong in one small thing is found out", arguments: PlantedError.allCases)
    func planted(error: PlantedError) throws {
        let output = Numbers(count: 33 * 33)
        var differences: [String] = []
        for inputDimension in [17, 257, 300] {
            let distinct = Numbers(count: ProductComparison.distinctRows * inputDimension, seed: 1)
            let input = distinct.repeated(count: 33 * inputDimension)
            for units in [2, 15, 16, 17, 33] {
                let comparison = ProductComparison(
                    distinct, inputDimension: inputDimension, units: units, hasBias: true)
                let difference = comparison.difference(
                    try comparison.layer(error.kernels), heights: [1, 8, 9, 14, 15, 16, 33], input: input,
                    output: output)
                if let difference { differences.append(difference) }
            }
        }
        #expect(differences.isEmpty == (error == .none), "\(differences)")
    }

    @Test("the fast reference is the scalar reference", arguments: [1, 15, 16, 40, 255, 256, 257, 600])
    func reference(inputDimension: Int) throws {
        for units in [1, 2, 15, 16, 17, 40] {
            var numbers = TestNumbers(seed: 23)
            let input = Numbers(count: 3 * inputDimension, seed: numbers.next())
            let kernel = Numbers(count: inputDimension * units, seed: numbers.next())
            let bias = units % 2 == 0 ? Numbers(count: units, seed: numbers.next()) : nil
            let output = Numbers(count: 3 * units)
            FastReference.dense(
                input: input, rows: 3, kernel: kernel, inputDimension: inputDimension, units: units, bias: bias,
                output: output)
            let expected = ScalarReference.dense(
                input: try Tensor([3, inputDimension], input.elements),
                kernel: try Tensor([inputDimension, units], kernel.elements),
                bias: try bias.map { try Tensor([units], $0.elements) })
            #expect(firstDifference(output.elements, expected) == nil)
        }
    }
}
