extension Regularizer {
    /// The penalty on `tensor`, in float32 as Keras computes it. Sums run in the order of `PairwiseSum`, which is numpy's.
    ///
    /// - Throws: `EngineError.invalidConfigValue`, in Keras's words, for a factor that is negative or no number, and for
    ///   `orthogonal` when the tensor's rank is not 2.
    package func callAsFunction(_ tensor: Tensor) throws(EngineError) -> Float {
        try validate()
        let elements = tensor.elements
        return switch self {
        case .l1(let factor): Float(factor) * Self.sumOfMagnitudes(elements)
        case .l2(let factor): Float(factor) * Self.sumOfSquares(elements)
        case .l1l2(let l1, let l2):
            // A zero factor leaves its sum out, so that it cannot turn an infinite sum into NaN.
            (l1 != 0 ? Float(l1) * Self.sumOfMagnitudes(elements) : 0)
                + (l2 != 0 ? Float(l2) * Self.sumOfSquares(elements) : 0)
        case .orthogonal(let factor, let mode):
            try OrthogonalPenalty(of: tensor, along: mode).value(factor: Float(factor))
        }
    }

    /// Refuses factors Keras refuses. To be called when a configuration is read, so that it fails then.
    ///
    /// - Throws: `EngineError.invalidConfigValue` in Keras's words; the path is the argument's name in Keras.
    package func validate() throws(EngineError) {
        let factors: [(name: String, value: Double)] =
            switch self {
            case .l1(let l1): [("l1", l1)]
            case .l2(let l2): [("l2", l2)]
            case .l1l2(let l1, let l2): [("l1", l1), ("l2", l2)]
            case .orthogonal(let factor, _): [("factor", factor)]
            }
        for (name, value) in factors where !value.isFinite || value < 0 {
            throw .invalidConfigValue(
                path: [name],
                message: "Invalid value for argument \(name): expected a non-negative float.Received: \(name)=\(value)")
        }
    }

    private static func sumOfMagnitudes(_ elements: [Float]) -> Float { PairwiseSum.of(elements.map(\.magnitude)) }

    private static func sumOfSquares(_ elements: [Float]) -> Float { PairwiseSum.of(elements.map { $0 * $0 }) }
}
