import DenseEngine
import DenseReference
import Testing

@Suite("Adapters of registered models")
struct AdapterTests {
    @Test(
        "a call with an adapter is the product, the scaled term, the bias and the activation, bit by bit",
        arguments: [(1, 5, 3), (7, 270, 9), (70, 40, 40), (200, 31, 17), (3, 513, 130)])
    func definition(rows: Int, inputs: Int, units: Int) throws {
        for (rank, alpha) in [(1, nil), (3, 8.0), (20, -0.7)] as [(Int, Double?)] {
            let network = try denseNetwork([(units, .tanh)], inputs: inputs)
            let adapter = try Adapter.random(network, rank: rank, alpha: alpha, seed: UInt64(rows))
            var numbers = TestNumbers(seed: 7)
            let input = try numbers.tensor([rows, inputs])
            guard case .dense(let dense) = network.layers[0] else { return }

            func product(_ input: Numbers, _ kernel: Tensor) -> Numbers {
                let (depth, width) = (kernel.shape.dimensions[0], kernel.shape.dimensions[1])
                let output = Numbers(count: rows * width)
                FastReference.dense(
                    input: input, rows: rows, kernel: Numbers(kernel.elements), inputDimension: depth, units: width,
                    bias: nil, output: output)
                return output
            }
            let source = Numbers(input.elements)
            let term = adapter.terms[0].term
            let base = product(source, dense.kernel).elements
            let low = product(product(source, term.a), term.b).elements
            let factor = Float((alpha ?? Double(rank)) / Double(rank))
            let bias = try #require(dense.bias).elements
            let logits = base.indices.map { index in
                let scaled = factor * low[index]
                return (base[index] + scaled) + bias[index % units]
            }
            let result = try network(input, returnLogits: true, adapters: AdapterRows(all: adapter))
            #expect(firstDifference(result.logits?.elements ?? [], logits) == nil, "rank \(rank)")
            let expected = try Activation.tanh(Tensor([rows, units], logits))
            #expect(firstDifference(result.output.elements, expected.elements) == nil)
            let planned = try network(input, adapters: AdapterRows(all: adapter))
            #expect(firstDifference(planned.output.elements, expected.elements) == nil)
        }
    }

    @Test("a call with an adapter of quantized layers gives the bits of layers that were configured with it")
    func quantized() throws {
        let plain = try denseNetwork([(33, .gelu), (17, .softmax)], inputs: 70, quantized: true)
        var numbers = TestNumbers(seed: 3)
        var factors: [String: LowRankFactors] = [:]
        var specifications: [LayerSpecification] = []
        for case .dense(let dense) in plain.layers {
            let a = try numbers.tensor([dense.inputDimension, 2])
            let b = try numbers.tensor([2, dense.units])
            factors[dense.configuration.name] = LowRankFactors(a: a, b: b, alpha: 0.5)
            var configuration = dense.configuration
            configuration.lora = LoRAConfiguration(rank: 2, alpha: 0.5)
            var weights = Dictionary(uniqueKeysWithValues: dense.weights.map { ($0.name, $0.tensor) })
            (weights["lora_kernel_a"], weights["lora_kernel_b"]) = (a, b)
            specifications.append(LayerSpecification(.dense(configuration), weights: weights))
        }
        let configured = try Sequential(specifications)
        let input = try numbers.tensor([37, 70])
        let output = try plain(input, adapters: AdapterRows(all: Adapter(factors, for: plain))).output
        #expect(firstDifference(output.elements, try configured(input).output.elements) == nil)
        #expect(firstDifference(output.elements, try plain(input).output.elements) != nil)
    }

    @Test("layers of other types compute in them beside adapted ones", arguments: ["float64", "float16", "bfloat16"])
    func types(type: String) throws {
        var numbers = TestNumbers(seed: 9)
        let sizes = [(inputs: 7, units: 20, type: type), (inputs: 20, units: 3, type: "float32")]
        let layers = try sizes.map { size in
            try LayerSpecification(
                .object([
                    "name": .string("units_\(size.units)"), "units": .int(size.units), "dtype": .string(size.type),
                    "activation": "softsign",
                ]),
                weights: [
                    "kernel": numbers.tensor([size.inputs, size.units]), "bias": numbers.tensor([size.units]),
                ])
        }
        let (whole, rest) = (try Sequential(layers), try Sequential([layers[1]]))
        let input = try numbers.tensor([6, 7])
        let between = try Sequential([layers[0]])(input).output
        let expected = try rest(between, adapters: AdapterRows(all: .random(rest, rank: 2, seed: 4))).output
        let adapters = AdapterRows(all: try .random(whole, layers: ["units_3"], rank: 2, seed: 4))
        for returnLogits in [false, true] {
            let output = try whole(input, returnLogits: returnLogits, adapters: adapters).output
            #expect(firstDifference(output.elements, expected.elements) == nil)
        }
    }

    @Test("an adapter gives what its merged network gives, within rounding", arguments: [1, 4, 16])
    func merged(rank: Int) throws {
        let network = try denseNetwork([(64, .tanh), (10, .softmax)], inputs: 100)
        let adapter = try Adapter.random(network, rank: rank, alpha: 0.01, seed: 5)
        var numbers = TestNumbers(seed: 9)
        let input = try numbers.tensor([20, 100])
        let own = try network(input, adapters: AdapterRows(all: adapter)).output.elements
        let merged = try network.merged(with: adapter)(input).output.elements
        for (own, merged) in zip(own, merged) { #expect(abs(own - merged) <= 1e-6 + 1e-5 * abs(merged)) }
        #expect(firstDifference(own, try network(input).output.elements) != nil)
    }

    @Test("layers, cuts and mixtures of adapters change no row's bits", arguments: 1...25)
    func mixtures(seed: UInt64) throws {
        var numbers = TestNumbers(seed: seed)
        let activations: [Activation] = [.linear, .relu, .gelu, .softmax, .sigmoid]
        let layers = (0..<numbers.integer(in: 1...4)).map { _ in
            (units: numbers.integer(in: 1...90), activation: activations[numbers.integer(in: 0...4)])
        }
        let inputs = numbers.integer(in: 1...300)
        let network = try denseNetwork(layers, inputs: inputs, quantized: numbers.integer(in: 0...3) == 0)
        let names = network.layers.map(\.name)
        var adapters: [Adapter?] = [nil]
        for seed in 1...3 {
            let chosen = names.filter { _ in numbers.integer(in: 0...2) > 0 }
            adapters.append(
                try .random(
                    network, layers: chosen.isEmpty ? nil : chosen, rank: numbers.integer(in: 1...9),
                    seed: UInt64(seed)))
        }
        // Positions of one or several rows each.
        let inner = numbers.integer(in: 1...2)
        var parts: [(positions: Int, adapter: Adapter?)] = []
        var inputsOfParts: [Tensor] = []
        for _ in 0..<numbers.integer(in: 1...9) {
            let positions = numbers.integer(in: 0...40)
            parts.append((positions, adapters[numbers.integer(in: 0...3)]))
            inputsOfParts.append(try numbers.tensor([positions, inner, inputs]))
        }
        let whole = try Tensor(
            [parts.reduce(0) { $0 + $1.positions }, inner, inputs], inputsOfParts.flatMap(\.elements))
        var expected: [Float] = []
        for (part, input) in zip(parts, inputsOfParts) {
            expected += try network(input, adapters: part.adapter.map(AdapterRows.init(all:))).output.elements
        }
        let rows = AdapterRows(parts)
        for cut in [
            SequentialCut.automatic, .layers, .blocks(items: 7, threads: 1), .blocks(items: 13, threads: 3),
        ] {
            let output = try network(whole, cut: cut, adapters: rows).output.elements
            #expect(firstDifference(output, expected) == nil, "\(cut)")
        }
        let observed = try network(whole, returnLogits: true, adapters: rows).output.elements
        #expect(firstDifference(observed, expected) == nil)
    }

    @Test("an activation over axis 0 is taken over all the rows of the one adapter")
    func dependent() throws {
        let network = try denseNetwork([(6, .softmax(axis: 0)), (5, .glu(axis: 0)), (4, .relu)], inputs: 12)
        let adapter = try Adapter.random(network, rank: 2, alpha: 0.001, seed: 2)
        var numbers = TestNumbers(seed: 4)
        let input = try numbers.tensor([8, 12])
        let output = try network(input, adapters: AdapterRows(all: adapter)).output
        let merged = try network.merged(with: adapter)(input).output
        #expect(output.shape.dimensions == [4, 4])
        for (own, merged) in zip(output.elements, merged.elements) {
            #expect(abs(own - merged) <= 1e-6 + 1e-5 * abs(merged))
        }
    }

    @Test("an adapter that does not fit its network is refused by name")
    func refused() throws {
        let network = try denseNetwork([(4, .linear), (2, .linear)], inputs: 3)
        let (a, b) = (try Tensor([3, 1], [1, 2, 3]), try Tensor([1, 4], [1, 2, 3, 4]))
        func error(_ factors: [String: LowRankFactors], _ network: Sequential) -> EngineError? {
            do throws(EngineError) { _ = try Adapter(factors, for: network) } catch { return error }
            return nil
        }
        #expect(error(["dense": LowRankFactors(a: a, b: b)], network) == nil)
        guard case .invalidConfigValue([], let none)? = error([:], network),
            case .invalidConfigValue(["other"], let other)? = error(["other": LowRankFactors(a: a, b: b)], network)
        else {
            Issue.record("neither is refused")
            return
        }
        #expect(none.contains("at least one layer") && other.contains("'other'"))
        guard
            case .weightShapeMismatch("dense_1", "lora_kernel_a", [4, -1], let received)? = error(
                ["dense_1": LowRankFactors(a: a, b: b)], network),
            case .weightShapeMismatch("dense", "lora_kernel_b", [1, 4], _)? = error(
                ["dense": LowRankFactors(a: a, b: a)], network),
            case .invalidConfigValue(["dense", "lora_alpha"], _)? = error(
                ["dense": LowRankFactors(a: a, b: b, alpha: 1e300)], network)
        else {
            Issue.record("not all are refused")
            return
        }
        #expect(received.dimensions == [3, 1])
        let constrained = try Sequential(
            [
                LayerSpecification(
                    .dense(DenseConfiguration(units: 4, kernelConstraint: .nonNeg, name: "dense")))
            ], inputShape: Shape([1, 3]))
        guard
            case .invalidConfigValue(["dense"], let message)? = error(
                ["dense": LowRankFactors(a: a, b: b)], constrained)
        else {
            Issue.record("a constrained kernel is adapted")
            return
        }
        #expect(message.contains("Lora is incompatible with kernel constraints"))
    }
}
