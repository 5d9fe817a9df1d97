/// Which types a layer's numbers have: Keras's dtype policy (keras/src/dtype_policies/dtype_policy.py).
package struct DTypePolicy: Hashable, Sendable {
    /// `nil` for a layer that is not quantized.
    package var quantization: Quantization?

    /// The policy of layers that say nothing.
    package static let float32 = DTypePolicy()

    package init(quantization: Quantization? = nil) {
        self.quantization = quantization
    }

    /// Keras's name: `float32`, `int8_from_float32`.
    package var name: String {
        (quantization.map { "\($0.policyName)_from_" } ?? "") + DataType.supported
    }

    /// What Keras 3 writes.
    var serialized: ConfigValue {
        guard let quantization else { return DataType.serialized }
        return quantization.serialized(source: DataType.supported)
    }
}

extension ConfigReader {
    /// The `dtype` of a layer whose weights may be quantized, in every form Keras writes it.
    ///
    /// - Throws: as `dataType()` does.
    mutating func dtypePolicy() throws(EngineError) -> DTypePolicy {
        try optional("dtype") { value throws(EngineError) in
            guard case .object(let object) = value, SerializedObject.matches(object) else {
                return try DTypePolicy(name: value)
            }
            let serialized = try SerializedObject(object)
            let arguments = try serialized.arguments()
            if DTypePolicy.Quantization.policyClasses.contains(serialized.className) {
                return try within("config") { () throws(EngineError) in try DTypePolicy(quantized: arguments) }
            }
            guard ["DTypePolicy", "FloatDTypePolicy", "Policy"].contains(serialized.className) else {
                throw DataType.unsupported(serialized.className, path: ["class_name"])
            }
            return try within("config") { () throws(EngineError) in
                var reader = ConfigReader(arguments, of: serialized.className)
                let name = try reader.required("name")
                try reader.finish()
                return try within("name") { () throws(EngineError) in try DTypePolicy(name: name) }
            }
        } ?? .float32
    }
}

extension DTypePolicy {
    /// A policy by its name.
    fileprivate init(name value: ConfigValue) throws(EngineError) {
        let suffix = "_from_\(DataType.supported)"
        if case .string(let name) = value, name.hasSuffix(suffix),
            let quantization = try Quantization.named(String(name.dropLast(suffix.count)))
        {
            self.init(quantization: quantization)
        } else {
            try DataType.check(value)
            self = .float32
        }
    }

    /// The arguments of `QuantizedDTypePolicy`.
    fileprivate init(quantized arguments: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(arguments, of: "QuantizedDTypePolicy")
        let mode = try reader.required("mode")
        var quantization = try within("mode") { () throws(EngineError) in
            let mode = try mode.string("mode")
            guard let quantization = try Quantization.named(mode) else {
                throw DataType.unsupported("\(mode)_from_\(DataType.supported)", path: [])
            }
            return quantization
        }
        if let source = reader.take("source_name"), source != .null {
            try within("source_name") { () throws(EngineError) in try DataType.check(source) }
        }
        if case .float8 = quantization, let length = try reader.optionalInteger("amax_history_length") {
            quantization = .float8(historyLength: try Quantization.historyLength(length))
        }
        try reader.finish()
        self.init(quantization: quantization)
    }
}
