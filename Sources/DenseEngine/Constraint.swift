/// A projection of a weight onto what is allowed: Keras's constraints with their constructors' arguments. Keras applies
/// them after a training step and never at inference; here they are applied on request. Arguments are doubles, as in
/// Keras, so that a configuration written back is the one that was read.
///
/// Source: `keras/src/constraints/constraints.py`.
package enum Constraint: Hashable, Sendable {
    /// Norms along `axis` are brought down to `maxValue`.
    case maxNorm(maxValue: Double, axis: Axis)
    /// Negative elements become zero.
    case nonNeg
    /// Norms along `axis` become 1.
    case unitNorm(axis: Axis)
    /// Norms along `axis` are moved by `rate` (1: all the way) into `minValue ... maxValue`.
    case minMaxNorm(minValue: Double, maxValue: Double, rate: Double, axis: Axis)

    /// The axis or axes a norm is taken along: an integer, a list or null in Keras's configuration. Negative ones count
    /// from the last.
    package enum Axis: Hashable, Sendable {
        case one(Int)
        case many([Int])
        /// One norm over all elements: Keras's `None`.
        case all
    }
}
