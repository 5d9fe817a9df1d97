internal import CVectors

// Rows of up to 64 values, 16 rows at a time, one in each lane. Sorting would do too much: a row's support is a few of its
// values, and those are found one after the other, each the greatest below the one before.

/// The longest rows that are computed so. Each value of the support costs a pass over the row.
@inline(__always) var longestSparsemaxLaneRow: Int { 64 }

@inline(never)
func sparsemax(columnwise block: RowBlock) {
    let (start, rows, columns, _) = unsafe block
    let values = unsafe copy(block)
    unsafe copyColumns(block, to: values)
    let threshold = unsafe sparsemaxThresholds(values, columns)
    for column in 0..<columns {
        let place = unsafe values + 16 &* column
        let excess = vector_narrow(vector_subtract_double(vector_widen(unsafe loadLanes(place)), threshold))
        unsafe storeLanes(reluOfZero(excess), place)
    }
    var first = 0
    while first < columns {
        let width = min(16, columns &- first)
        let table = unsafe table(0, block)
        for column in 0..<width { unsafe table.setVector(column, loadLanes(values + 16 &* (first &+ column))) }
        unsafe table.transpose(columns: rows)
        for row in 0..<rows {
            let target = unsafe start + (row &* columns &+ first)
            if width == 16 {
                unsafe storeLanes(table.column(row), target)
            } else {
                unsafe storeLanes(table.column(row), target, width)
            }
        }
        first &+= 16
    }
}

/// Copies a block's columns, each as a vector. In the lanes beyond the rows is negative infinity.
@inline(__always)
private func copyColumns(_ block: RowBlock, to values: UnsafeMutablePointer<Float>) {
    let (start, rows, columns, _) = unsafe block
    var first = 0
    while first < columns {
        let width = min(16, columns &- first)
        let table = unsafe values + 16 &* first
        for row in 0..<16 {
            let source = unsafe start + (row &* columns &+ first)
            let vector =
                unsafe row >= rows
                ? Lanes(repeating: -.infinity) : width == 16 ? loadLanes(source) : loadLanes(source, width)
            unsafe table.setVector(row, vector)
        }
        unsafe table.transpose(columns: width)
        first &+= 16
    }
}

/// The threshold of each row by the steps of `sparsemaxThreshold`.
///
/// Where that asks for a positive `value - (partialSum - 1) / k` in float64, here it is `value * k - (partialSum - 1)` with
/// one rounding: the product of a float32 and a `k` of 9 bits differs from a float32 by more than float64's quotient is
/// off, or not at all.
@inline(__always)
private func sparsemaxThresholds(_ values: UnsafeMutablePointer<Float>, _ columns: Int) -> SIMD16<Double> {
    let (zero, one) = (Lanes(repeating: 0), Lanes(repeating: 1))
    // Above every value, as nothing compares with it.
    var value = Lanes(repeating: .nan)
    /// How often the value is still to be taken.
    var remaining = zero
    var isActive = one .== one
    var partialSum = zero
    var support = zero
    var sumOfPartialSums = vector_widen(zero)
    while true {
        let needsValue = isActive .& (remaining .== zero)
        if vector_any(bits(needsValue)) != 0 {
            let next = unsafe greatest(below: value, values, columns)
            value = select(needsValue, next.value, value)
            remaining = select(needsValue, next.count, remaining)
            isActive = isActive .& (remaining .> zero)
        }
        partialSum += value
        let excess = partialSum - 1
        isActive = isActive .& (fma(value, support + one, negated(excess)) .> zero)
        guard vector_any(bits(isActive)) != 0 else { break }
        support = select(isActive, support + one, support)
        sumOfPartialSums = vector_add_double(sumOfPartialSums, vector_widen(select(isActive, partialSum, zero)))
        remaining = remaining - one
    }
    return vector_divide_double(vector_widen(vector_narrow(sumOfPartialSums) - 1), vector_widen(support))
}

/// The greatest value of each row below another, and how often the row has it: 0 where there is none. NaN is passed over.
@inline(__always)
private func greatest(
    below limit: Lanes, _ values: UnsafeMutablePointer<Float>, _ columns: Int
) -> (value: Lanes, count: Lanes) {
    let (nan, one) = (Lanes(repeating: .nan), Lanes(repeating: 1))
    var greatest = Lanes(repeating: -.infinity)
    var count = Lanes(repeating: 0)
    for column in 0..<columns {
        let value = unsafe loadLanes(values + 16 &* column)
        let candidate = select(value .>= limit, nan, value)
        count = select(candidate .> greatest, one, select(candidate .== greatest, count + one, count))
        greatest = greater(candidate, greatest)
    }
    return (greatest, count)
}
