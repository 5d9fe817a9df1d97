/// How far the rows or columns of a matrix are from being orthogonal to each other: the cosines between all pairs.
struct OrthogonalPenalty {
    /// One vector after the other, each of length 1 (or 0).
    private let vectors: [Float]
    private let count: Int
    private let length: Int

    /// The most multiply-adds the cosines may cost: about ten seconds.
    private static let largestCost = 1 << 33

    /// - Throws: `EngineError.invalidConfigValue` in Keras's words when the rank is not 2, `EngineError.unsupported` when the
    ///   matrix is too large to compare all its rows while a client waits.
    init(of matrix: Tensor, along mode: Regularizer.OrthogonalMode) throws(EngineError) {
        let shape = matrix.shape
        guard shape.rank == 2 else {
            throw .invalidConfigValue(
                path: [],
                message: "Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=\(shape)")
        }
        let (rows, columns) = (shape.dimensions[0], shape.dimensions[1])
        (count, length) = mode == .rows ? (rows, columns) : (columns, rows)
        let (pairs, overflow) = count.multipliedReportingOverflow(by: count)
        let (cost, moreOverflow) = pairs.multipliedReportingOverflow(by: length)
        guard !overflow, !moreOverflow, cost <= Self.largestCost else {
            throw .unsupported(
                path: [],
                message:
                    "The orthogonal regularizer is too costly for this shape. Expected at most \(Self.largestCost) "
                    + "for the square of the number of \(mode.rawValue) times their length, received \(shape).")
        }
        var vectors: [Float] = []
        vectors.reserveCapacity(matrix.elements.count)
        for index in 0..<count {
            let start = mode == .rows ? index * columns : index
            let step = mode == .rows ? 1 : columns
            let vector = (0..<length).map { matrix.elements[start + $0 * step] }
            let scale = Self.inverseNorm(of: vector)
            vectors += vector.map { $0 * scale }
        }
        self.vectors = vectors
    }

    /// `factor` times half the sum of the cosines' magnitudes over the number of pairs. Each pair is summed twice. Of one
    /// vector there are no pairs: NaN, as in Keras.
    func value(factor: Float) -> Float {
        var magnitudes: [Float] = []
        magnitudes.reserveCapacity(count)
        var total: Float = 0
        for first in 0..<count {
            magnitudes.removeAll(keepingCapacity: true)
            for second in 0..<count {
                // A product with zero, not a zero: what is infinite or NaN shows on the diagonal, too.
                let cosine = dot(first, second) * (first == second ? 0 : 1)
                magnitudes.append(cosine.magnitude)
            }
            total += PairwiseSum.of(magnitudes)
        }
        let pairs = Double(count) * (Double(count) - 1) / 2
        return factor * 0.5 * total / Float(pairs)
    }

    /// Keras's `rsqrt`, which is at most the inverse of its epsilon: a vector of zeros stays one.
    private static func inverseNorm(of vector: [Float]) -> Float {
        let inverse = 1 / PairwiseSum.of(vector.map { $0 * $0 }).squareRoot()
        return inverse.isNaN ? inverse : min(inverse, 1e7)
    }

    private func dot(_ first: Int, _ second: Int) -> Float {
        var sum: Float = 0
        for offset in 0..<length { sum += vectors[first * length + offset] * vectors[second * length + offset] }
        return sum
    }
}
