extension Initializer {
    /// The most multiply-adds an orthogonal initializer may cost: half of it, a square matrix of 2,048, takes two seconds, and the
    /// cost grows with the cube.
    private static let largestOrthogonalCost = 1 << 34

    /// `gain` times the orthogonal factor of a matrix of normals, its signs fixed so that it is uniformly distributed.
    ///
    /// As in Keras's numpy backend the factor is computed in double precision and rounded to float32. The factor is
    /// unique; numpy's LAPACK only rounds in another order, so elements are equal bit for bit except where the two
    /// doubles fall on different sides of a float32's rounding: none or a few in a million, and those by one unit in
    /// the last place.
    static func orthogonal(_ shape: Shape, gain: Float, seed: Int?) throws(EngineError) -> Tensor {
        guard shape.rank >= 2 else {
            throw .invalidConfigValue(
                path: [],
                message: "The tensor to initialize must be at least two-dimensional. "
                    + "Received: shape=\(shape) of rank \(shape.rank).")
        }
        let (rows, columns) = (shape.rowCount, shape.lastAxis)
        let (long, short) = (max(rows, columns), min(rows, columns))
        try checkCost(shape, long: long, short: short)
        var random = try RandomArrays(seed: seed)
        let normals = try random.normal(Shape([long, short]), mean: 0, stddev: 1)
        let factor = OrthogonalFactor(of: normals.elements, rows: long, columns: short)
        return unsafe Tensor(shape: shape) { elements in
            for row in 0..<rows {
                for column in 0..<columns {
                    let value = rows < columns ? factor[column, row] : factor[row, column]
                    unsafe elements.initializeElement(at: row * columns + column, to: gain * Float(value))
                }
            }
        }
    }

    private static func checkCost(_ shape: Shape, long: Int, short: Int) throws(EngineError) {
        let (square, overflow) = short.multipliedReportingOverflow(by: short)
        let (cost, moreOverflow) = square.multipliedReportingOverflow(by: long)
        guard !overflow, !moreOverflow, cost <= largestOrthogonalCost else {
            throw .unsupported(
                path: [],
                message: "The orthogonal initializer is too costly for this shape. Expected at most "
                    + "\(largestOrthogonalCost) for the longer side times the square of the shorter, received \(shape)."
            )
        }
    }
}
