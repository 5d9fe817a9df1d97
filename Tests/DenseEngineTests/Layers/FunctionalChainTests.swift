import DenseEngine
import Testing

@Suite("FunctionalChain")
struct FunctionalChainTests {
    /// A layer called on the output of others, as Keras 3 writes it.
    private static func keras3(_ name: String, on sources: [String] = [], kwargs: ConfigObject = [:]) -> ConfigValue {
        let tensors = sources.map { source in
            ConfigValue.object([
                "class_name": "__keras_tensor__",
                "config": .object([
                    "shape": .array([.null, .int(4)]), "keras_history": .array([.string(source), 0, 0]),
                ]),
            ])
        }
        let calls = ConfigValue.array([.object(["args": .array(tensors), "kwargs": .object(kwargs)])])
        return layer(name, calls: sources.isEmpty ? .array([]) : calls)
    }

    /// The same as Keras 2 does.
    private static func keras2(_ name: String, on sources: [String] = []) -> ConfigValue {
        let tensors = sources.map { ConfigValue.array([.string($0), 0, 0, .object([:])]) }
        return layer(name, calls: sources.isEmpty ? .array([]) : .array([.array(tensors)]))
    }

    private static func layer(_ name: String, calls: ConfigValue) -> ConfigValue {
        let config: ConfigObject =
            name == "in" ? ["batch_shape": [.null, 4], "name": "in"] : ["units": 2, "name": .string(name)]
        return .object([
            "class_name": name == "in" ? "InputLayer" : "Dense", "config": .object(config), "name": .string(name),
            "inbound_nodes": calls,
        ])
    }

    private static func model(_ layers: [ConfigValue], output: String = "b") -> ConfigValue {
        .object([
            "class_name": "Functional",
            "config": .object([
                "name": "m", "layers": .array(layers), "input_layers": ["in", 0, 0],
                "output_layers": .array([.array([.string(output), 0, 0])]),
            ]),
        ])
    }

    @Test("a chain's layers come in the order of the calls", arguments: [true, false])
    func order(isNew: Bool) throws {
        let call = isNew ? { Self.keras3($0, on: $1) } : { Self.keras2($0, on: $1) }
        let layers = try LayerSpecification.list(Self.model([call("b", ["a"]), call("in", []), call("a", ["in"])]))
        #expect(layers.map(\.configuration.name) == ["in", "a", "b"])
    }

    @Test(
        "a graph that is no chain is refused with the layer's name",
        arguments: [
            (model([keras3("in"), keras3("a", on: ["in"]), keras3("b", on: ["in"])]), "'b'"),
            (model([keras3("in"), keras3("a", on: ["in"]), keras3("b", on: ["a", "in"])]), "'b'"),
            (model([keras3("in"), keras3("a", on: ["in"]), keras3("b")]), "'b'"),
            (model([keras3("in"), keras3("a", on: ["b"]), keras3("b", on: ["a"])]), "'a'"),
            (model([keras3("in"), keras3("b", on: ["in"], kwargs: ["training": true])]), "training=True"),
            (model([keras3("in"), keras3("a", on: ["in"]), keras3("b", on: ["a"])], output: "a"), "output_layers"),
            (model([keras2("in"), keras2("b", on: ["in", "in"])]), "'b'"),
        ])
    func refused(model: ConfigValue, name: String) {
        let error = #expect(throws: EngineError.self) { try LayerSpecification.list(model) }
        #expect(error?.description.contains(name) == true, "\(error.map(\.description) ?? "")")
    }

    @Test("the arguments that change nothing are taken")
    func arguments() throws {
        let model = Self.model([
            Self.keras3("in"), Self.keras3("b", on: ["in"], kwargs: ["mask": .null, "training": false]),
        ])
        #expect(try LayerSpecification.list(model).count == 2)
    }
}
