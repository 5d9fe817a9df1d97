/// A penalty on a weight or an output, listed in `layer.losses`: Keras's regularizers with their constructors'
/// arguments. Factors are doubles, as in Keras, so that a configuration written back is the one that was read.
///
/// Source: `keras/src/regularizers/regularizers.py`.
package enum Regularizer: Hashable, Sendable {
    /// `l1 * sum(abs(x))`
    case l1(Double)
    /// `l2 * sum(square(x))`
    case l2(Double)
    /// `l1 * sum(abs(x)) + l2 * sum(square(x))`
    case l1l2(l1: Double, l2: Double)
    /// How far the rows (or columns) of a matrix are from orthogonal: `factor` times half the mean absolute cosine
    /// over its pairs of rows, each pair counted twice.
    case orthogonal(factor: Double, mode: OrthogonalMode)

    /// What `orthogonal` pushes apart. The raw value is Keras's name.
    package enum OrthogonalMode: String, Hashable, Sendable, CaseIterable {
        case rows
        case columns
    }
}
