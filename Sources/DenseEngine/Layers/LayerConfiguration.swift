/// One layer as configured, without weights: the layers this engine runs.
package enum LayerConfiguration: Hashable, Sendable {
    case dense(DenseConfiguration)
    case activation(ActivationLayer)
    case dropout(Dropout)
    case flatten(Flatten)
    case reshape(Reshape)
    case inputLayer(InputLayer)
    case rescaling(Rescaling)
    case normalization(Normalization)
    case batchNormalization(BatchNormalization)
    case axisNormalization(AxisNormalization)
    case parametricReLU(ParametricReLU)
}

extension LayerConfiguration {
    /// The Keras classes that can be read.
    package static let classNames =
        ["Dense"] + ActivationLayer.Class.allCases.map(\.rawValue) + ["PReLU"] + Dropout.Class.allCases.map(\.rawValue)
        + ["Flatten", "Reshape", "InputLayer", "Rescaling", "Normalization", "BatchNormalization"]
        + AxisNormalization.Class.allCases.map(\.rawValue)

    /// The Keras class.
    package var className: String {
        switch self {
        case .dense: "Dense"
        case .activation(let layer): layer.layerClass.rawValue
        case .dropout(let layer): layer.layerClass.rawValue
        case .flatten: "Flatten"
        case .reshape: "Reshape"
        case .inputLayer: "InputLayer"
        case .rescaling: "Rescaling"
        case .normalization: "Normalization"
        case .batchNormalization: "BatchNormalization"
        case .axisNormalization(let layer): layer.layerClass.rawValue
        case .parametricReLU: "PReLU"
        }
    }

    /// The name Keras gives the first layer of the class that has none of its own: `leaky_re_lu`.
    package var defaultName: String {
        switch self {
        case .dense: "dense"
        case .activation(let layer): layer.layerClass.defaultName
        case .dropout(let layer): layer.layerClass.defaultName
        case .flatten: "flatten"
        case .reshape: "reshape"
        case .inputLayer: "input_layer"
        case .rescaling: "rescaling"
        case .normalization: "normalization"
        case .batchNormalization: "batch_normalization"
        case .axisNormalization(let layer): layer.layerClass.defaultName
        case .parametricReLU: "p_re_lu"
        }
    }

    /// Name and trainability, of any layer. An `InputLayer` is always trainable, having nothing to train.
    package var identity: LayerIdentity {
        get {
            switch self {
            case .dense(let layer): layer.identity
            case .activation(let layer): layer.identity
            case .dropout(let layer): layer.identity
            case .flatten(let layer): layer.identity
            case .reshape(let layer): layer.identity
            case .inputLayer(let layer): LayerIdentity(name: layer.name, policy: DTypePolicy(layer.type))
            case .rescaling(let layer): layer.identity
            case .normalization(let layer): layer.identity
            case .batchNormalization(let layer): layer.identity
            case .axisNormalization(let layer): layer.identity
            case .parametricReLU(let layer): layer.identity
            }
        }
        set {
            switch self {
            case .dense(var layer):
                layer.identity = newValue
                self = .dense(layer)
            case .activation(var layer):
                layer.identity = newValue
                self = .activation(layer)
            case .dropout(var layer):
                layer.identity = newValue
                self = .dropout(layer)
            case .flatten(var layer):
                layer.identity = newValue
                self = .flatten(layer)
            case .reshape(var layer):
                layer.identity = newValue
                self = .reshape(layer)
            case .inputLayer(var layer):
                layer.name = newValue.name
                self = .inputLayer(layer)
            case .rescaling(var layer):
                layer.identity = newValue
                self = .rescaling(layer)
            case .normalization(var layer):
                layer.identity = newValue
                self = .normalization(layer)
            case .batchNormalization(var layer):
                layer.identity = newValue
                self = .batchNormalization(layer)
            case .axisNormalization(var layer):
                layer.identity = newValue
                self = .axisNormalization(layer)
            case .parametricReLU(var layer):
                layer.identity = newValue
                self = .parametricReLU(layer)
            }
        }
    }

    /// The name given, or the class's default name.
    package var name: String { identity.name ?? defaultName }

    package var trainable: Bool {
        get { identity.trainable }
        set { identity.trainable = newValue }
    }

    package var policy: DTypePolicy { identity.policy }

    /// What inputs are cast to, computing is done in, and outputs are.
    package var type: DType { policy.compute }

    /// The names of the weights the layer may be given, in Keras's order.
    package var weightNames: [String] {
        switch self {
        case .dense(let layer): layer.weightNames
        case .normalization(let layer): layer.mean == nil ? ["mean", "variance", "count"] : []
        case .batchNormalization(let layer): layer.weights.map(\.name)
        case .axisNormalization(let layer): layer.weights.map(\.name)
        case .parametricReLU: ["alpha"]
        case .activation, .dropout, .flatten, .reshape, .inputLayer, .rescaling: []
        }
    }

    /// The weights that regularizers and constraints act on, in Keras's order.
    var trainableWeights: [NamedWeight] {
        switch self {
        case .dense(let layer):
            [
                (
                    // Keras regularizes and constrains no kernel of integers.
                    "kernel",
                    WeightArguments(
                        layer.kernelInitializer,
                        regularizer: layer.policy.hasFloatKernel ? layer.kernelRegularizer : nil,
                        constraint: layer.policy.hasFloatKernel ? layer.kernelConstraint : nil)
                ),
                (
                    "bias",
                    WeightArguments(
                        layer.biasInitializer, regularizer: layer.biasRegularizer, constraint: layer.biasConstraint)
                ),
            ]
        case .batchNormalization(let layer): layer.weights
        case .axisNormalization(let layer): layer.weights
        case .parametricReLU(let layer): [("alpha", layer.alpha)]
        case .normalization, .activation, .dropout, .flatten, .reshape, .inputLayer, .rescaling: []
        }
    }
}

extension LayerConfiguration {
    /// The same in the order of Keras's `get_weights()`.
    package var listedWeightNames: [String] {
        if case .dense(let layer) = self { layer.listedWeightNames } else { weightNames }
    }
}

extension ActivationLayer.Class {
    var defaultName: String {
        switch self {
        case .activation: "activation"
        case .relu: "re_lu"
        case .leakyReLU: "leaky_re_lu"
        case .elu: "elu"
        case .softmax: "softmax"
        case .identity: "identity"
        case .activityRegularization: "activity_regularization"
        }
    }
}
