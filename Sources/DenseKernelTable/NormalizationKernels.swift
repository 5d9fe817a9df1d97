/// The normalizing entry point of one instruction set: it works in place on row-major float32 and gives the same bits on
/// every instruction set, whichever rows stand beside a row.
@safe package struct NormalizationKernels: Sendable {
    /// Normalizes `rows` contiguous rows of `columns` values each.
    ///
    /// - `gamma`, `beta`: `columns` values that multiply the results and are added to them, or `nil` for none.
    package typealias Rowwise =
        @Sendable (
            _ normalization: RowNormalization, _ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int,
            _ gamma: UnsafePointer<Float>?, _ beta: UnsafePointer<Float>?
        ) -> Void

    package let rows: Rowwise

    package init(rows: @escaping Rowwise) {
        unsafe self.rows = rows
    }
}

/// What a row is divided by, and what is taken from it first.
package struct RowNormalization: Hashable, Sendable {
    package enum Statistic: UInt8, Sendable {
        /// `(x - mean) / sqrt(variance + epsilon)`
        case meanAndVariance
        /// `x / sqrt(variance + epsilon)`
        case variance
        /// `x / sqrt(mean(x^2) + epsilon)`
        case meanSquare
        /// `x * min(1 / sqrt(sum(x^2)), 1e12)`
        case sumOfSquares
    }

    package let statistic: Statistic
    package let epsilon: Float

    package init(_ statistic: Statistic, epsilon: Float = 0) {
        self.statistic = statistic
        self.epsilon = epsilon
    }
}
