/// How a layer was quantized, or is to be: Keras's quantization configs (keras/src/quantizers/quantization_config.py).
package enum QuantizationConfiguration: Hashable, Sendable {
    /// `Int8QuantizationConfig`. Without a quantizer for activations the weights alone are integers.
    case int8(weights: AbsMaxQuantizer?, activations: AbsMaxQuantizer?)

    /// Keras's default of each mode.
    package init(_ mode: DTypePolicy.Quantization) {
        switch mode {
        case .int8: self = .int8(weights: nil, activations: AbsMaxQuantizer())
        }
    }

    /// The mode it belongs to.
    package var mode: DTypePolicy.Quantization {
        switch self {
        case .int8: .int8
        }
    }

    /// Reads a mode's name, or what `keras.saving.serialize_keras_object` makes of a config.
    ///
    /// - Throws: `EngineError` with the path to what is wrong.
    package init(_ value: ConfigValue) throws(EngineError) {
        if case .string(let name) = value {
            guard let mode = DTypePolicy.Quantization(rawValue: name) else { throw Self.unknownMode(value) }
            self.init(mode)
            return
        }
        guard case .object(let object) = value, SerializedObject.matches(object) else { throw Self.unknownMode(value) }
        let serialized = try SerializedObject(object)
        guard serialized.className == "Int8QuantizationConfig" else {
            throw EngineError.unknownIdentifier(
                path: ["class_name"], kind: "quantization config",
                name: ConfigValue.string(serialized.className).pythonText, expected: ["Int8QuantizationConfig"])
        }
        let arguments = try serialized.arguments()
        self = try within("config") { () throws(EngineError) in
            var reader = ConfigReader(arguments, of: serialized.className)
            let weights = try reader.optional("weight_quantizer") { value throws(EngineError) in
                try AbsMaxQuantizer(value)
            }
            let hasActivations = reader.take("activation_quantizer") != nil
            let activations = try reader.optional("activation_quantizer") { value throws(EngineError) in
                value == .string("default") ? AbsMaxQuantizer() : try AbsMaxQuantizer(value)
            }
            try reader.finish()
            return .int8(weights: weights, activations: hasActivations ? activations : AbsMaxQuantizer())
        }
    }

    /// What Keras 3 writes.
    var serialized: ConfigValue {
        switch self {
        case .int8(let weights, let activations):
            .object(
                SerializedObject.write(
                    module: "keras.quantizers", className: "Int8QuantizationConfig",
                    config: [
                        "weight_quantizer": weights?.serialized ?? .null,
                        "activation_quantizer": activations?.serialized ?? .null,
                    ]))
        }
    }

    private static func unknownMode(_ value: ConfigValue) -> EngineError {
        let modes = DTypePolicy.Quantization.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return .invalidConfigValue(
            path: [],
            message: "Invalid quantization mode. Expected one of (\(modes)) or a serialized quantization config. "
                + "Received: mode=\(value.pythonText)")
    }
}

extension AbsMaxQuantizer {
    /// Reads what Keras writes.
    ///
    /// - Throws: `EngineError.unsupported` for another quantizer or integers that have not eight bits.
    init(_ value: ConfigValue) throws(EngineError) {
        let serialized = try SerializedObject(value.object("quantizer"))
        guard serialized.className == "AbsMaxQuantizer" else {
            throw .unknownIdentifier(
                path: ["class_name"], kind: "quantizer", name: ConfigValue.string(serialized.className).pythonText,
                expected: ["AbsMaxQuantizer"])
        }
        let arguments = try serialized.arguments()
        self = try within("config") { () throws(EngineError) in
            var reader = ConfigReader(arguments, of: serialized.className)
            var quantizer = AbsMaxQuantizer()
            if let range = try reader.optionalIntegers("value_range") {
                guard range.count == 2, (-128...0).contains(range[0]), (1...127).contains(range[1]) else {
                    throw .invalidConfigValue(
                        path: ["value_range"],
                        message: "Quantizer with output_dtype='int8' requires value_range to be within the interval "
                            + "[-128, 127], and to have 0 in it. Received: value_range=\(range)")
                }
                (quantizer.low, quantizer.high) = (range[0], range[1])
            }
            quantizer.epsilon = try reader.number("epsilon", default: quantizer.epsilon)
            quantizer.axes = try reader.optionalIntegers("axis")
            let type = try reader.value("output_dtype", default: "int8") { value throws(EngineError) in
                try value.string("output_dtype")
            }
            guard type == "int8" else {
                throw .unsupported(
                    path: ["output_dtype"],
                    message: "Quantizers make integers of eight bits. Expected output_dtype 'int8', received "
                        + "\(ConfigValue.string(type).pythonRepresentation).")
            }
            try reader.finish()
            return quantizer
        }
    }

    /// What Keras writes, in its order.
    var serialized: ConfigValue {
        var config: ConfigObject = [
            "value_range": .array([.int(low), .int(high)]), "epsilon": .double(epsilon),
            "output_dtype": .string("int8"),
        ]
        if let axes { config["axis"] = .array(axes.map(ConfigValue.int)) }
        return .object(
            SerializedObject.write(module: "keras.quantizers", className: "AbsMaxQuantizer", config: config))
    }
}
