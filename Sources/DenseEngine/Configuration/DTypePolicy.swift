/// Which types a layer's numbers have: Keras's dtype policy (keras/src/dtype_policies/dtype_policy.py).
package struct DTypePolicy: Hashable, Sendable {
    /// `nil` for a layer that is not quantized.
    package var quantization: Quantization?

    /// What inputs are cast to, computing is done in, and outputs are. A quantized layer's is float32.
    package let compute: DType

    /// What weights are kept in.
    package let variable: DType

    /// The policy of layers that say nothing.
    package static let float32 = DTypePolicy()

    package init(quantization: Quantization? = nil) {
        self.quantization = quantization
        self.compute = .float32
        self.variable = .float32
    }

    /// The policy named like a type: weights and computing in it.
    package init(_ type: DType) {
        self.compute = type
        self.variable = type
    }

    /// `mixed_float16` and `mixed_bfloat16`: weights in float32, computing in a type of 16 bits.
    private init(mixed type: DType) {
        self.compute = type
        self.variable = .float32
    }

    /// Keras's name: `float32`, `mixed_bfloat16`, `int8_from_float32`.
    package var name: String {
        if let quantization { return "\(quantization.policyName)_from_\(compute.rawValue)" }
        return (compute == variable ? "" : "mixed_") + compute.rawValue
    }

    /// All policies that are not of quantized layers.
    static let all =
        DType.allCases.map(DTypePolicy.init(_:)) + DType.allCases.filter(\.isHalf).map(DTypePolicy.init(mixed:))

    /// What Keras 3 writes.
    var serialized: ConfigValue {
        guard let quantization else {
            return .object(
                SerializedObject.write(module: "keras", className: "DTypePolicy", config: ["name": .string(name)]))
        }
        return quantization.serialized(source: compute.rawValue)
    }
}

extension ConfigReader {
    /// The `dtype` of a layer whose weights may be quantized, in every form Keras writes it.
    ///
    /// - Throws: as `floatPolicy()` does.
    mutating func dtypePolicy() throws(EngineError) -> DTypePolicy {
        try policy { value throws(EngineError) in try DTypePolicy(name: value) } ?? .float32
    }

    /// The `dtype` of a layer that has no weights to quantize, in every form Keras writes it.
    ///
    /// - Throws: `EngineError.unsupported` for another dtype or policy Keras has, `.invalidConfigValue` in Keras's words
    ///   for one it has not.
    mutating func floatPolicy() throws(EngineError) -> DTypePolicy {
        let policy = try policy { value throws(EngineError) in try DTypePolicy(floatName: value) } ?? .float32
        guard policy.quantization == nil else { throw DTypePolicy.unsupported(policy.name, path: ["dtype"]) }
        return policy
    }

    /// - Parameter read: reads a policy's name.
    private mutating func policy(
        _ read: (ConfigValue) throws(EngineError) -> DTypePolicy
    ) throws(EngineError) -> DTypePolicy? {
        try optional("dtype") { value throws(EngineError) in
            guard case .object(let object) = value, SerializedObject.matches(object) else { return try read(value) }
            let serialized = try SerializedObject(object)
            let arguments = try serialized.arguments()
            if DTypePolicy.Quantization.policyClasses.contains(serialized.className) {
                return try within("config") { () throws(EngineError) in try DTypePolicy(quantized: arguments) }
            }
            // Keras 3's policy, its alias, and Keras 2's.
            guard ["DTypePolicy", "FloatDTypePolicy", "Policy"].contains(serialized.className) else {
                throw DTypePolicy.unsupported(serialized.className, path: ["class_name"])
            }
            return try within("config") { () throws(EngineError) in
                var reader = ConfigReader(arguments, of: serialized.className)
                let name = try reader.required("name")
                try reader.finish()
                return try within("name") { () throws(EngineError) in try read(name) }
            }
        }
    }
}

extension DTypePolicy {
    /// A policy by its name.
    fileprivate init(name value: ConfigValue) throws(EngineError) {
        let suffix = "_from_\(DTypePolicy.float32.name)"
        if case .string(let name) = value, name.hasSuffix(suffix),
            let quantization = try Quantization.named(String(name.dropLast(suffix.count)))
        {
            self.init(quantization: quantization)
        } else {
            try self.init(floatName: value)
        }
    }

    /// The arguments of `QuantizedDTypePolicy`.
    fileprivate init(quantized arguments: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(arguments, of: "QuantizedDTypePolicy")
        let mode = try reader.required("mode")
        var quantization = try within("mode") { () throws(EngineError) in
            let mode = try mode.string("mode")
            guard let quantization = try Quantization.named(mode) else {
                throw Self.unsupported("\(mode)_from_\(DTypePolicy.float32.name)", path: [])
            }
            return quantization
        }
        if let source = reader.take("source_name"), source != .null {
            try within("source_name") { () throws(EngineError) in
                let policy = try DTypePolicy(floatName: source)
                guard policy == .float32 else { throw Self.unsupportedSource(policy.name) }
            }
        }
        if case .float8 = quantization, let length = try reader.optionalInteger("amax_history_length") {
            quantization = .float8(historyLength: try Quantization.historyLength(length))
        }
        try reader.finish()
        self.init(quantization: quantization)
    }
}
