import DenseEngine
import TensorCoding
import Testing

@Suite("Golden data from Keras, in low precision")
struct PrecisionTests {
    static let file = Result { try GoldenFile.precision() }

    private static func cases(with field: String) -> [GoldenCase] {
        ((try? file.get().cases) ?? []).filter { $0.texts[field] != nil }
    }

    @Test("there are enough cases, each with a name of its own")
    func enough() throws {
        let file = try Self.file.get()
        #expect(file.header.hasPrefix("keras 3."))
        #expect(file.cases.count >= 30)
        #expect(Set(file.cases.map(\.name)).count == file.cases.count)
    }

    @Test("layers give Keras's output", arguments: cases(with: "config"))
    func outputs(golden: GoldenCase) throws {
        let input = try golden.tensor("input")
        let specification = try LayerSpecification(
            golden.configuration("config"), weights: try golden.layerTensors("weights")[0])
        let model = try Sequential([specification], inputShape: input.shape)
        let exact = golden.texts["exact"] != nil
        expect(try model(input).output, equals: try golden.tensor("output"), exact: exact, "output")
    }

    @Test("a configuration is written as Keras writes it", arguments: cases(with: "config"))
    func writing(golden: GoldenCase) throws {
        let original = try golden.configuration("config")
        guard case .object(let object) = original, case .object(let config) = object["config"] else {
            Issue.record("no serialized layer")
            return
        }
        if case .object = config["activation"] { return }
        #expect(try LayerSpecification(original).serialized.canonical == original.canonical)
    }

    @Test("a layer's low-rank factors are merged as Keras saves them", arguments: cases(with: "lora"))
    func merging(golden: GoldenCase) throws {
        let weights = try golden.layerTensors("weights")[0]
        let model = try Sequential([LayerSpecification(golden.configuration("config"), weights: weights)])
        #expect(model.layers[0].weights.count == weights?.count)
        try compare(model.merged()[0], savedIn: golden)
    }

    private func compare(_ layer: Layer, savedIn golden: GoldenCase) throws {
        let expected = try #require(try golden.layerTensors("merged")[0])
        #expect(!layer.weights.contains { $0.name.hasPrefix("lora") })
        for (name, tensor) in layer.weights {
            guard let wanted = expected[name] else { continue }
            expect(tensor, equals: wanted, name)
        }
    }

    @Test("quantizing gives Keras's integers, scales and configuration", arguments: cases(with: "quantize"))
    func quantizing(golden: GoldenCase) throws {
        let specification = try LayerSpecification(
            golden.configuration("unquantized"), weights: try golden.layerTensors("before")[0])
        let model = try Sequential([specification]).quantized(
            QuantizationConfiguration(golden.configuration("quantize")))
        let expected = try #require(try golden.layerTensors("weights")[0])
        #expect(Set(model.layers[0].weights.map(\.name)) == Set(expected.keys))
        for (name, tensor) in model.layers[0].weights {
            expect(tensor, equals: try #require(expected[name]), exact: true, name)
        }
        let written = try LayerSpecification(golden.configuration("config")).configuration.serialized
        #expect(model.layers[0].configuration.serialized.canonical == written.canonical)
    }
}
