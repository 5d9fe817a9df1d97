/// Reading and writing activations: what `keras.activations.get` takes, and arguments beside a name.
extension Activation {
    /// - Parameter value: `null` (linear), a name or alias, Keras's serialized function, a serialized activation layer
    ///   (`LeakyReLU` and its like) or operation (`HardShrink` and its like), or `{"name": "leaky_relu", "negative_slope": 0.01}`.
    /// - Throws: `EngineError.unknownIdentifier` in Keras's words, and what is wrong with an argument.
    package init(_ value: ConfigValue) throws(EngineError) {
        switch value {
        case .null: self = .linear
        case .string(let name): self = try Self.named(name)
        case .object(let object) where SerializedObject.matches(object): self = try Self.deserialized(object)
        case .object(let object) where object["name"] != nil: self = try Self.withArguments(object)
        default: throw Self.unknown(value)
        }
    }

    /// As Keras 3 writes it: a name where the arguments are the defaults, else the layer that carries them. Arguments
    /// that no Keras layer takes stand beside the name.
    package var serialized: ConfigValue {
        if Self.withDefaults(named: name) == self { return .string(name) }
        if let layer = ActivationLayer(carrying: self) { return LayerConfiguration.activation(layer).serialized }
        return .object(ConfigObject([ConfigObject.Member(name: "name", value: .string(name))] + arguments))
    }

    private static func unknown(_ value: ConfigValue) -> EngineError {
        .unknownIdentifier(path: [], kind: "activation function", name: value.pythonText, expected: names)
    }

    private static func named(_ name: String) throws(EngineError) -> Activation {
        if let activation = withDefaults(named: name) { return activation }
        guard name != "threshold" else {
            // Keras takes the name, and fails when the layer is called.
            throw .invalidConfigValue(
                path: [],
                message: "threshold() missing 2 required positional arguments: 'threshold' and 'default_value'. "
                    + "Expected {'name': 'threshold', 'threshold': ..., 'default_value': ...}, received 'threshold'.")
        }
        throw unknown(.string(name))
    }

    private static func deserialized(_ object: ConfigObject) throws(EngineError) -> Activation {
        let serialized = try SerializedObject(object)
        if serialized.className == "function" {
            return try within("config") { () throws(EngineError) in
                guard case .string(let name) = serialized.config else {
                    throw .invalidConfigValue(
                        path: [],
                        message: "Expected 'config' to be a non-null str for a function classname, instead got "
                            + serialized.config.pythonType)
                }
                return try named(name)
            }
        }
        if let name = name(ofOperation: serialized.className) {
            var arguments = try serialized.arguments()
            // An operation has a name of its own, and another default.
            arguments["name"] = .string(name)
            if name == "gelu", arguments["approximate"] == nil { arguments["approximate"] = .bool(true) }
            return try within("config") { () throws(EngineError) in try withArguments(arguments) }
        }
        guard let layerClass = ActivationLayer.Class(rawValue: serialized.className) else {
            throw .unknownIdentifier(
                path: ["class_name"], kind: "activation function",
                name: ConfigValue.string(serialized.className).pythonText,
                expected: ["function"] + ActivationLayer.Class.allCases.map(\.rawValue))
        }
        let arguments = try serialized.arguments()
        return try within("config") { () throws(EngineError) in
            try ActivationLayer(config: arguments, layerClass: layerClass).activation
        }
    }

    /// The form with arguments beside the name, which Keras does not have. They are those of Keras's functions.
    private static func withArguments(_ object: ConfigObject) throws(EngineError) -> Activation {
        let value = object["name"] ?? .null
        let given = try within("name") { () throws(EngineError) in try value.string("name") }
        let name = aliases[given] ?? given
        var reader = ConfigReader(object, of: ConfigValue.string(name).pythonText)
        _ = reader.take("name")
        let activation: Activation
        switch name {
        case "relu":
            activation = .relu(
                negativeSlope: try reader.number("negative_slope", default: 0),
                maxValue: try reader.optionalNumber("max_value"),
                threshold: try reader.number("threshold", default: 0))
        case "leaky_relu": activation = .leakyReLU(negativeSlope: try reader.number("negative_slope", default: 0.2))
        case "elu": activation = .elu(alpha: try reader.number("alpha", default: 1))
        case "celu": activation = .celu(alpha: try reader.number("alpha", default: 1))
        case "gelu": activation = .gelu(approximate: try reader.bool("approximate", default: false))
        case "softmax": activation = .softmax(axis: try reader.integer("axis", default: -1))
        case "log_softmax": activation = .logSoftmax(axis: try reader.integer("axis", default: -1))
        case "sparsemax": activation = .sparsemax(axis: try reader.integer("axis", default: -1))
        case "glu": activation = .glu(axis: try reader.integer("axis", default: -1))
        case "squareplus": activation = .squareplus(b: try reader.number("b", default: 4))
        case "hard_shrink": activation = .hardShrink(threshold: try reader.number("threshold", default: 0.5))
        case "soft_shrink": activation = .softShrink(threshold: try reader.number("threshold", default: 0.5))
        case "threshold":
            let threshold = try reader.required("threshold")
            let value = try reader.required("default_value")
            activation = .threshold(
                threshold: try within("threshold") { () throws(EngineError) in try threshold.number("threshold") },
                value: try within("default_value") { () throws(EngineError) in try value.number("default_value") })
        default: activation = try within("name") { () throws(EngineError) in try named(name) }
        }
        try reader.finish()
        return activation
    }

    /// The arguments by Keras's names; none for the activations that have none.
    private var arguments: [ConfigObject.Member] {
        let arguments: KeyValuePairs<String, ConfigValue> =
            switch self {
            case .relu(let negativeSlope, let maxValue, let threshold):
                [
                    "negative_slope": .double(negativeSlope), "max_value": ConfigValue(maxValue),
                    "threshold": .double(threshold),
                ]
            case .leakyReLU(let negativeSlope): ["negative_slope": .double(negativeSlope)]
            case .elu(let alpha), .celu(let alpha): ["alpha": .double(alpha)]
            case .gelu(let approximate): ["approximate": .bool(approximate)]
            case .softmax(let axis), .logSoftmax(let axis), .sparsemax(let axis), .glu(let axis): ["axis": .int(axis)]
            case .squareplus(let b): ["b": .double(b)]
            case .hardShrink(let threshold), .softShrink(let threshold): ["threshold": .double(threshold)]
            case .threshold(let threshold, let value):
                ["threshold": .double(threshold), "default_value": .double(value)]
            case .linear, .relu6, .selu, .silu, .hardSiLU, .mish, .sigmoid, .hardSigmoid, .logSigmoid, .sparseSigmoid,
                .softplus, .softsign, .sparsePlus, .exponential, .tanh, .hardTanh, .tanhShrink:
                [:]
            }
        return arguments.map { ConfigObject.Member(name: $0.key, value: $0.value) }
    }
}
