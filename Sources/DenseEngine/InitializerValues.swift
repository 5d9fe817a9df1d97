extension Initializer {
    /// The first values of a weight of this shape, bit-equal to those of Keras's numpy backend, or the one named, for the same seed
    /// (`orthogonal` but for rounding, see there).
    ///
    /// A `nil` seed is drawn anew at every call. The cost is that of drawing the numbers; `orthogonal`'s grows with the
    /// cube of the matrix's side and is bounded.
    ///
    /// - Throws: `EngineError.invalidConfigValue`, in Keras's or numpy's words, for arguments that `validate` refuses, for
    ///   a rank other than 2 (`identity`) or below 2 (`orthogonal`), and for fan axes the shape does not have;
    ///   `EngineError.unsupported` for an `orthogonal` too large to compute while a client waits.
    package func callAsFunction(shape: Shape) throws(EngineError) -> Tensor {
        try values(shape, .numpy)
    }

    private func values(_ shape: Shape, _ backend: SeedBackend) throws(EngineError) -> Tensor {
        try validate()
        switch self {
        case .drawn(let backend, let initializer): return try initializer.values(shape, backend)
        case .zeros: return Self.filled(shape, with: 0)
        case .ones: return Self.filled(shape, with: 1)
        case .constant(let value): return Self.filled(shape, with: Float(value))
        case .identity(let gain): return try Self.identity(shape, gain: Float(gain))
        case .randomNormal(let mean, let stddev, let seed):
            return try backend.draw(.normal(mean: mean, stddev: stddev), shape, seed: seed)
        case .randomUniform(let minimum, let maximum, let seed):
            return try backend.draw(.uniform(from: minimum, to: maximum), shape, seed: seed)
        case .truncatedNormal(let mean, let stddev, let seed):
            return try backend.draw(.truncatedNormal(mean: mean, stddev: stddev), shape, seed: seed)
        case .varianceScaling, .glorotUniform, .glorotNormal, .lecunUniform, .lecunNormal, .heUniform, .heNormal:
            return try VarianceScaling(self)?.values(for: shape, backend) ?? Self.filled(shape, with: 0)
        case .orthogonal(let gain, let seed): return try Self.orthogonal(shape, gain: Float(gain), seed: seed)
        }
    }

    private static func filled(_ shape: Shape, with value: Float) -> Tensor {
        unsafe Tensor(shape: shape) { elements in unsafe elements.initialize(repeating: value) }
    }

    /// A product with the identity matrix, as Keras computes it, so that a negative gain gives negative zeros.
    private static func identity(_ shape: Shape, gain: Float) throws(EngineError) -> Tensor {
        guard shape.rank == 2 else {
            throw .invalidConfigValue(
                path: [],
                message: "Identity matrix initializer can only be used for 2D matrices. "
                    + "Received: shape=\(shape) of rank \(shape.rank).")
        }
        let columns = shape.lastAxis
        return unsafe Tensor(shape: shape) { elements in
            unsafe elements.initialize(repeating: gain * 0)
            for diagonal in 0..<min(shape.rowCount, columns) { unsafe elements[diagonal * (columns + 1)] = gain }
        }
    }
}
