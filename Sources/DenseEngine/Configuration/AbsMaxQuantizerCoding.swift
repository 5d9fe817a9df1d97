/// Reading and writing Keras's `AbsMaxQuantizer`.
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
