/// The `dtype` of a layer: float32, in every form Keras writes it.
extension ConfigReader {
    /// - Throws: `EngineError.unsupported` for another dtype or policy Keras has, `.invalidConfigValue` in Keras's words
    ///   for one it has not.
    mutating func dataType() throws(EngineError) {
        _ = try optional("dtype") { value throws(EngineError) in
            guard case .object(let object) = value else { return try DataType.check(value) }
            let serialized = try SerializedObject(object)
            // Keras 3's policy, its alias, and Keras 2's.
            guard ["DTypePolicy", "FloatDTypePolicy", "Policy"].contains(serialized.className) else {
                throw DataType.unsupported(serialized.className, path: ["class_name"])
            }
            let arguments = try serialized.arguments()
            try within("config") { () throws(EngineError) in
                var reader = ConfigReader(arguments, of: serialized.className)
                let name = try reader.required("name")
                try within("name") { () throws(EngineError) in try DataType.check(name) }
                try reader.finish()
            }
        }
    }
}

enum DataType {
    static let supported = "float32"

    /// - Throws: as `ConfigReader.dataType()` does.
    static func check(_ value: ConfigValue) throws(EngineError) {
        guard case .string(let name) = value else {
            throw .invalidConfigValue(
                path: [],
                message: "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. "
                    + "Received: dtype=\(value.pythonText)")
        }
        guard name != supported else { return }
        guard known.contains(name) || quantized.contains(where: name.hasPrefix) else {
            throw .invalidConfigValue(
                path: [],
                message:
                    "Cannot convert '\(value.pythonText)' to a mixed precision DTypePolicy. Valid policies include "
                    + "'mixed_float16', 'mixed_bfloat16', and the name of any float dtype such as 'float32'.")
        }
        throw unsupported(name, path: [])
    }

    static func unsupported(_ name: String, path: [String]) -> EngineError {
        .unsupported(
            path: path,
            message: "Layers compute in float32 only. Expected dtype 'float32', received "
                + "\(ConfigValue.string(name).pythonRepresentation).")
    }

    /// keras/src/backend/common/variables.py, `ALLOWED_DTYPES`, and the mixed policies.
    private static let known: Set = [
        "float16", "float64", "bfloat16", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
        "float8_e4m3fn", "float8_e5m2", "complex64", "complex128", "string", "bool", "mixed_float16", "mixed_bfloat16",
    ]

    /// keras/src/dtype_policies/dtype_policy.py, `QUANTIZATION_MODES`.
    private static let quantized = ["int8", "float8", "int4", "gptq", "awq", "ternary"]

    /// Keras 3's policy object.
    static let serialized: ConfigValue = .object(
        SerializedObject.write(module: "keras", className: "DTypePolicy", config: ["name": .string(supported)]))
}
