package import DenseKernelTable

/// An activation that can be applied in place to any block of a product's rows, while that is still in cache.
package enum RowsActivation: Hashable, Sendable {
    case elementwise(ElementwiseActivation)
    case softmax, logSoftmax, sparsemax
}

extension Activation {
    /// The activation as it is applied to rows; `nil` for one along another axis than the last, and for `glu`, whose
    /// output is smaller.
    ///
    /// - Parameter rank: of the tensor whose last axis the rows are.
    func onRows(rank: Int) -> RowsActivation? {
        if let elementwise { return .elementwise(elementwise) }
        switch self {
        case .softmax(let axis) where axis == -1 || axis == rank - 1: return .softmax
        case .logSoftmax(let axis) where axis == -1 || axis == rank - 1: return .logSoftmax
        case .sparsemax(let axis) where axis == -1 || axis == rank - 1: return .sparsemax
        default: return nil
        }
    }
}

extension KernelTable {
    /// Applies an activation in place to contiguous rows.
    func apply(_ activation: RowsActivation, to values: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
        switch activation {
        case .elementwise(let elementwise): unsafe activations.elementwise(elementwise, values, rows * columns)
        case .softmax: unsafe activations.softmax(values, rows, columns)
        case .logSoftmax: unsafe activations.logSoftmax(values, rows, columns)
        case .sparsemax: unsafe activations.sparsemax(values, rows, columns)
        }
    }
}
