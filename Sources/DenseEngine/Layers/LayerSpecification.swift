/// One layer as a client describes it: what `Sequential` builds from.
package struct LayerSpecification: Hashable, Sendable {
    package var configuration: LayerConfiguration
    /// The weights by Keras's names (`kernel`, `bias`; `mean`, `variance`); `nil` to have the initializers make them.
    package var weights: [String: Tensor]?
    /// The shape the layer was built for, batch axis first, `nil` for any size: Keras's `build_config`,
    /// `batch_input_shape`, `input_shape` or `input_dim`. It serves to make weights and is not enforced.
    package var inputShape: [Int?]?

    package init(_ configuration: LayerConfiguration, weights: [String: Tensor]? = nil, inputShape: [Int?]? = nil) {
        self.configuration = configuration
        self.weights = weights
        self.inputShape = inputShape
    }
}

extension LayerSpecification {
    /// - Parameter value: the bare `config` of a `Dense`, or any supported layer as `keras.layers.serialize` writes it
    ///   (Keras 2 or 3).
    /// - Throws: `EngineError` with the path to what is wrong, in Keras's words where it has some.
    package init(_ value: ConfigValue, weights: [String: Tensor]? = nil) throws(EngineError) {
        guard case .object(let object) = value else {
            throw .invalidConfigValue(
                path: [],
                message: "A layer must be an object: a Dense layer's config, or what keras.layers.serialize gives. "
                    + "Received: \(value.pythonRepresentation)")
        }
        self.weights = weights
        guard SerializedObject.matches(object) else {
            configuration = .dense(try DenseConfiguration(config: object))
            inputShape = try LayerArguments.inputShape(in: object)
            return
        }
        let serialized = try SerializedObject(object)
        guard LayerConfiguration.classNames.contains(serialized.className) else {
            throw LayerConfiguration.unknown(serialized.className).prefixed(by: "class_name")
        }
        let arguments = try serialized.arguments()
        configuration = try within("config") { () throws(EngineError) in
            let configuration = try LayerConfiguration(className: serialized.className, config: arguments)
            try configuration.requireComputable()
            return configuration
        }
        if case .inputLayer = configuration {
            inputShape = nil
        } else {
            let declared = try within("config") { () throws(EngineError) in
                try LayerArguments.inputShape(in: arguments)
            }
            let built = try Self.inputShape(in: serialized.buildConfig)
            inputShape = declared ?? built
        }
    }

    /// What `keras.layers.serialize` writes: with a `build_config` where the input's shape is known.
    package var serialized: ConfigValue {
        guard let inputShape, case .object(var object) = configuration.serialized else {
            return configuration.serialized
        }
        object["build_config"] = .object(["input_shape": ConfigValue(partialShape: inputShape)])
        return .object(object)
    }

    static func inputShape(in buildConfig: ConfigObject?) throws(EngineError) -> [Int?]? {
        guard let value = buildConfig?["input_shape"], value != .null else { return nil }
        return try within("build_config") { () throws(EngineError) in
            try within("input_shape") { () throws(EngineError) in try value.partialShape() }
        }
    }
}
