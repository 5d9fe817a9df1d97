/// Reading and writing the `config` of the small layers, and layers of any class.
extension LayerConfiguration {
    /// - Parameter value: the bare `config` of a `Dense`, or any supported layer as `keras.layers.serialize` writes it
    ///   (Keras 2 or 3).
    /// - Throws: `EngineError` with the path to what is wrong, in Keras's words where it has some.
    package init(_ value: ConfigValue) throws(EngineError) {
        self = try LayerSpecification(value).configuration
    }

    /// `get_config()` as Keras 3 writes it.
    package var config: ConfigObject {
        switch self {
        case .dense(let layer): layer.config
        case .activation(let layer): layer.config
        case .dropout(let layer): layer.config
        case .flatten(let layer): layer.config
        case .reshape(let layer): layer.config
        case .inputLayer(let layer): layer.config
        case .rescaling(let layer): layer.config
        case .normalization(let layer): layer.config
        case .batchNormalization(let layer): layer.config
        case .axisNormalization(let layer): layer.config
        case .parametricReLU(let layer): layer.config
        }
    }

    /// What `keras.layers.serialize` writes, of a layer that is not built.
    package var serialized: ConfigValue {
        .object(SerializedObject.write(module: "keras.layers", className: className, config: config))
    }

    /// - Throws: `EngineError.unknownIdentifier` for a class that is not supported, without a path.
    init(className: String, config: ConfigObject) throws(EngineError) {
        switch className {
        case "Dense": self = .dense(try DenseConfiguration(config: config))
        case "Flatten": self = .flatten(try Flatten(config: config))
        case "Reshape": self = .reshape(try Reshape(config: config))
        case "InputLayer": self = .inputLayer(try InputLayer(config: config))
        case "Rescaling": self = .rescaling(try Rescaling(config: config))
        case "Normalization": self = .normalization(try Normalization(config: config))
        case "BatchNormalization": self = .batchNormalization(try BatchNormalization(config: config))
        case "PReLU": self = .parametricReLU(try ParametricReLU(config: config))
        default:
            if let layerClass = Dropout.Class(rawValue: className) {
                self = .dropout(try Dropout(config: config, layerClass: layerClass))
                return
            }
            if let layerClass = AxisNormalization.Class(rawValue: className) {
                self = .axisNormalization(try AxisNormalization(config: config, layerClass: layerClass))
                return
            }
            // Only classes that `LayerSpecification` has found among `classNames` come here.
            guard let layerClass = ActivationLayer.Class(rawValue: className) else { throw Self.unknown(className) }
            self = .activation(try ActivationLayer(config: config, layerClass: layerClass))
        }
    }

    static func unknown(_ className: String) -> EngineError {
        .unknownIdentifier(
            path: [], kind: "layer", name: ConfigValue.string(className).pythonText, expected: classNames)
    }
}

extension LayerIdentity {
    /// The members every layer's `get_config()` begins with.
    func config(defaultName: String) -> ConfigObject {
        ["name": .string(name ?? defaultName), "trainable": .bool(trainable), "dtype": policy.serialized]
    }
}

extension Dropout {
    init(config: ConfigObject, layerClass: Class) throws(EngineError) {
        var reader = ConfigReader(config, of: layerClass.rawValue)
        let name = layerClass.rateName
        let value = try reader.required(name)
        let rate = try within(name) { () throws(EngineError) in
            let rate = try value.number(name)
            guard (0...1).contains(rate) else {
                throw .invalidConfigValue(
                    path: [],
                    message: "Invalid value received for argument `\(name)`. Expected a float value between 0 and 1. "
                        + "Received: \(name)=\(value.pythonText)")
            }
            return rate
        }
        let identity = try reader.layerIdentity()
        self.init(
            rate: rate, layerClass: layerClass,
            noiseShape: layerClass.hasNoiseShape ? try reader.optional("noise_shape", Self.noiseShape) : nil,
            seed: try reader.optionalInteger("seed"), name: identity.name, trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: layerClass.defaultName)
        config[layerClass.rateName] = .double(rate)
        config["seed"] = ConfigValue(seed)
        if layerClass.hasNoiseShape { config["noise_shape"] = noiseShape.map(ConfigValue.init(partialShape:)) ?? .null }
        return config
    }

    private static func noiseShape(_ value: ConfigValue) throws(EngineError) -> [Int?] {
        guard case .array(let values) = value else {
            throw .invalidConfigValue(
                path: [],
                message: "Invalid value received for argument `noise_shape`. Expected a tuple or list of integers. "
                    + "Received: noise_shape=\(value.pythonText)")
        }
        var shape: [Int?] = []
        for (index, value) in values.enumerated() {
            switch value {
            case .null: shape.append(nil)
            case .int(let size) where size > 0: shape.append(size)
            default:
                throw .invalidConfigValue(
                    path: ["\(index)"],
                    message: "Invalid value received for argument `noise_shape`. Expected all dimensions to be "
                        + "positive integers or None. Received at index \(index): \(value.pythonText)")
            }
        }
        return shape
    }
}

extension Flatten {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "Flatten")
        let identity = try reader.layerIdentity()
        let format = try reader.optional("data_format") { value throws(EngineError) in
            if case .string(let name) = value, let format = DataFormat(rawValue: name.lowercased()) { return format }
            throw .invalidConfigValue(
                path: [],
                message: "The `data_format` argument must be one of {'channels_first', 'channels_last'}. "
                    + "Received: data_format=\(value.pythonText)")
        }
        self.init(dataFormat: format ?? .channelsLast, name: identity.name, trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: "flatten")
        config["data_format"] = .string(dataFormat.rawValue)
        return config
    }
}

extension Reshape {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "Reshape")
        let value = try reader.required("target_shape")
        let target = try within("target_shape") { () throws(EngineError) in try Self.targetShape(value) }
        let identity = try reader.layerIdentity()
        self.init(targetShape: target, name: identity.name, trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: "reshape")
        config["target_shape"] = .array(targetShape.map(ConfigValue.int))
        return config
    }

    /// Keras's `validate_reshape_shape`.
    private static func targetShape(_ value: ConfigValue) throws(EngineError) -> [Int] {
        let target = try value.integers("target_shape")
        let received = "Received: target_shape=\(pythonTuple(target))."
        guard target.allSatisfy({ $0 >= -1 }) else {
            throw .invalidConfigValue(
                path: [],
                message: "Each dimension in `target_shape` must be a non-negative integer, or `-1` for a single "
                    + "unknown dimension. \(received)")
        }
        guard target.count(where: { $0 == -1 }) <= 1 else {
            throw .invalidConfigValue(
                path: [],
                message: "There must be at most one unknown dimension (-1) in `target_shape`. \(received)")
        }
        return target
    }
}

extension InputLayer {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "InputLayer")
        let name = try reader.layerName()
        let type = try reader.inputType()
        let shapes = try ["shape", "input_shape", "batch_shape", "batch_input_shape"].map { name throws(EngineError) in
            try reader.optional(name) { value throws(EngineError) in try value.partialShape() }
        }
        let batchSize = try reader.optionalInteger("batch_size")
        let batchShape: [Int?]
        switch (shapes[0] ?? shapes[1], shapes[2] ?? shapes[3]) {
        case (.some, .some):
            throw .invalidConfigValue(
                path: [], message: "You cannot pass both `shape` and `batch_shape` at the same time.")
        case (nil, nil): throw .invalidConfigValue(path: [], message: "You must pass a `shape` argument.")
        case (let shape?, nil): batchShape = [batchSize] + shape
        case (nil, let shape?): batchShape = shape
        }
        self.init(batchShape: batchShape, type: type, name: name)
        for name in ["sparse", "ragged"] {
            guard try !reader.bool(name, default: false) else {
                throw .unsupported(
                    path: [name], message: "Inputs are dense tensors. Expected \(name)=False, received \(name)=True.")
            }
        }
        _ = try reader.bool("optional", default: false)
        try reader.refuse("input_tensor", because: "An input is always given with the request.")
        try reader.finish()
    }

    var config: ConfigObject {
        [
            "batch_shape": ConfigValue(partialShape: batchShape), "dtype": .string(type.rawValue),
            "sparse": .bool(false), "ragged": .bool(false), "name": .string(name ?? "input_layer"),
            "optional": .bool(false),
        ]
    }
}

extension Rescaling {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "Rescaling")
        let value = try reader.required("scale")
        let scale = try within("scale") { () throws(EngineError) in try ConfigArray(value, "scale") }
        let identity = try reader.layerIdentity()
        self.init(
            scale: scale,
            offset: try reader.value("offset", default: ConfigArray(0)) { value throws(EngineError) in
                try ConfigArray(value, "offset")
            },
            name: identity.name, trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: "rescaling")
        config["scale"] = scale.configValue
        config["offset"] = offset.configValue
        return config
    }
}

extension Normalization {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "Normalization")
        let identity = try reader.layerIdentity()
        // Absent means the last axis, null none.
        let axes = try reader.value("axis", default: [-1]) { value throws(EngineError) in
            switch value {
            case .null: return []
            case .array: return try value.integers("axis")
            default: return [try value.integer("axis")]
            }
        }
        let mean = try reader.optional("mean") { value throws(EngineError) in try ConfigArray(value, "mean") }
        let variance = try reader.optional("variance") { value throws(EngineError) in
            try ConfigArray(value, "variance")
        }
        guard Set(axes).count == axes.count else {
            throw .invalidConfigValue(
                path: ["axis"], message: "The `axis` values must differ. Received: axis=\(pythonTuple(axes))")
        }
        try Self.check(mean, variance, axes)
        self.init(
            axes: axes, mean: mean, variance: variance, invert: try reader.bool("invert", default: false),
            name: identity.name, trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: "normalization")
        config["axis"] = ConfigValue(axes)
        config["invert"] = .bool(invert)
        config["mean"] = mean?.configValue ?? .null
        config["variance"] = variance?.configValue ?? .null
        return config
    }

    private static func check(
        _ mean: ConfigArray?, _ variance: ConfigArray?, _ axes: [Int]
    ) throws(EngineError) {
        guard (mean == nil) == (variance == nil) else {
            throw .invalidConfigValue(
                path: [mean == nil ? "mean" : "variance"],
                message: "When setting values directly, both `mean` and `variance` must be set. Received: "
                    + "mean=\((mean?.configValue ?? .null).pythonText) and "
                    + "variance=\((variance?.configValue ?? .null).pythonText)")
        }
        guard let mean, let variance else { return }
        guard mean.shape == variance.shape else {
            throw .invalidConfigValue(
                path: ["variance"],
                message: "When setting values directly, `mean` and `variance` must have the same shape. Received: "
                    + "mean shape \(mean.shape) and variance shape \(variance.shape)")
        }
        guard mean.shape.rank <= axes.count else {
            throw .invalidConfigValue(
                path: ["mean"],
                message: "The rank of `mean` must be less than or equal to the number of axes (\(axes.count)). "
                    + "Received: mean shape \(mean.shape) for axis \(pythonTuple(axes))")
        }
    }
}
