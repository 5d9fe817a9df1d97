extension Activation {
    /// The 30 names of `keras.activations`, without the aliases.
    package static let names = [
        "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "mish", "sigmoid",
        "hard_sigmoid", "log_sigmoid", "sparse_sigmoid", "softmax", "log_softmax", "sparsemax", "softplus", "softsign",
        "squareplus", "sparse_plus", "exponential", "tanh", "hard_tanh", "tanh_shrink", "hard_shrink", "soft_shrink",
        "threshold", "glu",
    ]

    /// Further names Keras understands, and what they stand for.
    package static let aliases = ["swish": "silu", "hard_swish": "hard_silu"]

    /// The activation of a bare name or alias, with Keras's defaults; `nil` for an unknown name, and for `threshold`,
    /// whose arguments have none.
    package static func withDefaults(named name: String) -> Activation? {
        switch aliases[name] ?? name {
        case "linear": .linear
        case "relu": .relu
        case "relu6": .relu6
        case "leaky_relu": .leakyReLU
        case "elu": .elu
        case "selu": .selu
        case "celu": .celu
        case "gelu": .gelu
        case "silu": .silu
        case "hard_silu": .hardSiLU
        case "mish": .mish
        case "sigmoid": .sigmoid
        case "hard_sigmoid": .hardSigmoid
        case "log_sigmoid": .logSigmoid
        case "sparse_sigmoid": .sparseSigmoid
        case "softmax": .softmax
        case "log_softmax": .logSoftmax
        case "sparsemax": .sparsemax
        case "softplus": .softplus
        case "softsign": .softsign
        case "squareplus": .squareplus
        case "sparse_plus": .sparsePlus
        case "exponential": .exponential
        case "tanh": .tanh
        case "hard_tanh": .hardTanh
        case "tanh_shrink": .tanhShrink
        case "hard_shrink": .hardShrink
        case "soft_shrink": .softShrink
        case "glu": .glu
        default: nil
        }
    }

    /// The name in `keras.activations`.
    package var name: String {
        switch self {
        case .linear: "linear"
        case .relu: "relu"
        case .relu6: "relu6"
        case .leakyReLU: "leaky_relu"
        case .elu: "elu"
        case .selu: "selu"
        case .celu: "celu"
        case .gelu: "gelu"
        case .silu: "silu"
        case .hardSiLU: "hard_silu"
        case .mish: "mish"
        case .sigmoid: "sigmoid"
        case .hardSigmoid: "hard_sigmoid"
        case .logSigmoid: "log_sigmoid"
        case .sparseSigmoid: "sparse_sigmoid"
        case .softmax: "softmax"
        case .logSoftmax: "log_softmax"
        case .sparsemax: "sparsemax"
        case .softplus: "softplus"
        case .softsign: "softsign"
        case .squareplus: "squareplus"
        case .sparsePlus: "sparse_plus"
        case .exponential: "exponential"
        case .tanh: "tanh"
        case .hardTanh: "hard_tanh"
        case .tanhShrink: "tanh_shrink"
        case .hardShrink: "hard_shrink"
        case .softShrink: "soft_shrink"
        case .threshold: "threshold"
        case .glu: "glu"
        }
    }
}
