/// Quantized weights with a low-rank term that stays apart, as Keras computes them: `(product + term) + bias`. Immutable.
package final class PackedAdaptedWeights: Sendable {
    /// Without a bias.
    let base: PackedWeights
    let term: LowRankTerm
    private let bias: [Float]?

    init(_ base: PackedWeights, _ term: LowRankTerm, bias: Tensor?) {
        self.base = base
        self.term = term
        self.bias = bias?.elements
    }

    /// `output = activation(input * kernel + term + bias)`.
    ///
    /// - Parameters: as those of `PackedWeights.run`.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int?
    ) {
        unsafe base.run(input: input, rows: rows, activation: nil, output: output, threads: threads)
        unsafe term.add(input, rows: rows, to: output)
        if let bias {
            for row in 0..<rows {
                let target = unsafe output + row * bias.count
                for unit in bias.indices { unsafe target[unit] += bias[unit] }
            }
        }
        if let activation {
            unsafe base.kernels.apply(activation, to: output, rows: rows, columns: base.units)
        }
    }
}
