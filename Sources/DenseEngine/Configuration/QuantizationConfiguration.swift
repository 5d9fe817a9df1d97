/// How a layer was quantized, or is to be: Keras's quantization configs (keras/src/quantizers/quantization_config.py).
package enum QuantizationConfiguration: Hashable, Sendable {
    /// `Int8QuantizationConfig`. Without a quantizer for activations the weights alone are integers.
    case int8(weights: AbsMaxQuantizer?, activations: AbsMaxQuantizer?)
    /// `Int4QuantizationConfig`. A block size of `nil` or -1 is one scale for each unit; quantizers are for that only.
    case int4(weights: AbsMaxQuantizer?, activations: AbsMaxQuantizer?, blockSize: Int?)
    /// `Float8QuantizationConfig`
    case float8
    /// `GPTQConfig` or `AWQConfig`: weights that were made with data for calibration.
    case calibrated(CalibratedConfiguration)

    static let defaultBlockSize = 128

    /// The mode it belongs to.
    package var mode: DTypePolicy.Quantization {
        switch self {
        case .int8: .int8
        case .int4(_, _, let size): .int4(blockSize: size == -1 ? nil : size)
        case .float8: .float8(historyLength: DTypePolicy.Quantization.defaultHistoryLength)
        case .calibrated(let configuration): configuration.mode
        }
    }

    /// What makes integers of the inputs.
    var activations: AbsMaxQuantizer? {
        switch self {
        case .int8(_, let activations), .int4(_, let activations, _): activations
        case .float8, .calibrated: nil
        }
    }

    /// The mode of a layer with this configuration and a policy of a mode, `nil` for a layer that is not quantized yet.
    ///
    /// - Throws: `EngineError.invalidConfigValue` when they contradict one another.
    func mode(
        underPolicy policy: DTypePolicy.Quantization?
    ) throws(EngineError) -> DTypePolicy.Quantization? {
        switch (policy, mode) {
        case (nil, _): return nil
        // Keras takes the configuration's blocks.
        case (.int4, .int4): return mode
        case (.int8, .int8), (.float8, .float8): return policy
        case (let policy?, let own) where policy == own: return policy
        case (let policy?, let own):
            throw .invalidConfigValue(
                path: [],
                message:
                    "The quantization config is not the policy's. Expected one of mode '\(policy.policyName)', received "
                    + "'\(own.policyName)'.")
        }
    }

    /// - Throws: `EngineError.unsupported` for weights that are made with data for calibration.
    package func requireNoCalibration() throws(EngineError) {
        guard case .calibrated(let configuration) = self else { return }
        throw .unsupported(
            path: [],
            message: "\(configuration.className) quantizes with data for calibration, which a registration has not. "
                + "Expected an Int8QuantizationConfig, Int4QuantizationConfig or Float8QuantizationConfig.")
    }

    private static let classes = [
        "Int8QuantizationConfig", "Int4QuantizationConfig", "Float8QuantizationConfig", "GPTQConfig", "AWQConfig",
    ]

    /// Reads a mode's name, or what `keras.saving.serialize_keras_object` makes of a config.
    ///
    /// - Throws: `EngineError` with the path to what is wrong.
    package init(_ value: ConfigValue) throws(EngineError) {
        if case .string(let name) = value {
            self = try Self.named(name)
            return
        }
        guard case .object(let object) = value, SerializedObject.matches(object) else { throw Self.unknownMode(value) }
        let serialized = try SerializedObject(object)
        let arguments = try serialized.arguments()
        let name = serialized.className
        guard Self.classes.contains(name) else {
            throw EngineError.unknownIdentifier(
                path: ["class_name"], kind: "quantization config", name: ConfigValue.string(name).pythonText,
                expected: Self.classes)
        }
        self = try within("config") { () throws(EngineError) in
            var reader = ConfigReader(arguments, of: name)
            let configuration =
                switch name {
                case "Int8QuantizationConfig": try Self.int8(&reader)
                case "Int4QuantizationConfig": try Self.int4(&reader)
                case "Float8QuantizationConfig": Self.float8
                default: Self.calibrated(try CalibratedConfiguration(&reader, className: name))
                }
            try reader.finish()
            return configuration
        }
    }

    /// Keras's default of a mode.
    private static func named(_ name: String) throws(EngineError) -> QuantizationConfiguration {
        switch name {
        case "int8": return .int8(weights: nil, activations: AbsMaxQuantizer())
        case "int4": return .int4(weights: nil, activations: nil, blockSize: defaultBlockSize)
        case "float8": return .float8
        case "gptq", "awq":
            let mode = name.uppercased()
            throw .unsupported(
                path: [],
                message:
                    "\(mode) quantizes with data for calibration, which a registration has not. Expected a model that "
                    + "was quantized by Keras, or one of the modes 'int8', 'int4' and 'float8'; received '\(name)'.")
        default: throw unknownMode(.string(name))
        }
    }

    private static func unknownMode(_ value: ConfigValue) -> EngineError {
        let modes = DTypePolicy.Quantization.names.map { "'\($0)'" }.joined(separator: ", ")
        return .invalidConfigValue(
            path: [],
            message: "Invalid quantization mode. Expected one of (\(modes)) or a serialized quantization config. "
                + "Received: mode=\(value.pythonText)")
    }

    // MARK: Arguments

    private static func int8(_ reader: inout ConfigReader) throws(EngineError) -> QuantizationConfiguration {
        let weights = try reader.quantizer("weight_quantizer")
        let hasActivations = reader.take("activation_quantizer") != nil
        let activations = try reader.activationQuantizer(default: AbsMaxQuantizer())
        return .int8(weights: weights, activations: hasActivations ? activations : AbsMaxQuantizer())
    }

    private static func int4(_ reader: inout ConfigReader) throws(EngineError) -> QuantizationConfiguration {
        let weights = try reader.quantizer("weight_quantizer")
        let activations = try reader.activationQuantizer(default: nil)
        // Keras wrote no size before there were blocks.
        let size = try reader.optionalInteger("block_size")
        guard size.map({ $0 == -1 || $0 > 0 }) ?? true else {
            throw .invalidConfigValue(
                path: ["block_size"],
                message: "block_size must be None, -1, or a positive integer. Received: block_size=\(size ?? 0)")
        }
        if let size, size > 0, weights != nil || activations != nil {
            throw .invalidConfigValue(
                path: ["block_size"],
                message:
                    "Int4 sub-channel quantization (block_size > 0) does not support custom quantizers. Either set "
                    + "block_size to None or -1 for per-channel quantization, or remove the custom quantizer arguments. "
                    + "Received: block_size=\(size)")
        }
        if let weights, (weights.low, weights.high) != (-8, 7) {
            throw .invalidConfigValue(
                path: ["weight_quantizer"],
                message: "Int4QuantizationConfig requires a weight_quantizer with value_range=(-8, 7). Received: "
                    + "value_range=(\(weights.low), \(weights.high))")
        }
        return .int4(weights: weights, activations: activations, blockSize: size)
    }

    /// What Keras 3 writes.
    var serialized: ConfigValue {
        let (name, config): (String, ConfigObject) =
            switch self {
            case .int8(let weights, let activations):
                ("Int8QuantizationConfig", Self.quantizers(weights, activations))
            case .int4(let weights, let activations, let size):
                (
                    "Int4QuantizationConfig",
                    Self.quantizers(weights, activations).adding("block_size", size.map(ConfigValue.int) ?? .null)
                )
            case .float8: ("Float8QuantizationConfig", [:])
            case .calibrated(let configuration): (configuration.className, configuration.arguments)
            }
        return .object(SerializedObject.write(module: "keras.quantizers", className: name, config: config))
    }

    private static func quantizers(_ weights: AbsMaxQuantizer?, _ activations: AbsMaxQuantizer?) -> ConfigObject {
        [
            "weight_quantizer": weights?.serialized ?? .null,
            "activation_quantizer": activations?.serialized ?? .null,
        ]
    }
}

extension ConfigObject {
    fileprivate func adding(_ name: String, _ value: ConfigValue) -> ConfigObject {
        var object = self
        object[name] = value
        return object
    }
}

extension ConfigReader {
    fileprivate mutating func quantizer(_ name: String) throws(EngineError) -> AbsMaxQuantizer? {
        try optional(name) { value throws(EngineError) in try AbsMaxQuantizer(value) }
    }

    fileprivate mutating func activationQuantizer(default: AbsMaxQuantizer?) throws(EngineError) -> AbsMaxQuantizer? {
        guard let value = take("activation_quantizer"), value != .null else { return nil }
        if value == .string("default") { return `default` }
        return try within("activation_quantizer") { () throws(EngineError) in try AbsMaxQuantizer(value) }
    }
}
