/// An activation function with its arguments: the 30 of Keras's `keras.activations`, by Keras's formulas
/// (`keras/src/activations/activations.py`, `keras/src/backend/numpy/nn.py`).
///
/// Arguments are `Double`, as Keras's configurations hold them; they are rounded to float32 when applied, as Keras
/// does. `x` below is the input. An element-wise activation keeps the shape; so do the others but `glu`.
package enum Activation: Hashable, Sendable {
    /// `x`
    case linear
    /// `x > threshold ? x : negativeSlope * (x - threshold)`, at most `maxValue`.
    case relu(negativeSlope: Double, maxValue: Double?, threshold: Double)
    /// `min(max(x, 0), 6)`
    case relu6
    /// `max(x, negativeSlope * x)`
    case leakyReLU(negativeSlope: Double)
    /// `x >= 0 ? x : alpha * (exp(x) - 1)`
    case elu(alpha: Double)
    /// `1.0507009873554805 * elu(x, alpha: 1.6732632423543772)`
    case selu
    /// `max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)`
    case celu(alpha: Double)
    /// `0.5 * x * (1 + erf(x / sqrt(2)))`, or with `approximate` `0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
    case gelu(approximate: Bool)
    /// `x * sigmoid(x)`, also called swish.
    case silu
    /// `x * hardSigmoid(x)`, also called hard swish.
    case hardSiLU
    /// `x * tanh(softplus(x))`
    case mish
    /// `1 / (1 + exp(-x))`
    case sigmoid
    /// `x / 6 + 0.5`, clipped to 0 ... 1.
    case hardSigmoid
    /// `-softplus(-x)`
    case logSigmoid
    /// `0.5 * (x + 1)`, clipped to 0 ... 1.
    case sparseSigmoid
    /// `exp(x - max) / sum(exp(x - max))` along the axis.
    case softmax(axis: Int)
    /// `x - max - log(sum(exp(x - max)))` along the axis.
    case logSoftmax(axis: Int)
    /// The projection onto the probability simplex along the axis (Martins and Astudillo, 2016).
    case sparsemax(axis: Int)
    /// `log(1 + exp(x))`
    case softplus
    /// `x / (1 + abs(x))`
    case softsign
    /// `(x + sqrt(x^2 + b)) / 2`
    case squareplus(b: Double)
    /// 0 up to -1, `0.25 * (x + 1)^2` up to 1, `x` above.
    case sparsePlus
    /// `exp(x)`
    case exponential
    case tanh
    /// `x`, clipped to -1 ... 1.
    case hardTanh
    /// `x - tanh(x)`
    case tanhShrink
    /// `abs(x) > threshold ? x : 0`
    case hardShrink(threshold: Double)
    /// `x - threshold` above the threshold, `x + threshold` below its negative, else 0.
    case softShrink(threshold: Double)
    /// `x > threshold ? x : value`. Keras has no defaults for the two, so the bare name cannot be applied.
    case threshold(threshold: Double, value: Double)
    /// The gated linear unit: the axis is split in two halves `a`, `b`, and the result, half as long, is `a * sigmoid(b)`.
    case glu(axis: Int)
}

// MARK: Keras's defaults

extension Activation {
    package static let relu = Activation.relu(negativeSlope: 0, maxValue: nil, threshold: 0)
    package static let leakyReLU = Activation.leakyReLU(negativeSlope: 0.2)
    package static let elu = Activation.elu(alpha: 1)
    package static let celu = Activation.celu(alpha: 1)
    package static let gelu = Activation.gelu(approximate: false)
    package static let softmax = Activation.softmax(axis: -1)
    package static let logSoftmax = Activation.logSoftmax(axis: -1)
    package static let sparsemax = Activation.sparsemax(axis: -1)
    package static let squareplus = Activation.squareplus(b: 4)
    package static let hardShrink = Activation.hardShrink(threshold: 0.5)
    package static let softShrink = Activation.softShrink(threshold: 0.5)
    package static let glu = Activation.glu(axis: -1)
}
