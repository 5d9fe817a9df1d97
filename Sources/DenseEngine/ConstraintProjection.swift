extension Constraint {
    /// `weight` projected onto what the constraint allows, in float32 as Keras computes it. Norms are summed along memory
    /// in the order of `PairwiseSum`, across it from the first element to the last: numpy's orders.
    ///
    /// - Throws: `EngineError.invalidConfigValue`, in numpy's words, for axes the weight does not have or that occur twice.
    package func callAsFunction(_ weight: Tensor) throws(EngineError) -> Tensor {
        switch self {
        case .maxNorm(let maxValue, let axis):
            try Self.rescale(weight, along: axis) { norm in Self.clip(norm, 0, Float(maxValue)) / (1e-7 + norm) }
        case .nonNeg: try Tensor(shape: weight.shape, elements: weight.elements.map { $0 <= 0 ? 0 : $0 })
        case .unitNorm(let axis): try Self.divide(weight, along: axis) { norm in 1e-7 + norm }
        case .minMaxNorm(let minValue, let maxValue, let rate, let axis):
            try Self.rescale(weight, along: axis) { norm in
                let clipped = Self.clip(norm, Float(minValue), Float(maxValue))
                return (Float(rate) * clipped + Float(1 - rate) * norm) / (1e-7 + norm)
            }
        }
    }

    private static func rescale(
        _ weight: Tensor, along axis: Axis, by factor: (Float) -> Float
    ) throws(EngineError) -> Tensor {
        let groups = try NormGroups(of: weight, along: axis)
        let factors = groups.norms.map(factor)
        let elements = weight.elements.indices.map { weight.elements[$0] * factors[groups.group(of: $0)] }
        return try Tensor(shape: weight.shape, elements: elements)
    }

    private static func divide(
        _ weight: Tensor, along axis: Axis, by divisor: (Float) -> Float
    ) throws(EngineError) -> Tensor {
        let groups = try NormGroups(of: weight, along: axis)
        let divisors = groups.norms.map(divisor)
        let elements = weight.elements.indices.map { weight.elements[$0] / divisors[groups.group(of: $0)] }
        return try Tensor(shape: weight.shape, elements: elements)
    }

    /// numpy's `clip`: NaN stays NaN, and the upper bound wins over a lower bound above it.
    private static func clip(_ value: Float, _ lower: Float, _ upper: Float) -> Float {
        let raised = value < lower ? lower : value
        return raised > upper ? upper : raised
    }
}
