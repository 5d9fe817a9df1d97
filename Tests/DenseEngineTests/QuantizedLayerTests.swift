import DenseEngine
import DenseReference
import Testing

@Suite("Quantized layers")
struct QuantizedLayerTests {
    private func configuration(_ units: Int, _ mode: DTypePolicy.Quantization) -> DenseConfiguration {
        var configuration = DenseConfiguration(units: units, useBias: false)
        configuration.policy.quantization = mode
        return configuration
    }

    private func build(_ configuration: DenseConfiguration, _ weights: [String: Tensor]) throws -> Sequential {
        try Sequential([LayerSpecification(.dense(configuration), weights: weights)])
    }

    private func tensor(_ shape: [Int], _ value: (Int) -> Float) throws -> Tensor {
        try Tensor(shape, (0..<shape.reduce(1, *)).map(value))
    }

    /// Weights of 24 features in 3 groups that are not in a row.
    private func shuffled(units: Int, perByte: Int, _ mode: DTypePolicy.Quantization) throws -> [String: Tensor] {
        let rows = (units + perByte - 1) / perByte
        return [
            "kernel": try tensor([rows, 24]) { Float($0 * 37 % 256) },
            "kernel_scale": try tensor([units, 3]) { Float($0 % 7 + 1) / 16 },
            "kernel_zero": try tensor([units, 3]) { Float($0 * 5 % 16) },
            "g_idx": try tensor([24]) { Float($0 % 3) },
        ]
    }

    @Test("gptq layers have the bits of the float32 layer of the weights they stand for", arguments: [2, 3, 4, 8])
    func gptq(bits: Int) throws {
        for (units, perByte) in bits == 2 ? [(9, 1), (9, 4)] : bits == 4 ? [(9, 2), (18, 2)] : [(9, 1)] {
            let weights = try shuffled(units: units, perByte: perByte, .gptq(weightBits: bits, groupSize: 8))
            let kernel = try #require(weights["kernel"])
            let (scale, zero) = (try #require(weights["kernel_scale"]), try #require(weights["kernel_zero"]))
            let numbers = try tensor([24, units]) { index in
                let (feature, unit) = (index / units, index % units)
                let byte = Int(kernel.elements[unit / perByte * 24 + feature])
                let width = 8 / perByte
                let integer = byte >> (unit % perByte * width) & (1 << width - 1)
                let place = unit * 3 + feature % 3
                return (Float(integer) - zero.elements[place]) * scale.elements[place]
            }
            let input = try tensor([3, 24]) { Float($0 % 11) / 3 - 1 }
            let output = try build(configuration(units, .gptq(weightBits: bits, groupSize: 8)), weights)(input).output
            #expect(output.elements == ScalarReference.dense(input: input, kernel: numbers, bias: nil))
        }
    }

    @Test("an awq layer's features have divisors")
    func awq() throws {
        var weights = try shuffled(units: 6, perByte: 2, .awq(groupSize: 8))
        let input = try tensor([2, 24]) { Float($0 % 5) - 2 }
        weights["awq_scales"] = try tensor([24]) { _ in 1 }
        let whole = try build(configuration(6, .awq(groupSize: 8)), weights)(input).output
        weights["awq_scales"] = try tensor([24]) { _ in 4 }
        let divided = try build(configuration(6, .awq(groupSize: 8)), weights)(input).output
        #expect(divided.elements == whole.elements.map { $0 / 4 })
        let gptq = try shuffled(units: 6, perByte: 2, .gptq(weightBits: 4, groupSize: 8))
        #expect(try build(configuration(6, .gptq(weightBits: 4, groupSize: 8)), gptq)(input).output == whole)
    }

    @Test("groups in any order, and few units, are the float32 layer of their weights, too")
    func irregular() throws {
        for (units, size) in [(16, 5), (5, 8), (40, 12)] {
            let groups = (20 - 1) / size + 1
            let integers = (0..<20 * units).map { Int8($0 * 7 % 16) - 8 }
            let weights = [
                "kernel": try Tensor(
                    [20, (units + 1) / 2],
                    Int4Reference.packed(integers, units: units).map { Float(Int8(bitPattern: $0)) }),
                "kernel_scale": try tensor([groups, units]) { Float($0 % 9 + 1) / 32 },
                "kernel_zero": try tensor([groups, units]) { Float($0 % 16) - 8 },
                "g_idx": try tensor([20]) { Float($0 / size) },
            ]
            let (scale, zero) = (try #require(weights["kernel_scale"]), try #require(weights["kernel_zero"]))
            let numbers = try tensor([20, units]) { index in
                let place = index / units / size * units + index % units
                return (Float(integers[index]) - zero.elements[place]) * scale.elements[place]
            }
            let input = try tensor([3, 20]) { Float($0 % 11) / 3 - 1 }
            let output = try build(configuration(units, .int4(blockSize: size)), weights)(input).output
            #expect(output.elements == ScalarReference.dense(input: input, kernel: numbers, bias: nil))
        }
    }

    @Test("weights that are not as Keras stores them are refused by name")
    func refused() throws {
        let mode = DTypePolicy.Quantization.gptq(weightBits: 4, groupSize: 8)
        let whole = try shuffled(units: 6, perByte: 2, mode)
        #expect(try build(configuration(6, mode), whole).layers[0].weights.count == 4)
        func error(_ name: String, _ tensor: Tensor?) -> EngineError? {
            var weights = whole
            weights[name] = tensor
            return #expect(throws: EngineError.self) { try build(configuration(6, mode), weights) }
        }
        for name in whole.keys.sorted() {
            #expect(error(name, nil) == .missingWeight(layer: "dense", weight: name))
            guard case .weightShapeMismatch("dense", name, _, _) = error(name, try tensor([5, 5]) { _ in 0 }) else {
                Issue.record("\(name) of another shape")
                continue
            }
        }
        let wrong: [(String, Float)] = [
            ("kernel", 256), ("kernel", -1), ("kernel_zero", 0.5), ("g_idx", 3), ("g_idx", -1), ("g_idx", .nan),
        ]
        for (name, number) in wrong {
            let shape = try #require(whole[name]).shape.dimensions
            guard case .weightOutOfRange("dense", name, _, _) = error(name, try tensor(shape) { $0 == 2 ? number : 0 })
            else {
                Issue.record("\(name) with \(number)")
                continue
            }
        }
        // Without its integers there is no such layer.
        #expect(throws: EngineError.missingWeight(layer: "dense", weight: "kernel")) {
            try Sequential([LayerSpecification(.dense(configuration(6, mode)), inputShape: [nil, 24])])
        }
    }

    @Test("a layer without weights is zero where Keras's is")
    func blank() throws {
        let input = try tensor([2, 20]) { Float($0) }
        for mode in [.int8, .int4(blockSize: nil), .int4(blockSize: 8)] as [DTypePolicy.Quantization] {
            let model = try Sequential([LayerSpecification(.dense(configuration(18, mode)), inputShape: [nil, 20])])
            #expect(try model(input).output.elements.allSatisfy { $0 == 0 })
        }
    }

    @Test("quantizing takes the memory it should", arguments: ["int8", "int4", "float8"])
    func memory(mode: String) throws {
        let specification = LayerSpecification(
            .dense(DenseConfiguration(units: 128)), weights: nil, inputShape: [nil, 1024])
        let model = try Sequential([specification])
        let quantized = try model.quantized(QuantizationConfiguration(.string(mode)))
        let least = ["int8": 7, "int4": 6, "float8": 0][mode] ?? 0
        #expect(quantized.memoryByteCount * least < model.memoryByteCount)
        #expect(throws: EngineError.self) { try quantized.quantized(QuantizationConfiguration(.string("int8"))) }
    }

    @Test("NaN and infinity in a kernel are quantized alike everywhere")
    func nonFinite() throws {
        for mode in ["int8", "int4", "float8"] {
            let kernel = try tensor([16, 17]) { $0 == 5 ? .nan : $0 == 40 ? .infinity : Float($0 % 7) }
            let layer = LayerSpecification(
                .dense(DenseConfiguration(units: 17, useBias: false)), weights: ["kernel": kernel])
            let model = try Sequential([layer]).quantized(QuantizationConfiguration(.string(mode)))
            let input = try tensor([1, 16]) { _ in 1 }
            #expect(try model(input).output.elements.count == 17)
        }
    }
}
