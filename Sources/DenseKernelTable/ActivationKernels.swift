/// The activation entry points of one instruction set. All work in place on row-major float32 and give the same bits
/// on every instruction set, wherever an element lies and however many there are.
@safe package struct ActivationKernels: Sendable {
    /// Applies one element-wise activation to `count` values.
    package typealias Elementwise =
        @Sendable (_ activation: ElementwiseActivation, _ values: UnsafeMutablePointer<Float>, _ count: Int) -> Void

    /// Applies a row-wise activation to `rows` contiguous rows of `columns` values each.
    package typealias Rowwise =
        @Sendable (_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) -> Void

    /// `result = a * sigmoid(b)` over `rows` contiguous rows: a row of `source` is `columns` values of `a`, then as
    /// many of `b`; a row of `result` is `columns` values. `result` may be `source`: a row is read before its place
    /// is written.
    package typealias GatedLinearUnit =
        @Sendable (
            _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
        ) -> Void

    package let elementwise: Elementwise
    package let softmax: Rowwise
    package let logSoftmax: Rowwise
    package let sparsemax: Rowwise
    package let gatedLinearUnit: GatedLinearUnit

    package init(
        elementwise: @escaping Elementwise, softmax: @escaping Rowwise, logSoftmax: @escaping Rowwise,
        sparsemax: @escaping Rowwise, gatedLinearUnit: @escaping GatedLinearUnit
    ) {
        unsafe self.elementwise = elementwise
        unsafe self.softmax = softmax
        unsafe self.logSoftmax = logSoftmax
        unsafe self.sparsemax = sparsemax
        unsafe self.gatedLinearUnit = gatedLinearUnit
    }
}

/// One element-wise activation and its arguments, in the form the kernels take.
package struct ElementwiseActivation: Hashable, Sendable {
    package enum Operation: UInt8, Sendable {
        case linear, relu, relu6, leakyReLU, elu, selu, celu, gelu, geluTanh, silu, hardSiLU, mish, sigmoid, hardSigmoid
        case logSigmoid, sparseSigmoid, softplus, softsign, squareplus, sparsePlus, exponential, tanh, hardTanh
        case tanhShrink, hardShrink, softShrink, threshold

        // No activations of their own, but parts of some: here so that their accuracy can be checked.
        case erf, expm1, log1p
    }

    package let operation: Operation

    /// The arguments in the order of the Keras function, 0 where there is none. `relu` has three (`negative_slope`,
    /// `max_value` with infinity for none, `threshold`), `threshold` two (`threshold`, `default_value`).
    package let first: Float
    package let second: Float
    package let third: Float

    package init(_ operation: Operation, _ first: Float = 0, _ second: Float = 0, _ third: Float = 0) {
        self.operation = operation
        self.first = first
        self.second = second
        self.third = third
    }
}
