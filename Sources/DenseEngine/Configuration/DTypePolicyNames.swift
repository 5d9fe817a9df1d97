/// Policies and types that are not those of quantized layers, by their names.
extension DTypePolicy {
    /// - Throws: as `ConfigReader.floatPolicy()` does.
    init(floatName value: ConfigValue) throws(EngineError) {
        guard case .string(let name) = value else {
            throw .invalidConfigValue(
                path: [],
                message: "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. "
                    + "Received: dtype=\(value.pythonText)")
        }
        if let policy = Self.all.first(where: { $0.name == name }) {
            self = policy
            return
        }
        let mode = Self.quantizationModes.first(where: name.hasPrefix)
        guard Self.otherTypes.contains(name) || mode != nil else {
            throw .invalidConfigValue(
                path: [],
                message:
                    "Cannot convert '\(value.pythonText)' to a mixed precision DTypePolicy. Valid policies include "
                    + "'mixed_float16', 'mixed_bfloat16', and the name of any float dtype such as 'float32'.")
        }
        if let mode, name.contains("_from_"), Quantization.names.contains(mode),
            !name.hasSuffix("_from_\(DTypePolicy.float32.name)")
        {
            throw Self.unsupportedSource(name)
        }
        throw Self.unsupported(name, path: [])
    }

    static func unsupported(_ name: String, path: [String]) -> EngineError {
        let names = all.map { "'\($0.name)'" }
        return .unsupported(
            path: path,
            message: "This dtype is not one that layers compute in. Expected "
                + "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? ""), received "
                + "\(ConfigValue.string(name).pythonRepresentation).")
    }

    static func unsupportedSource(_ name: String) -> EngineError {
        .unsupported(
            path: [],
            message: "Quantized layers compute in float32 only. Expected the source 'float32', received "
                + "\(ConfigValue.string(name).pythonRepresentation).")
    }

    /// keras/src/backend/common/variables.py, `ALLOWED_DTYPES`, but for the types that layers compute in.
    private static let otherTypes: Set = [
        "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float8_e4m3fn", "float8_e5m2",
        "complex64", "complex128", "string", "bool",
    ]

    /// keras/src/dtype_policies/dtype_policy.py, `QUANTIZATION_MODES`.
    private static let quantizationModes = ["int8", "float8", "int4", "gptq", "awq", "ternary"]
}

extension ConfigReader {
    /// The `dtype` of an `InputLayer`, which is a type and no policy.
    ///
    /// - Throws: as `floatPolicy()` does, and for a mixed policy.
    mutating func inputType() throws(EngineError) -> DType {
        let policy = try floatPolicy()
        guard policy.compute == policy.variable else {
            throw .invalidConfigValue(path: ["dtype"], message: "Invalid dtype: \(policy.name)")
        }
        return policy.compute
    }
}
