/// Reading and writing the `config` of Keras's normalizations with weights, and of `PReLU`.
extension BatchNormalization {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "BatchNormalization")
        let identity = try reader.layerIdentity()
        var training = Training()
        training.momentum = try reader.number("momentum", default: training.momentum)
        training.isSynchronized = try reader.bool("synchronized", default: false)
        training.renorm = try reader.bool("renorm", default: false)
        training.renormClipping = reader.take("renorm_clipping") ?? .null
        training.renormMomentum = try reader.number("renorm_momentum", default: training.renormMomentum)
        self.init(
            // Keras 2 wrote a list of one.
            axis: try reader.value("axis", default: -1) { value throws(EngineError) in
                let axes = try value.axes()
                guard axes.count == 1 else {
                    throw .unsupported(
                        path: [],
                        message: "BatchNormalization over several axes is not supported. Expected one axis, received "
                            + "\(value.pythonRepresentation).")
                }
                return axes[0]
            },
            epsilon: try reader.number("epsilon", default: 1e-3), center: try reader.bool("center", default: true),
            scale: try reader.bool("scale", default: true),
            beta: try reader.weightArguments("beta", default: .zeros),
            gamma: try reader.weightArguments("gamma", default: .ones),
            movingMean: try reader.initializer("moving_mean_initializer", default: .zeros),
            movingVariance: try reader.initializer("moving_variance_initializer", default: .ones),
            training: training, name: identity.name, trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: "batch_normalization")
        config["axis"] = .int(axis)
        config["momentum"] = .double(training.momentum)
        config["epsilon"] = .double(epsilon)
        config["center"] = .bool(center)
        config["scale"] = .bool(scale)
        config.add(
            [("beta", beta), ("gamma", gamma)],
            statistics: [("moving_mean", movingMean), ("moving_variance", movingVariance)])
        config["synchronized"] = .bool(training.isSynchronized)
        config["renorm"] = .bool(training.renorm)
        config["renorm_clipping"] = training.renormClipping
        config["renorm_momentum"] = .double(training.renormMomentum)
        return config
    }
}

extension AxisNormalization {
    init(config: ConfigObject, layerClass: Class) throws(EngineError) {
        var reader = ConfigReader(config, of: layerClass.rawValue)
        let identity = try reader.layerIdentity()
        let axes = try reader.value("axis", default: [-1]) { value throws(EngineError) in try value.axes() }
        switch layerClass {
        case .layer:
            self.init(
                axes: axes, epsilon: try reader.number("epsilon", default: 1e-3),
                rmsScaling: try reader.bool("rms_scaling", default: false),
                center: try reader.bool("center", default: true), scale: try reader.bool("scale", default: true),
                beta: try reader.weightArguments("beta", default: .zeros),
                gamma: try reader.weightArguments("gamma", default: .ones), name: identity.name,
                trainable: identity.trainable)
        case .rootMeanSquare:
            self.init(
                .rootMeanSquare, axes: axes, epsilon: try reader.number("epsilon", default: 1e-6),
                name: identity.name, trainable: identity.trainable)
        case .unit: self.init(.unit, axes: axes, name: identity.name, trainable: identity.trainable)
        }
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: layerClass.defaultName)
        // A list once Keras has built the layer, and it is built here.
        config["axis"] = layerClass == .unit && axes.count == 1 ? .int(axes[0]) : ConfigValue(axes)
        if layerClass != .unit { config["epsilon"] = .double(epsilon) }
        guard layerClass == .layer else { return config }
        config["center"] = .bool(center)
        config["scale"] = .bool(scale)
        config["rms_scaling"] = .bool(rmsScaling)
        config.add([("beta", beta), ("gamma", gamma)])
        return config
    }
}

extension ParametricReLU {
    init(config: ConfigObject) throws(EngineError) {
        var reader = ConfigReader(config, of: "PReLU")
        let identity = try reader.layerIdentity()
        self.init(
            alpha: try reader.weightArguments("alpha", default: .zeros),
            sharedAxes: try reader.optionalIntegers("shared_axes"), name: identity.name,
            trainable: identity.trainable)
        self.identity = identity
        try reader.refuseActivityRegularizer()
        try reader.finish()
    }

    var config: ConfigObject {
        var config = identity.config(defaultName: "p_re_lu")
        config.add([("alpha", alpha)])
        config["shared_axes"] = ConfigValue(sharedAxes)
        return config
    }
}
