/// Keras's functional models, as far as they are chains: one input, one output, and every layer called once, on the output of
/// the one before.
enum FunctionalChain {
    /// The classes Keras writes for such models, old and new.
    static let classNames: Set = ["Functional", "Model"]

    /// The layers' serialised configurations, in the order of the calls.
    ///
    /// - Parameter config: what `model.get_config()` gives.
    /// - Throws: `EngineError.unsupported` for a graph that is no chain, naming the layer.
    static func layers(_ config: ConfigObject) throws(EngineError) -> [ConfigValue] {
        guard case .array(let values)? = config["layers"] else {
            throw (config["layers"] ?? .null).notA("a list of layers", "layers").prefixed(by: "layers")
        }
        var layers: [String: (value: ConfigValue, caller: String?, index: Int)] = [:]
        /// Which layer is called on the output of which.
        var next: [String: String] = [:]
        var first: String?
        for (index, value) in values.enumerated() {
            let (name, layer, source) = try within("layers") { () throws(EngineError) in
                try within("\(index)") { () throws(EngineError) in try Self.layer(value) }
            }
            let place = ["layers", "\(index)"]
            guard layers[name] == nil else { throw Sequential.repeated(name, path: place + ["name"]) }
            layers[name] = (layer, source, index)
            if let source {
                if let other = next[source] {
                    throw notAChain(
                        "Layers \(other.quoted) and \(name.quoted) are both called on \(source.quoted).", place)
                }
                next[source] = name
            } else {
                if let first {
                    throw notAChain("\(first.quoted) and \(name.quoted) are both inputs.", place)
                }
                first = name
            }
        }
        guard let first else { throw notAChain("No layer is an input.", ["layers"]) }
        var chain: [ConfigValue] = []
        var name: String? = first
        while let current = name, let layer = layers.removeValue(forKey: current) {
            chain.append(layer.value)
            name = next[current]
        }
        if let left = layers.min(by: { $0.value.index < $1.value.index }) {
            throw notAChain(
                "\(left.key.quoted) is not reached from \(first.quoted).", ["layers", "\(left.value.index)"])
        }
        try checkEnds(config, first: first, last: try lastName(chain))
        return chain
    }

    /// One element of `layers`: its name, its configuration without what only graphs have, and the layer it is called on.
    private static func layer(
        _ value: ConfigValue
    ) throws(EngineError) -> (name: String, layer: ConfigValue, source: String?) {
        guard case .object(var object) = value else { throw value.notA("an object", "layer") }
        var name: String?
        if case .string(let text)? = object["name"] { name = text }
        if case .object(let config)? = object["config"], case .string(let text)? = config["name"] { name = text }
        guard let name else {
            throw .missingConfigKey(path: ["name"], context: "a functional model's layer has a name")
        }
        if case .string(let className)? = object["class_name"],
            classNames.contains(className) || className == "Sequential"
        {
            throw .unsupported(
                path: ["class_name"],
                message: "The layer \(name.quoted) is a model itself (\(className)). Expected layers only: one of "
                    + "\(LayerConfiguration.classNames.joined(separator: ", ")).")
        }
        let nodes = object["inbound_nodes"] ?? .array([])
        let source = try within("inbound_nodes") { () throws(EngineError) in try Self.source(nodes, of: name) }
        object["inbound_nodes"] = nil
        object["name"] = nil
        return (name, .object(object), source)
    }

    /// The one layer whose output a layer is called on; nil for an input.
    private static func source(_ nodes: ConfigValue, of name: String) throws(EngineError) -> String? {
        guard case .array(let calls) = nodes else { throw nodes.notA("a list", "inbound_nodes") }
        guard let call = calls.first else { return nil }
        guard calls.count == 1 else { throw notAChain("\(name.quoted) is called \(calls.count) times.", []) }
        switch call {
        case .object(let object):
            // Keras 3: {"args": [tensor], "kwargs": {}}.
            guard case .array(let arguments)? = object["args"] else { throw call.notA("a call", "inbound_nodes") }
            guard arguments.count == 1, let history = Self.history(arguments[0]) else {
                throw notAChain("\(name.quoted) is called on something else than one tensor.", ["0", "args"])
            }
            if case .object(let named)? = object["kwargs"] {
                for member in named.members {
                    try checkArgument(member.name, member.value, of: name, path: ["0", "kwargs", member.name])
                }
            }
            return history
        case .array(let tensors):
            // Keras 2: [["name", 0, 0, {}]], or without the outer list.
            var tensor = tensors
            if case .array(let only)? = tensors.first {
                guard tensors.count == 1 else {
                    throw notAChain("\(name.quoted) is called on \(tensors.count) tensors.", ["0"])
                }
                tensor = only
            }
            guard tensor.count >= 3, case .string(let source) = tensor[0], tensor[1] == .int(0), tensor[2] == .int(0)
            else { throw notAChain("\(name.quoted) is called on something else than a layer's first output.", ["0"]) }
            if tensor.count > 3, case .object(let named) = tensor[3] {
                for member in named.members {
                    try checkArgument(member.name, member.value, of: name, path: ["0", "0", "3", member.name])
                }
            }
            return source
        default: throw call.notA("a call", "inbound_nodes")
        }
    }

    /// A `__keras_tensor__` that is a layer's only output.
    private static func history(_ value: ConfigValue) -> String? {
        guard case .object(let object) = value, object["class_name"] == .string("__keras_tensor__"),
            case .object(let config)? = object["config"], case .array(let history)? = config["keras_history"],
            history.count == 3, history[1] == .int(0), history[2] == .int(0), case .string(let name) = history[0]
        else { return nil }
        return name
    }

    /// `mask=None` and `training=False` change nothing.
    private static func checkArgument(
        _ argument: String, _ value: ConfigValue, of name: String, path: [String]
    ) throws(EngineError) {
        guard value == .null || (argument == "training" && value == .bool(false)) else {
            throw .unsupported(
                path: path,
                message: "\(name.quoted) is called with \(argument)=\(value.pythonText). Expected the input alone.")
        }
    }

    /// The model's input and output must be the chain's ends.
    private static func checkEnds(_ config: ConfigObject, first: String, last: String?) throws(EngineError) {
        for (key, expected) in [("input_layers", first), ("output_layers", last)] {
            guard let expected, let value = config[key] else { continue }
            guard case .array(var tensor) = value else { throw value.notA("a list", key).prefixed(by: key) }
            if tensor.count == 1, case .array(let only) = tensor[0] { tensor = only }
            guard tensor.first == .string(expected) else {
                throw notAChain("\(key) is \(value.pythonText), and the chain's end is '\(expected)'.", [key])
            }
        }
    }

    private static func lastName(_ chain: [ConfigValue]) throws(EngineError) -> String? {
        guard case .object(let object)? = chain.last, case .object(let config)? = object["config"],
            case .string(let name)? = config["name"]
        else { return nil }
        return name
    }

    private static func notAChain(_ reason: String, _ path: [String]) -> EngineError {
        .unsupported(
            path: path,
            message:
                "The functional model is no chain: \(reason) Expected one input, and each layer called once on the output "
                + "of the one before.")
    }
}
