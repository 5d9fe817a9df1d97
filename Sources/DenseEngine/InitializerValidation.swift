extension Initializer {
    /// Refuses arguments no weight can be made with, whatever its shape. To be called when a configuration is read, so
    /// that it fails then and not at the first use; values are never made without it.
    ///
    /// - Throws: `EngineError.invalidConfigValue` in Keras's words, or in numpy's where Keras leaves it to numpy. The path
    ///   is the argument's name in Keras.
    package func validate() throws(EngineError) {
        try validate(for: .numpy)
    }

    private func validate(for backend: SeedBackend) throws(EngineError) {
        if case .drawn(let backend, let initializer) = self { return try initializer.validate(for: backend) }
        if let seed { try backend.check(seed: seed) }
        switch self {
        case .randomNormal(let mean, let stddev, _), .truncatedNormal(let mean, let stddev, _):
            // Keras would draw for ever: nothing lies within two standard deviations of what is no number.
            for (name, value) in [("mean", mean), ("stddev", stddev)] where !value.isFinite {
                throw .invalidConfigValue(
                    path: [name], message: "The argument `\(name)` must be finite. Received: \(name)=\(value)")
            }
            // The sign, as numpy sees it: negative zero is refused too.
            guard stddev.sign == .plus else { throw .invalidConfigValue(path: ["stddev"], message: "scale < 0") }
        case .randomUniform(let minimum, let maximum, _):
            try RandomArrays.checkRange(from: minimum, to: maximum)
        case .varianceScaling(let scale, _, _, _, _):
            guard scale > 0 else {
                throw .invalidConfigValue(
                    path: ["scale"], message: "Argument `scale` must be positive float. Received: scale=\(scale)")
            }
        case .zeros, .ones, .constant, .identity, .glorotUniform, .glorotNormal, .lecunUniform, .lecunNormal,
            .heUniform, .heNormal, .drawn:
            break
        case .orthogonal:
            guard backend == .numpy else {
                throw .unsupported(
                    path: ["seed_backend"],
                    message: "Orthogonal takes numpy's numbers only. Expected seed_backend='numpy', received "
                        + "'\(backend.rawValue)'.")
            }
        }
    }

    /// The seed of the initializers that draw; `nil` for the others, and where none is given.
    package var seed: Int? {
        switch self {
        case .zeros, .ones, .constant, .identity: nil
        case .randomNormal(_, _, let seed), .randomUniform(_, _, let seed), .truncatedNormal(_, _, let seed),
            .varianceScaling(_, _, _, let seed, _), .glorotUniform(let seed, _), .glorotNormal(let seed, _),
            .lecunUniform(let seed, _), .lecunNormal(let seed, _), .heUniform(let seed, _), .heNormal(let seed, _),
            .orthogonal(_, let seed):
            seed
        case .drawn(_, let initializer): initializer.seed
        }
    }
}
