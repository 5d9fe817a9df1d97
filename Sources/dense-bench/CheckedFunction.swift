package import CFloat64Reference
package import DenseKernelTable

/// A function of one number that the kernels compute, what it is compared with, and how far off it may be.
package struct CheckedFunction: Sendable {
    package let name: String
    package let activation: ElementwiseActivation
    package let reference: reference_function
    /// The largest error allowed, in ulp.
    package let bound: Double

    private init(
        _ name: String, _ activation: ElementwiseActivation, _ reference: reference_function, bound: Double = 4
    ) {
        self.name = name
        self.activation = activation
        self.reference = reference
        self.bound = bound
    }

    /// Every element-wise activation, with Keras's default arguments and some others, and their parts.
    package static let all = [
        CheckedFunction("exp", .init(.exponential), REFERENCE_EXP, bound: 2),
        CheckedFunction("tanh", .init(.tanh), REFERENCE_TANH, bound: 2),
        CheckedFunction("sigmoid", .init(.sigmoid), REFERENCE_SIGMOID, bound: 2),
        CheckedFunction("erf", .init(.erf), REFERENCE_ERF, bound: 2),
        CheckedFunction("softplus", .init(.softplus), REFERENCE_SOFTPLUS, bound: 2),
        CheckedFunction("log1p", .init(.log1p), REFERENCE_LOG1P, bound: 2),
        CheckedFunction("gelu", .init(.gelu), REFERENCE_GELU),
        CheckedFunction("mish", .init(.mish), REFERENCE_MISH),
        CheckedFunction("gelu_tanh", .init(.geluTanh), REFERENCE_GELU_TANH),
        CheckedFunction("silu", .init(.silu), REFERENCE_SILU),
        CheckedFunction("tanh_shrink", .init(.tanhShrink), REFERENCE_TANH_SHRINK),
        CheckedFunction("expm1", .init(.expm1), REFERENCE_EXPM1),
        CheckedFunction("log_sigmoid", .init(.logSigmoid), REFERENCE_LOG_SIGMOID),
        CheckedFunction("elu", .init(.elu, 1), REFERENCE_ELU),
        CheckedFunction("elu(0.3)", .init(.elu, 0.3), REFERENCE_ELU),
        CheckedFunction("selu", .init(.selu), REFERENCE_SELU),
        CheckedFunction("celu", .init(.celu, 1), REFERENCE_CELU),
        CheckedFunction("celu(0.7)", .init(.celu, 0.7), REFERENCE_CELU),
        CheckedFunction("hard_sigmoid", .init(.hardSigmoid), REFERENCE_HARD_SIGMOID),
        CheckedFunction("hard_silu", .init(.hardSiLU), REFERENCE_HARD_SILU),
        CheckedFunction("sparse_sigmoid", .init(.sparseSigmoid), REFERENCE_SPARSE_SIGMOID),
        CheckedFunction("sparse_plus", .init(.sparsePlus), REFERENCE_SPARSE_PLUS),
        CheckedFunction("softsign", .init(.softsign), REFERENCE_SOFTSIGN),
        CheckedFunction("squareplus", .init(.squareplus, 4), REFERENCE_SQUAREPLUS),
        CheckedFunction("squareplus(1e-30)", .init(.squareplus, 1e-30), REFERENCE_SQUAREPLUS),
        CheckedFunction("squareplus(1e38)", .init(.squareplus, 1e38), REFERENCE_SQUAREPLUS),
        CheckedFunction("linear", .init(.linear), REFERENCE_IDENTITY),
        CheckedFunction("relu", .init(.relu, 0, .infinity, 0), REFERENCE_RELU),
        CheckedFunction("relu6", .init(.relu6), REFERENCE_RELU6),
        CheckedFunction("leaky_relu", .init(.leakyReLU, 0.2), REFERENCE_LEAKY_RELU),
        CheckedFunction("hard_tanh", .init(.hardTanh), REFERENCE_HARD_TANH),
        CheckedFunction("hard_shrink", .init(.hardShrink, 0.5), REFERENCE_HARD_SHRINK),
        CheckedFunction("soft_shrink", .init(.softShrink, 0.5), REFERENCE_SOFT_SHRINK),
    ]
}
