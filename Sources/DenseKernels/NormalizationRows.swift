internal import CVectors
import DenseKernelTable

/// This instruction set's normalizations.
let normalizationKernels = unsafe NormalizationKernels(rows: normalizeRows)

// A row's sums run in float64, in 16 interleaved lanes (index modulo 16) that are added in one fixed tree: the bits depend
// on the row alone. What is done with each value then is Keras's arithmetic, in its order
// (keras/src/ops/nn.py, `_layer_normalization`, `_rms_normalization` and `_normalize`).

/// Normalizes rows in place.
func normalizeRows(
    _ normalization: RowNormalization, _ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int,
    _ gamma: UnsafePointer<Float>?, _ beta: UnsafePointer<Float>?
) {
    let epsilon = normalization.epsilon
    for row in 0..<rows {
        let start = unsafe values + row &* columns
        switch normalization.statistic {
        case .meanAndVariance:
            let (mean, variance) = unsafe meanAndVariance(start, columns)
            let inverse = 1 / (variance + epsilon).squareRoot()
            unsafe center(start, columns, -mean, inverse, gamma, beta)
        case .variance:
            let variance = unsafe meanAndVariance(start, columns).variance
            unsafe scale(start, columns, 1 / (variance + epsilon).squareRoot(), gamma)
        case .meanSquare:
            let square = unsafe Float(sumOfSquares(start, columns, 0) / Double(columns))
            unsafe scale(start, columns, 1 / (square + epsilon).squareRoot(), gamma)
        case .sumOfSquares:
            let inverse = unsafe 1 / Float(sumOfSquares(start, columns, 0)).squareRoot()
            unsafe scale(start, columns, inverse > 1e12 ? 1e12 : inverse, gamma)
        }
    }
}

/// The mean, rounded, and the variance about what it was before.
@inline(never)
private func meanAndVariance(_ values: UnsafePointer<Float>, _ columns: Int) -> (mean: Float, variance: Float) {
    var sums = SIMD16<Double>(repeating: 0)
    var index = 0
    while index < columns {
        sums = vector_add_double(sums, vector_widen(unsafe load(values, columns, index, padding: 0)))
        index &+= 16
    }
    let exact = vector_sum_double(sums) / Double(columns)
    let mean = Float(exact)
    let shift = exact - Double(mean)
    // The squares about the rounded mean, which padding can have without adding anything.
    let variance = unsafe sumOfSquares(values, columns, mean) / Double(columns) - shift * shift
    return (mean, Float(variance < 0 ? 0 : variance))
}

/// `sum((x - center)^2)`
@inline(never)
private func sumOfSquares(_ values: UnsafePointer<Float>, _ columns: Int, _ center: Float) -> Double {
    let center16 = SIMD16<Double>(repeating: Double(center))
    var sums = SIMD16<Double>(repeating: 0)
    var index = 0
    while index < columns {
        let loaded = unsafe load(values, columns, index, padding: center)
        let difference = vector_subtract_double(vector_widen(loaded), center16)
        sums = vector_fma_double(difference, difference, sums)
        index &+= 16
    }
    return vector_sum_double(sums)
}

/// `x * (inverse * gamma) + (negatedMean * (inverse * gamma) + beta)`
@inline(never)
private func center(
    _ values: UnsafeMutablePointer<Float>, _ columns: Int, _ negatedMean: Float, _ inverse: Float,
    _ gamma: UnsafePointer<Float>?, _ beta: UnsafePointer<Float>?
) {
    var index = 0
    while index < columns {
        var factor = Lanes(repeating: inverse)
        if let gamma = unsafe gamma { factor = unsafe load(gamma, columns, index, padding: 0) * factor }
        var term = negatedMean * factor
        if let beta = unsafe beta { term = unsafe load(beta, columns, index, padding: 0) + term }
        let scaled = unsafe load(values, columns, index, padding: 0) * factor
        unsafe store(scaled + term, values, columns, index)
        index &+= 16
    }
}

/// `(x * inverse) * gamma`
@inline(never)
private func scale(
    _ values: UnsafeMutablePointer<Float>, _ columns: Int, _ inverse: Float, _ gamma: UnsafePointer<Float>?
) {
    var index = 0
    while index < columns {
        var results = unsafe load(values, columns, index, padding: 0) * inverse
        if let gamma = unsafe gamma { results = unsafe load(gamma, columns, index, padding: 0) * results }
        unsafe store(results, values, columns, index)
        index &+= 16
    }
}

@inline(__always)
private func load(_ values: UnsafePointer<Float>, _ count: Int, _ index: Int, padding: Float) -> Lanes {
    let rest = count &- index
    return unsafe rest >= 16 ? loadLanes(values + index) : loadLanes(values + index, rest, padding: padding)
}

@inline(__always)
private func store(_ lanes: Lanes, _ values: UnsafeMutablePointer<Float>, _ count: Int, _ index: Int) {
    let rest = count &- index
    if rest >= 16 {
        unsafe storeLanes(lanes, values + index)
    } else {
        unsafe storeLanes(lanes, values + index, rest)
    }
}
