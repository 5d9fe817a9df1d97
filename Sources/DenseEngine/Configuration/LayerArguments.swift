/// The arguments every Keras layer takes (keras/src/layers/layer.py, `Layer.__init__`, and Keras 2's).
extension ConfigReader {
    /// Reads name, trainability and dtype. The input's shape is `LayerArguments.inputShape(in:)`'s.
    mutating func layerIdentity() throws(EngineError) -> LayerIdentity {
        var identity = try untypedLayerIdentity()
        identity.policy = try floatPolicy()
        return identity
    }

    /// The same without the dtype, which the layer reads itself.
    mutating func untypedLayerIdentity() throws(EngineError) -> LayerIdentity {
        let name = try layerName()
        let trainable = try bool("trainable", default: true)
        _ = try bool("autocast", default: true)
        for name in LayerArguments.inputShapeNames { _ = take(name) }
        return LayerIdentity(name: name, trainable: trainable)
    }

    /// The `name` argument; `nil` for a layer that is to be named.
    mutating func layerName() throws(EngineError) -> String? {
        try optional("name") { value throws(EngineError) in
            guard case .string(let name) = value, !name.contains("/") else {
                throw .invalidConfigValue(
                    path: [],
                    message: "Argument `name` must be a string and cannot contain character `/`. Received: "
                        + "name=\(value.pythonText) (of type \(value.pythonType))")
            }
            return name
        }
    }

    /// For layers without an output that could be regularized to any effect.
    mutating func refuseActivityRegularizer() throws(EngineError) {
        try refuse("activity_regularizer", because: "This layer takes no activity_regularizer here.")
    }
}

/// What a layer's configuration says about its input.
enum LayerArguments {
    static let inputShapeNames = ["input_shape", "input_dim", "batch_input_shape"]

    /// The input's shape, batch axis first, from Keras's `input_shape`, `input_dim` (both without the batch) or Keras
    /// 2's `batch_input_shape`; `nil` when there is none.
    static func inputShape(in config: ConfigObject) throws(EngineError) -> [Int?]? {
        if let value = config["batch_input_shape"], value != .null {
            return try within("batch_input_shape") { () throws(EngineError) in try value.partialShape() }
        }
        if let value = config["input_dim"], value != .null {
            return try within("input_dim") { () throws(EngineError) in
                let size = try value.integer("input_dim")
                guard size >= 0 else {
                    throw .invalidConfigValue(
                        path: [],
                        message: "Cannot convert '(\(size),)' to a shape. Negative dimensions are not allowed.")
                }
                return [nil, size]
            }
        }
        if let value = config["input_shape"], value != .null {
            return try within("input_shape") { () throws(EngineError) in [nil] + (try value.partialShape()) }
        }
        return nil
    }
}
