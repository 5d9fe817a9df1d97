/// Keras's `GPTQConfig` and `AWQConfig` (keras/src/quantizers/gptq_config.py, awq_config.py): how weights were made of data for
/// calibration. What matters here is their layout; the rest is kept as it was.
package struct CalibratedConfiguration: Hashable, Sendable {
    let className: String
    /// As Keras writes them, in its order.
    let arguments: ConfigObject
    package let mode: DTypePolicy.Quantization

    private static let gptq: ConfigObject = [
        "dataset": .null, "tokenizer": .null, "weight_bits": .int(4), "num_samples": .int(128),
        "per_channel": .bool(true), "sequence_length": .int(512), "hessian_damping": .double(0.01),
        "group_size": .int(128), "symmetric": .bool(false), "activation_order": .bool(false),
        "quantization_layer_structure": .null,
    ]

    private static let awq: ConfigObject = [
        "dataset": .null, "tokenizer": .null, "weight_bits": .int(4), "num_samples": .int(128),
        "sequence_length": .int(512), "group_size": .int(128), "num_grid_points": .int(20),
        "quantization_layer_structure": .null,
    ]

    /// Takes the arguments of one of the classes.
    ///
    /// - Throws: `EngineError.invalidConfigValue` for a number of bits or a size that Keras does not have, and for arguments
    ///   that are no numbers or flags.
    init(_ reader: inout ConfigReader, className: String) throws(EngineError) {
        self.className = className
        var arguments = className == "GPTQConfig" ? Self.gptq : Self.awq
        for member in arguments.members {
            guard let value = reader.take(member.name) else { continue }
            switch (member.value, value) {
            case (.null, _): continue
            case (.bool, .bool), (.int, .int), (.double, .int), (.double, .double): arguments[member.name] = value
            default:
                throw .invalidConfigValue(
                    path: [member.name],
                    message: "Expected `\(member.name)` to be of the type of \(member.value.pythonText). Received: "
                        + "\(member.name)=\(value.pythonRepresentation)")
            }
        }
        self.arguments = arguments
        let bits = try (arguments["weight_bits"] ?? .null).integer("weight_bits")
        let size = try (arguments["group_size"] ?? .null).integer("group_size")
        let allowed = className == "GPTQConfig" ? [2, 3, 4, 8] : [4]
        guard allowed.contains(bits) else {
            throw .invalidConfigValue(
                path: ["weight_bits"],
                message: "Unsupported weight_bits \(bits). Supported values are "
                    + allowed.map { "\($0)" }.joined(separator: ", ") + ".")
        }
        guard size == -1 || size > 0 else {
            throw .invalidConfigValue(
                path: ["group_size"],
                message: "Invalid group_size. Supported values are -1 or a positive integer, but got \(size).")
        }
        let groupSize = size == -1 ? nil : size
        mode = className == "GPTQConfig" ? .gptq(weightBits: bits, groupSize: groupSize) : .awq(groupSize: groupSize)
    }
}
