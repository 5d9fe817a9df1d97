import DenseEngine
import TensorCoding
import Testing

@Suite("Golden data from Keras")
struct GoldenTests {
    static let file = Result { try GoldenFile.keras() }
    /// The cases that hold a field; none when the file cannot be read, which `enough` reports.
    private static func cases(with field: String) -> [GoldenCase] {
        ((try? file.get().cases) ?? []).filter { $0.texts[field] != nil }
    }

    @Test("there are enough cases, each with a name of its own")
    func enough() throws {
        let file = try Self.file.get()
        #expect(file.header.hasPrefix("keras 3."))
        #expect(file.cases.count >= 800)
        #expect(Set(file.cases.map(\.name)).count == file.cases.count)
        let kinds = ["config", "initializer", "regularizer", "constraint"]
        for golden in file.cases { #expect(kinds.count { golden.texts[$0] != nil } == 1, "\(golden.name)") }
    }

    @Test("layers and stacks give Keras's output, penalties and weights", arguments: cases(with: "config"))
    func layers(golden: GoldenCase) throws {
        let input = try golden.tensor("input")
        let weights = try golden.layerTensors("weights")
        var specifications = try LayerSpecification.list(golden.configuration("config"))
        for index in specifications.indices where weights[index] != nil {
            specifications[index].weights = weights[index]
        }
        let model = try Sequential(specifications, inputShape: input.shape)
        let result = try model(
            input, returnLogits: golden.tensors["logits"] != nil, returnLosses: golden.tensors["losses"] != nil)

        let exact = golden.texts["exact"] != nil
        expect(result.output, equals: try golden.tensor("output"), exact: exact, "output")
        if let losses = golden.tensors["losses"] {
            let received = try #require(result.losses)
            expect(try Tensor([received.count], received), equals: losses, "penalties")
        }
        if let logits = golden.tensors["logits"] {
            expect(try #require(result.logits), equals: logits, "logits")
        }
        for (layer, tensors) in try golden.layerTensors("made") {
            let made = model.layers[layer].weights
            #expect(made.count == tensors.count)
            for (name, tensor) in made {
                // The orthogonal initializer's last bit may differ; everything else is Keras's bit for bit.
                let exact = !(golden.name.contains("Orthogonal"))
                expect(tensor, equals: try #require(tensors[name]), exact: exact, name)
            }
        }
    }

    @Test("a configuration is written as Keras writes it", arguments: cases(with: "config"))
    func writing(golden: GoldenCase) throws {
        let original = try golden.configuration("config")
        for specification in try LayerSpecification.list(original) {
            let written = specification.configuration.serialized
            let again = try LayerSpecification.list(ConfigValue(json: written.json)).map(\.configuration.serialized)
            #expect(again == [written])
        }
        guard case .object(let object) = original, object["module"] == .string("keras.layers"),
            case .object(let config) = object["config"]
        else { return }
        // A layer in the place of an activation is kept as an activation with arguments, without its own name.
        if case .object = config["activation"] { return }
        let written = try LayerSpecification.list(original).map(\.configuration.serialized)
        #expect(written.map(\.canonical) == [original.canonical])
    }

    @Test("initializers give Keras's values", arguments: cases(with: "initializer"))
    func initializers(golden: GoldenCase) throws {
        let initializer = try Initializer(golden.configuration("initializer"))
        let values = try golden.tensor("values")
        let exact = !golden.name.contains("Orthogonal")
        expect(try initializer(shape: values.shape), equals: values, exact: exact, "values")
    }

    @Test("seeds give the numbers of the backend they name, bit for bit")
    func seeds() throws {
        let cases = try GoldenFile.seeds().cases
        #expect(cases.count >= 100)
        for golden in cases {
            let initializer = try Initializer(golden.configuration("initializer"))
            let values = try golden.tensor("values")
            expect(try initializer(shape: values.shape), equals: values, exact: true, "\(golden.name)")
            #expect(try Initializer(initializer.serialized) == initializer)
        }
    }

    @Test("regularizers give Keras's penalties", arguments: cases(with: "regularizer"))
    func regularizers(golden: GoldenCase) throws {
        let regularizer = try Regularizer(golden.configuration("regularizer"))
        let penalty = try regularizer(golden.tensor("tensor"))
        expect(try Tensor([], [penalty]), equals: try golden.tensor("penalty"), "penalty")
    }

    @Test("constraints give Keras's projections", arguments: cases(with: "constraint"))
    func constraints(golden: GoldenCase) throws {
        let constraint = try Constraint(golden.configuration("constraint"))
        let constrained = try constraint(golden.tensor("tensor"))
        expect(constrained, equals: try golden.tensor("constrained"), "projection")
    }
}

extension ConfigValue {
    /// The same value whatever the order of its members and whether a whole number has a fraction, without what belongs to
    /// a built layer.
    var canonical: ConfigValue {
        switch self {
        case .int(let value): .double(Double(value))
        case .array(let values): .array(values.map(\.canonical))
        case .object(let object):
            .object(
                ConfigObject(
                    object.members.filter { $0.name != "build_config" }.sorted { $0.name < $1.name }
                        .map { ConfigObject.Member(name: $0.name, value: $0.value.canonical) }))
        case .null, .bool, .double, .string: self
        }
    }
}
