/// Reading one layer or many.
extension LayerSpecification {
    /// - Parameter value: one layer in any form `LayerSpecification` reads, a list of them, or a `Sequential`, or a functional
    ///   model that is a chain, as `keras.saving.serialize_keras_object`, `model.to_json()` or `model.get_config()` gives it.
    /// - Throws: `EngineError` with the path to what is wrong. An empty list is wrong.
    package static func list(_ value: ConfigValue) throws(EngineError) -> [LayerSpecification] {
        switch value {
        case .array(let values): return try list(values)
        case .object(let object) where object["class_name"] == .string("Sequential"):
            let serialized = try SerializedObject(object)
            let built = try inputShape(in: serialized.buildConfig)
            return try within("config") { () throws(EngineError) in
                // Keras 2.0 to 2.2 wrote the list itself.
                if case .array(let values) = serialized.config { return try list(values) }
                return try sequential(serialized.arguments(), built)
            }
        case .object(let object) where FunctionalChain.classNames.contains { object["class_name"] == .string($0) }:
            let arguments = try SerializedObject(object).arguments()
            return try within("config") { () throws(EngineError) in try list(FunctionalChain.layers(arguments)) }
        case .object(let object) where !SerializedObject.matches(object) && object["input_layers"] != nil:
            return try list(FunctionalChain.layers(object))
        case .object(let object) where !SerializedObject.matches(object) && object["layers"] != nil:
            return try sequential(object, nil)
        default: return [try LayerSpecification(value)]
        }
    }

    private static func list(_ values: [ConfigValue]) throws(EngineError) -> [LayerSpecification] {
        guard !values.isEmpty else { throw Sequential.noLayers }
        var names: Set<String> = []
        var specifications: [LayerSpecification] = []
        for (index, value) in values.enumerated() {
            specifications.append(
                try within("\(index)") { () throws(EngineError) in
                    let specification = try LayerSpecification(value)
                    if let name = specification.configuration.identity.name, !names.insert(name).inserted {
                        guard case .object(let object) = value, SerializedObject.matches(object) else {
                            throw Sequential.repeated(name, path: ["name"])
                        }
                        throw Sequential.repeated(name, path: ["config", "name"])
                    }
                    return specification
                })
        }
        return specifications
    }

    private static func sequential(
        _ config: ConfigObject, _ built: [Int?]?
    ) throws(EngineError) -> [LayerSpecification] {
        var reader = ConfigReader(config, of: "Sequential")
        guard case .array(let values) = try reader.required("layers") else {
            throw (config["layers"] ?? .null).notA("a list of layers", "layers").prefixed(by: "layers")
        }
        // The layers say all there is to say about trainability and dtype.
        for name in ["name", "trainable", "dtype"] { _ = reader.take(name) }
        let buildShape = try reader.optional("build_input_shape") { value throws(EngineError) in
            try value.partialShape()
        }
        try reader.finish()
        var specifications = try within("layers") { () throws(EngineError) in try list(values) }
        if case .inputLayer = specifications[0].configuration { return specifications }
        specifications[0].inputShape = specifications[0].inputShape ?? buildShape ?? built
        return specifications
    }
}

extension LayerConfiguration {
    /// The configurations of `LayerSpecification.list`, without the input shapes.
    package static func list(_ value: ConfigValue) throws(EngineError) -> [LayerConfiguration] {
        try LayerSpecification.list(value).map(\.configuration)
    }
}
