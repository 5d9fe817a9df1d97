package import DenseKernelTable

extension Activation {
    /// Whether each output depends on its own input alone. False for `softmax`, `logSoftmax`, `sparsemax` and `glu`.
    package var isElementwise: Bool { elementwise != nil }

    /// The activation in the form the kernels take, arguments rounded to float32; `nil` for one along an axis.
    package var elementwise: ElementwiseActivation? {
        switch self {
        case .linear: ElementwiseActivation(.linear)
        case .relu(let negativeSlope, let maxValue, let threshold):
            ElementwiseActivation(
                .relu, Float(negativeSlope), maxValue.map { Float($0) } ?? .infinity, Float(threshold))
        case .relu6: ElementwiseActivation(.relu6)
        case .leakyReLU(let negativeSlope): ElementwiseActivation(.leakyReLU, Float(negativeSlope))
        case .elu(let alpha): ElementwiseActivation(.elu, Float(alpha))
        case .selu: ElementwiseActivation(.selu)
        case .celu(let alpha): ElementwiseActivation(.celu, Float(alpha))
        case .gelu(let approximate): ElementwiseActivation(approximate ? .geluTanh : .gelu)
        case .silu: ElementwiseActivation(.silu)
        case .hardSiLU: ElementwiseActivation(.hardSiLU)
        case .mish: ElementwiseActivation(.mish)
        case .sigmoid: ElementwiseActivation(.sigmoid)
        case .hardSigmoid: ElementwiseActivation(.hardSigmoid)
        case .logSigmoid: ElementwiseActivation(.logSigmoid)
        case .sparseSigmoid: ElementwiseActivation(.sparseSigmoid)
        case .softplus: ElementwiseActivation(.softplus)
        case .softsign: ElementwiseActivation(.softsign)
        case .squareplus(let b): ElementwiseActivation(.squareplus, Float(b))
        case .sparsePlus: ElementwiseActivation(.sparsePlus)
        case .exponential: ElementwiseActivation(.exponential)
        case .tanh: ElementwiseActivation(.tanh)
        case .hardTanh: ElementwiseActivation(.hardTanh)
        case .tanhShrink: ElementwiseActivation(.tanhShrink)
        case .hardShrink(let threshold): ElementwiseActivation(.hardShrink, Float(threshold))
        case .softShrink(let threshold): ElementwiseActivation(.softShrink, Float(threshold))
        case .threshold(let threshold, let value): ElementwiseActivation(.threshold, Float(threshold), Float(value))
        case .softmax, .logSoftmax, .sparsemax, .glu: nil
        }
    }

    /// Applies an element-wise activation in place; does nothing for one along an axis, which needs a shape.
    package func apply(inPlace values: UnsafeMutableBufferPointer<Float>) {
        guard let elementwise, let start = values.baseAddress else { return }
        unsafe Kernels.current.activations.elementwise(elementwise, start, values.count)
    }

    /// The activation of a tensor of any rank.
    ///
    /// - Throws: `EngineError` as `outputShape(for:)` does.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        guard self != .linear else { return input }
        let outputShape = try outputShape(for: input.shape)
        guard let axis = try axis(in: input.shape) else {
            return unsafe Tensor(shape: outputShape) { (output: UnsafeMutableBufferPointer<Float>) in
                unsafe _ = input.withElements { unsafe output.initialize(from: $0) }
                unsafe apply(inPlace: output)
            }
        }
        return unsafe Tensor(shape: outputShape) { (output: UnsafeMutableBufferPointer<Float>) in
            unsafe input.withElements { input in
                unsafe apply(along: axis, from: input, to: output)
            }
        }
    }
}
