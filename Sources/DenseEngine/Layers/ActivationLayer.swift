/// A layer that only applies an activation: Keras's `Activation`, and its relatives that name one activation each and
/// carry its arguments. They compute alike; the class is kept so that a configuration is written as it was read.
///
/// - input:  any shape
/// - output: the same shape (`glu` halves its axis)
package struct ActivationLayer: Hashable, Sendable {
    /// The Keras class the layer came from.
    package enum Class: String, Hashable, Sendable, CaseIterable {
        case activation = "Activation"
        case relu = "ReLU"
        case leakyReLU = "LeakyReLU"
        case elu = "ELU"
        case softmax = "Softmax"
        case identity = "Identity"
        /// Whose arguments are its activity regularizer.
        case activityRegularization = "ActivityRegularization"
    }

    package var identity: LayerIdentity
    package var layerClass: Class
    package var activation: Activation
    package var activityRegularizer: Regularizer?

    package init(
        _ activation: Activation, layerClass: Class = .activation, activityRegularizer: Regularizer? = nil,
        name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.layerClass = layerClass
        self.activation = activation
        self.activityRegularizer = activityRegularizer
    }
}

extension ActivationLayer {
    /// The activation as the layer's type has it.
    var computedActivation: Activation { activation.rounded(to: identity.policy.compute) }

    /// The output for an input of the layer's type, not yet rounded to it.
    func activated(_ input: Tensor) throws(EngineError) -> Tensor {
        input.type == .float64 ? try activation.doubles(input) : try computedActivation(input)
    }

    /// The layer that carries an activation's arguments, where Keras has one and it takes them.
    init?(carrying activation: Activation) {
        switch activation {
        case .relu(let negativeSlope, let maxValue, let threshold)
        where negativeSlope >= 0 && maxValue ?? 0 >= 0 && threshold >= 0:
            self.init(activation, layerClass: .relu)
        case .leakyReLU(let negativeSlope) where negativeSlope >= 0: self.init(activation, layerClass: .leakyReLU)
        case .elu: self.init(activation, layerClass: .elu)
        case .softmax: self.init(activation, layerClass: .softmax)
        default: return nil
        }
    }

    /// - Throws: `EngineError` with the path to what is wrong, in Keras's words where it has some.
    package init(config: ConfigObject, layerClass: Class) throws(EngineError) {
        var reader = ConfigReader(config, of: layerClass.rawValue)
        let identity = try reader.layerIdentity()
        let own: Regularizer? =
            layerClass == .activityRegularization
            ? try Regularizer.read(
                "L1L2", ["l1": reader.take("l1") ?? .double(0), "l2": reader.take("l2") ?? .double(0)])
            : nil
        self.init(
            try Self.activation(of: layerClass, &reader), layerClass: layerClass,
            activityRegularizer: own == nil ? try reader.regularizer("activity_regularizer") : own, name: identity.name,
            trainable: identity.trainable)
        self.identity = identity
        try reader.finish()
    }

    /// `get_config()` as Keras 3 writes it.
    package var config: ConfigObject {
        var config: ConfigObject = ["name": .string(identity.name ?? layerClass.defaultName)]
        // ELU's is written by Keras's automatic configuration, which puts the arguments first, given or not.
        if case .elu(let alpha) = activation, layerClass == .elu { config["alpha"] = .double(alpha) }
        config["trainable"] = .bool(identity.trainable)
        config["dtype"] = identity.policy.serialized
        if let activityRegularizer, layerClass != .activityRegularization {
            config["activity_regularizer"] = activityRegularizer.serialized
        }
        switch (layerClass, activation) {
        case (.relu, .relu(let negativeSlope, let maxValue, let threshold)):
            config["max_value"] = ConfigValue(maxValue)
            config["negative_slope"] = .double(negativeSlope)
            config["threshold"] = .double(threshold)
        case (.leakyReLU, .leakyReLU(let negativeSlope)): config["negative_slope"] = .double(negativeSlope)
        case (.softmax, .softmax(let axis)): config["axis"] = .int(axis)
        case (.elu, _), (.identity, _): break
        case (.activityRegularization, _):
            guard case .l1l2(let l1, let l2)? = activityRegularizer else { break }
            config["l1"] = .double(l1)
            config["l2"] = .double(l2)
        default: config["activation"] = activation.serialized
        }
        return config
    }

    private static func activation(
        of layerClass: Class, _ reader: inout ConfigReader
    ) throws(EngineError) -> Activation {
        switch layerClass {
        case .activation:
            let value = try reader.required("activation")
            return try within("activation") { () throws(EngineError) in try Activation(value) }
        case .relu:
            return .relu(
                negativeSlope: try reader.slope(
                    "negative_slope", default: 0, "negative_slope of a ReLU layer cannot be None or a negative value."),
                maxValue: try reader.optional("max_value") { value throws(EngineError) in
                    let maximum = try value.number("max_value")
                    guard maximum >= 0 else {
                        throw .invalidConfigValue(
                            path: [],
                            message: "max_value of a ReLU layer cannot be a negative value. "
                                + "Received: max_value=\(value.pythonText)")
                    }
                    return maximum
                },
                threshold: try reader.slope(
                    "threshold", default: 0, "threshold of a ReLU layer cannot be None or a negative value."))
        case .leakyReLU:
            let message =
                "The negative_slope value of a Leaky ReLU layer cannot be None or negative value. Expected a float."
            // Keras 2's name first; the other counts where both are given.
            let alpha = try reader.slope("alpha", default: 0.3, message)
            return .leakyReLU(negativeSlope: try reader.slope("negative_slope", default: alpha, message))
        case .identity, .activityRegularization: return .linear
        case .elu: return .elu(alpha: try reader.number("alpha", default: 1))
        case .softmax:
            return .softmax(
                axis: try reader.value("axis", default: -1) { value throws(EngineError) in
                    guard case .array(let axes) = value else { return try value.integer("axis") }
                    guard axes.count == 1 else {
                        throw .unsupported(
                            path: [],
                            message: "Softmax over several axes is not supported. Expected one axis, received "
                                + "\(value.pythonRepresentation).")
                    }
                    return try value.integers("axis")[0]
                })
        }
    }
}

extension ConfigReader {
    /// A number of zero or more; `message` is Keras's sentence for any other.
    fileprivate mutating func slope(
        _ name: String, default: Double, _ message: String
    ) throws(EngineError) -> Double {
        try value(name, default: `default`) { value throws(EngineError) in
            let number = value == .null ? -1 : try value.number(name)
            guard number >= 0 else {
                throw .invalidConfigValue(path: [], message: "\(message) Received: \(name)=\(value.pythonText)")
            }
            return number
        }
    }
}
