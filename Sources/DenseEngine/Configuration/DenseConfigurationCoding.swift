/// Reading and writing the `config` of Keras's `Dense`.
extension DenseConfiguration {
    /// A bare `config`, of `get_config()` or written by hand: only `units` is required.
    ///
    /// - Throws: `EngineError` with the path to what is wrong, in Keras's words where it has some.
    package init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "Dense")
        let units = try Self.units(try reader.required("units"))
        let identity = try reader.untypedLayerIdentity()
        let policy = try reader.dtypePolicy()
        self.init(
            units: units,
            activation: try reader.value("activation", default: .linear) { value throws(EngineError) in
                try Activation(value)
            },
            useBias: try reader.bool("use_bias", default: true),
            kernelInitializer: try reader.value("kernel_initializer", default: .glorotUniform(seed: nil)) {
                value throws(EngineError) in try Initializer(value)
            },
            biasInitializer: try reader.value("bias_initializer", default: .zeros) { value throws(EngineError) in
                try Initializer(value)
            },
            kernelRegularizer: try reader.regularizer("kernel_regularizer"),
            biasRegularizer: try reader.regularizer("bias_regularizer"),
            activityRegularizer: try reader.regularizer("activity_regularizer"),
            kernelConstraint: try reader.constraint("kernel_constraint"),
            biasConstraint: try reader.constraint("bias_constraint"),
            name: identity.name, trainable: identity.trainable)
        lora = try LoRAConfiguration.read(&reader)
        self.policy = policy
        if lora != nil { try requireAdaptable() }
        quantization = try reader.optional("quantization_config") { value throws(EngineError) in
            let configuration = try QuantizationConfiguration(value)
            self.policy.quantization = try configuration.mode(underPolicy: policy.quantization)
            return configuration
        }
        if lora != nil { try requireAdaptable() }
        try reader.finish()
        _ = try LayerArguments.inputShape(in: config)
    }

    /// `get_config()` as Keras 3 writes it, in its order.
    package var config: ConfigObject {
        var config: ConfigObject = [
            "name": .string(name), "trainable": .bool(trainable), "dtype": policy.serialized,
        ]
        if let activityRegularizer { config["activity_regularizer"] = activityRegularizer.serialized }
        config["units"] = .int(units)
        config["activation"] = activation.serialized
        config["use_bias"] = .bool(useBias)
        config["kernel_initializer"] = kernelInitializer.serialized
        config["bias_initializer"] = biasInitializer.serialized
        config["kernel_regularizer"] = kernelRegularizer?.serialized ?? .null
        config["bias_regularizer"] = biasRegularizer?.serialized ?? .null
        config["kernel_constraint"] = kernelConstraint?.serialized ?? .null
        config["bias_constraint"] = biasConstraint?.serialized ?? .null
        config["quantization_config"] = quantization?.serialized ?? .null
        if let lora {
            config["lora_rank"] = .int(lora.rank)
            config["lora_alpha"] = lora.serializedAlpha
        }
        return config
    }

    private static func units(_ value: ConfigValue) throws(EngineError) -> Int {
        guard case .int(let units) = value, units > 0 else {
            throw .invalidConfigValue(
                path: ["units"],
                message: "Received an invalid value for `units`, expected a positive integer. "
                    + "Received: units=\(value.pythonRepresentation)")
        }
        return units
    }
}

extension ConfigReader {
    mutating func regularizer(_ name: String) throws(EngineError) -> Regularizer? {
        try optional(name) { value throws(EngineError) in try Regularizer(value) }
    }

    mutating func constraint(_ name: String) throws(EngineError) -> Constraint? {
        try optional(name) { value throws(EngineError) in try Constraint(value) }
    }
}
