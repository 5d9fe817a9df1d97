import DenseEngine
import DenseReference
import Testing

@Suite("Layers of 16 and of 64 bits")
struct HalfTests {
    /// Numbers of many sizes, every one another.
    private static func numbers(_ count: Int, seed: UInt32) -> [Float] {
        var state = seed &* 2_654_435_761 | 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            let unit = Float(Int32(bitPattern: state)) * 0x1p-31
            return unit * Float(1 << (state >> 28))
        }
    }

    @Test("rounding to float16 is what the language's own type does")
    func float16() {
        var values: [Float] = [
            0, -0.0, .infinity, -.infinity, 65519.996, 65520, 0x1p-25, 0x1.000002p-25, 0x1p-24, 0x1p-149,
        ]
        values += Self.numbers(1_000, seed: 1)
        for exponent in -30...17 {
            // Around the middle between two neighbours.
            for place: UInt32 in [0x0000, 0x0FFF, 0x1000, 0x1001, 0x2FFF, 0x3000, 0x3001] {
                let bits = UInt32(exponent + 127) << 23 | place
                values += [Float(bitPattern: bits), -Float(bitPattern: bits)]
            }
        }
        for value in values {
            #expect(DType.float16.rounded(value).bitPattern == Float(Float16(value)).bitPattern, "\(value)")
            #expect(DType.float16.rounded(Double(value)).bitPattern == Float(Float16(value)).bitPattern, "\(value)")
        }
        #expect(DType.float16.rounded(Float.nan).isNaN)
    }

    @Test("rounding to bfloat16 goes to the nearest, ties to even")
    func bfloat16() {
        let cases: [(UInt32, UInt32)] = [
            (0x3F80_7FFF, 0x3F80_0000), (0x3F80_8000, 0x3F80_0000), (0x3F80_8001, 0x3F81_0000),
            (0x3F81_8000, 0x3F82_0000), (0x7F7F_FFFF, 0x7F80_0000), (0x7F80_0000, 0x7F80_0000), (0x0000_8001, 0x1_0000),
            (0x8000_0000, 0x8000_0000),
        ]
        for (value, rounded) in cases {
            #expect(DType.bfloat16.rounded(Float(bitPattern: value)).bitPattern == rounded)
        }
        #expect(DType.bfloat16.rounded(Float.nan).isNaN)
        #expect(DType.bfloat16.rounded(Float(bitPattern: 0x7F80_0001)).isNaN)
    }

    @Test("a float64 is rounded once")
    func once() {
        // Just above the middle between two float16, by less than a float32 can tell.
        let value = 1 + 0x1p-11 + 0x1p-40
        #expect(DType.float16.rounded(value) == 1 + 0x1p-10)
        #expect(DType.float16.rounded(Float(value)) == 1)
        #expect(DType.bfloat16.rounded(1 + 0x1p-8 + 0x1p-40) == 1 + 0x1p-7)
        #expect(DType.bfloat16.rounded(-1e300) == -.infinity)
        #expect(DType.float16.rounded(1e-300) == 0)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let rows, inputs, units: Int
        var testDescription: String { "\(rows) x \(inputs) x \(units)" }
    }

    static let shapes = [
        (1, 1, 1), (1, 5, 16), (3, 17, 15), (1, 256, 33), (2, 257, 64), (5, 300, 70), (7, 600, 129), (130, 20, 40),
        (1, 0, 20),
        (9, 513, 31),
    ].map { Case(rows: $0.0, inputs: $0.1, units: $0.2) }

    private static func layer(
        _ name: String, _ shape: Case, activation: String = "linear", kernels: Int = 0
    ) throws -> (model: Sequential, kernel: Tensor, bias: Tensor, input: Tensor) {
        let kernel = try Tensor([shape.inputs, shape.units], numbers(shape.inputs * shape.units, seed: 3))
        let bias = try Tensor([shape.units], numbers(shape.units, seed: 4))
        let input = try Tensor([shape.rows, shape.inputs], numbers(shape.rows * shape.inputs, seed: 5))
        let config: ConfigObject = [
            "units": .int(shape.units), "dtype": .string(name), "activation": .string(activation),
        ]
        let specification = try LayerSpecification(.object(config), weights: ["kernel": kernel, "bias": bias])
        let table = Kernels.available[min(kernels, Kernels.available.count - 1)]
        return (try Sequential([specification], kernels: table), kernel, bias, input)
    }

    @Test(
        "every bit is the reference's, on every instruction set", arguments: [DType.float16, .bfloat16], shapes)
    func bits(type: DType, shape: Case) throws {
        for table in Kernels.available.indices {
            let (model, kernel, bias, input) = try Self.layer(type.rawValue, shape, kernels: table)
            let product = ScalarReference.dense(input: input.cast(to: type), kernel: kernel.cast(to: type), bias: nil)
            let offsets = bias.cast(to: type).elements
            let expected = product.enumerated().map {
                type.rounded(type.rounded($1) + offsets[$0 % shape.units])
            }
            let output = try model(input).output
            #expect(output.type == type)
            #expect(output.elements.map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    @Test("a block of 256 features has a sum of its own", arguments: [DType.float16, .bfloat16])
    func blocks(type: DType) throws {
        // Beside 2^25 the ones of the next block are lost one by one, and not all together.
        var input = [Float](repeating: 0, count: 513)
        for feature in 256..<512 { input[feature] = 1 }
        (input[0], input[512]) = (0x1p12, -0x1p12)
        var kernel = [Float](repeating: 1, count: 513 * 20)
        for unit in 0..<20 { (kernel[unit], kernel[512 * 20 + unit]) = (0x1p13, 0x1p13) }
        for table in Kernels.available {
            let specification = try LayerSpecification(
                .object(["units": 20, "dtype": .string(type.rawValue), "use_bias": false]),
                weights: ["kernel": Tensor([513, 20], kernel)])
            let output = try Sequential([specification], kernels: table)(Tensor([1, 513], input)).output
            #expect(output.elements == [Float](repeating: 256, count: 20))
        }
    }

    @Test("a row's bits depend on no other row, and on no cut", arguments: ["mixed_bfloat16", "bfloat16", "float64"])
    func batches(name: String) throws {
        let (model, _, _, input) = try Self.layer(name, Case(rows: 37, inputs: 300, units: 50), activation: "softmax")
        let whole = try model(input).output
        for row in [0, 17, 36] {
            let one = try Tensor([1, 300], Array(input.elements[row * 300..<(row + 1) * 300]))
            let output = try model(one).output
            #expect(output.elements == Array(whole.elements[row * 50..<(row + 1) * 50]))
            #expect(output.doubles == whole.doubles.map { Array($0[row * 50..<(row + 1) * 50]) })
        }
        for cut in [SequentialCut.blocks(items: 5, threads: 1), .blocks(items: 10, threads: 2), .layers] {
            #expect(try model(input, cut: cut).output == whole)
        }
    }

    @Test("the product of float64 is a chain of fused operations a block, as that of float32 is", arguments: shapes)
    func doubles(shape: Case) throws {
        let (model, kernel, bias, input) = try Self.layer("float64", shape)
        var expected: [Double] = []
        for row in 0..<shape.rows {
            for unit in 0..<shape.units {
                var total = 0.0
                for start in stride(from: 0, to: shape.inputs, by: 256) {
                    var chains = [Double](repeating: 0, count: shape.units < 16 ? 16 : 1)
                    for index in start..<min(start + 256, shape.inputs) {
                        chains[(index - start) % chains.count].addProduct(
                            Double(input.elements[row * shape.inputs + index]),
                            Double(kernel.elements[index * shape.units + unit]))
                    }
                    while chains.count > 1 {
                        let half = chains.count / 2
                        chains = (0..<half).map { chains[$0] + chains[$0 + half] }
                    }
                    total = start == 0 ? chains[0] : total + chains[0]
                }
                expected.append(total + Double(bias.elements[unit]))
            }
        }
        #expect(try model(input).output.doubles == expected)
    }

    @Test("what float64 has no way of computing is refused by name")
    func refused() throws {
        for name in ["BatchNormalization", "LayerNormalization", "PReLU"] {
            let config: ConfigObject = ["dtype": "float64"]
            let layer: ConfigObject = [
                "module": "keras.layers", "class_name": .string(name), "config": .object(config),
            ]
            #expect(throws: EngineError.self) { try LayerSpecification(.object(layer)) }
            do { _ = try LayerSpecification(.object(layer)) } catch {
                guard case .unsupported(let path, let message) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(path == ["config", "dtype"])
                #expect(message.contains(name))
            }
        }
    }

    @Test("low-rank terms and quantizing are of float32 alone")
    func only() throws {
        #expect(throws: EngineError.self) {
            try LayerSpecification(.object(["units": 3, "dtype": "bfloat16", "lora_rank": 2]))
        }
        let (model, _, _, _) = try Self.layer("bfloat16", Case(rows: 1, inputs: 4, units: 3))
        #expect(throws: EngineError.self) { try model.quantized(.int8(weights: nil, activations: AbsMaxQuantizer())) }
    }

    @Test("float64 is never made of what has lost it")
    func precondition() async {
        await #expect(processExitsWith: .failure) {
            _ = try? Tensor(shape: Shape([1]), elements: [1], type: .float64)
        }
        await #expect(processExitsWith: .failure) {
            let shape = (try? Shape([1])) ?? .scalar
            _ = unsafe Tensor(shape: shape, type: .float64) { unsafe $0.initialize(repeating: 0) }
        }
    }
}
