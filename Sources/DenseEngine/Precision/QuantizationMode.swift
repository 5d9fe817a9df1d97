extension DTypePolicy {
    /// How a layer's weights are quantized: Keras's modes (keras/src/dtype_policies/dtype_policy.py).
    package enum Quantization: Hashable, Sendable {
        /// Integers of eight bits, with a scale for each unit.
        case int8
        /// Integers of four bits. `blockSize` features of a unit share a scale and a zero point; with `nil` all of them share
        /// a scale.
        case int4(blockSize: Int?)
        /// Floating point of eight bits, to which kernels and inputs are rounded. For training so many maxima are kept.
        case float8(historyLength: Int)
        /// Unsigned integers of 2, 3, 4 or 8 bits. Some features of a unit share a scale and a zero point; with a `groupSize`
        /// of `nil` all of them do.
        case gptq(weightBits: Int, groupSize: Int?)
        /// The same of four bits, with a divisor for each feature.
        case awq(groupSize: Int?)

        static let defaultHistoryLength = 1024
        /// More maxima than anybody keeps.
        private static let maximumHistoryLength = 1 << 16

        /// Keras's names of the modes, in its order.
        static let names = ["int8", "float8", "int4", "gptq", "awq"]

        /// Keras's name of the mode.
        package var name: String {
            switch self {
            case .int8: "int8"
            case .int4: "int4"
            case .float8: "float8"
            case .gptq: "gptq"
            case .awq: "awq"
            }
        }

        /// What the name of a policy begins with: `int4/128`.
        var policyName: String {
            switch self {
            case .int8, .float8: name
            case .int4(let size): "int4/\(size ?? -1)"
            case .gptq(let bits, let size): "gptq/\(bits)/\(size ?? -1)"
            case .awq(let size): "awq/4/\(size ?? -1)"
            }
        }

        /// How many features share a scale, if not all do.
        var groupSize: Int? {
            switch self {
            case .int8, .float8: nil
            case .int4(let size), .gptq(_, let size), .awq(let size): size
            }
        }
    }
}

// MARK: Keras's policies

extension DTypePolicy.Quantization {
    /// Keras's class of the mode's policies.
    private var policyClass: String {
        switch self {
        case .int8: "QuantizedDTypePolicy"
        case .int4: "Int4DTypePolicy"
        case .float8: "QuantizedFloat8DTypePolicy"
        case .gptq: "GPTQDTypePolicy"
        case .awq: "AWQDTypePolicy"
        }
    }

    /// The classes that a policy of a quantized layer may have.
    static let policyClasses: Set = [
        "QuantizedDTypePolicy", "Int4DTypePolicy", "QuantizedFloat8DTypePolicy", "GPTQDTypePolicy", "AWQDTypePolicy",
    ]

    /// What Keras writes of a policy, `source` being the name of the one that was quantized.
    func serialized(source: String) -> ConfigValue {
        var config: ConfigObject = ["mode": .string(policyName), "source_name": .string(source)]
        if case .float8(let length) = self { config["amax_history_length"] = .int(length) }
        return .object(SerializedObject.write(module: "keras.dtype_policies", className: policyClass, config: config))
    }

    /// Reads what the name of a policy begins with; `nil` when it is no mode.
    ///
    /// - Throws: `EngineError.invalidConfigValue` for numbers that the mode has not.
    static func named(_ text: String) throws(EngineError) -> DTypePolicy.Quantization? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("int8", 1): return .int8
        // As models say that are older than block sizes.
        case ("int4", 1): return .int4(blockSize: nil)
        case ("int4", 2): return .int4(blockSize: try size(parts[1], in: text, "int4/<block_size>"))
        case ("float8", 1): return .float8(historyLength: defaultHistoryLength)
        case ("gptq", 3):
            guard let bits = Int(parts[1]), [2, 3, 4, 8].contains(bits) else {
                throw invalid(text, "2, 3, 4 or 8 bits: 'gptq/<weight_bits>/<group_size>'")
            }
            return .gptq(weightBits: bits, groupSize: try size(parts[2], in: text, "gptq/<weight_bits>/<group_size>"))
        case ("awq", 3):
            guard parts[1] == "4" else { throw invalid(text, "4 bits: 'awq/<weight_bits>/<group_size>'") }
            return .awq(groupSize: try size(parts[2], in: text, "awq/<weight_bits>/<group_size>"))
        case ("int4", _), ("gptq", _), ("awq", _):
            throw invalid(
                text, "'int4/<block_size>', 'gptq/<weight_bits>/<group_size>' or 'awq/<weight_bits>/<group_size>'")
        default: return nil
        }
    }

    private static func size(_ text: String, in mode: String, _ form: String) throws(EngineError) -> Int? {
        guard let size = Int(text), size == -1 || size > 0 else {
            throw invalid(mode, "'\(form)' with -1 or a positive integer")
        }
        return size == -1 ? nil : size
    }

    /// A length that a client may ask for: zeros of it are made where there are no weights.
    static func historyLength(_ length: Int) throws(EngineError) -> Int {
        guard (0...maximumHistoryLength).contains(length) else {
            throw .invalidConfigValue(
                path: ["amax_history_length"],
                message: "`amax_history_length` must be an integer from 0 to \(maximumHistoryLength). "
                    + "Received: amax_history_length=\(length)")
        }
        return length
    }

    private static func invalid(_ mode: String, _ expected: String) -> EngineError {
        .invalidConfigValue(
            path: [],
            message: "Invalid mode of a quantized policy. Expected \(expected), received "
                + "\(ConfigValue.string(mode).pythonRepresentation).")
    }
}
