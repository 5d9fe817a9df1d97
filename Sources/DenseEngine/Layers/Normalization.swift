/// Keras's `Normalization` as configured: `output = (input - mean) / max(sqrt(variance), epsilon)`, or its inverse.
/// Mean and variance are arguments here, or the layer's weights `mean` and `variance`.
///
/// - input:  any shape whose kept axes are those the layer was built for
/// - output: the same shape
package struct Normalization: Hashable, Sendable {
    package var identity: LayerIdentity
    /// The axes that keep statistics of their own, negative ones counted from the last. Empty: one mean and variance for
    /// everything.
    package var axes: [Int]
    package var mean: ConfigArray?
    package var variance: ConfigArray?
    /// Takes normalized values back to the original scale.
    package var invert: Bool

    package init(
        axes: [Int] = [-1], mean: ConfigArray? = nil, variance: ConfigArray? = nil, invert: Bool = false,
        name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.axes = axes
        self.mean = mean
        self.variance = variance
        self.invert = invert
    }
}
