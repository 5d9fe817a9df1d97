internal import CVectors

// Rows of up to 256 values, 16 rows at a time, one in each lane. Sorting would do too much: a row's support is a few of its
// values. So the greatest few are sorted out, and of the rest, which stay behind, the next few as long as any row wants them.

/// The threshold of each row by the steps of `sparsemaxThreshold`, then what its values exceed it by.
@inline(never)
func sparsemax(columnwise block: RowBlock) {
    let (start, rows, columns, _) = unsafe block
    let (copied, stride) = unsafe (secondCopy(block), stride(block))
    unsafe copyRowsAndColumns(block)
    let thresholds = unsafe sparsemaxThresholds(copy(block), columns, sorted: table(0, block))
    let end = rows &* columns
    for row in 0..<rows {
        let threshold = SIMD16<Double>(repeating: thresholds[row])
        var place = row &* columns
        var index = 0
        while index < columns {
            let value = unsafe loadLanes(copied + (row &* stride &+ index))
            // A row's last vector may reach into the rows after it, which are written later.
            if place &+ 16 <= end {
                unsafe storeLanes(excess(of: value, over: threshold), start + place)
            } else {
                unsafe storeLanes(excess(of: value, over: threshold), start + place, end &- place)
            }
            index &+= 16
            place &+= 16
        }
    }
}

/// Copies a block's columns, each as a vector, and its rows as they are. In the lanes beyond the rows is negative infinity.
@inline(__always)
private func copyRowsAndColumns(_ block: RowBlock) {
    let (start, rows, columns, _) = unsafe block
    let (copied, stride) = unsafe (secondCopy(block), stride(block))
    var first = 0
    while first < columns {
        let width = min(16, columns &- first)
        let table = unsafe copy(block) + 16 &* first
        for row in 0..<rows {
            let source = unsafe start + (row &* columns &+ first)
            let vector = unsafe width == 16 ? loadLanes(source) : loadLanes(source, width)
            unsafe storeLanes(vector, copied + (row &* stride &+ first))
            unsafe table.setVector(row, vector)
        }
        for row in rows..<16 { unsafe table.setVector(row, Lanes(repeating: -.infinity)) }
        unsafe table.transpose(columns: width)
        first &+= 16
    }
}

/// Where `sparsemaxThreshold` asks for a positive `value - (partialSum - 1) / k` in float64, here it is
/// `value * k - (partialSum - 1)` with one rounding: the product of a float32 and a `k` of 9 bits differs from a float32 by
/// more than float64's quotient is off, or not at all. Where a row has no more values, negative infinity ends it.
@inline(__always)
private func sparsemaxThresholds(
    _ values: UnsafeMutablePointer<Float>, _ columns: Int, sorted: UnsafeMutablePointer<Float>
) -> SIMD16<Double> {
    let (zero, one) = (Lanes(repeating: 0), Lanes(repeating: 1))
    var isActive = one .== one
    var partialSum = zero
    var support = zero
    var sumOfPartialSums = vector_widen(zero)
    values: while true {
        unsafe takeGreatest(from: values, columns, to: sorted)
        for index in 0..<takenCount {
            let value = unsafe loadLanes(sorted + 16 &* index)
            partialSum += value
            let next = support + one
            isActive = isActive .& (fma(value, next, 1 - partialSum) .> zero)
            guard vector_any(bits(isActive)) != 0 else { break values }
            support = select(isActive, next, support)
            sumOfPartialSums = vector_add_double(sumOfPartialSums, vector_widen(select(isActive, partialSum, zero)))
        }
    }
    return vector_divide_double(vector_widen(vector_narrow(sumOfPartialSums) - 1), vector_widen(support))
}

/// As many vectors of values in order as there are registers for, beside those on their way.
@inline(__always) private var takenCount: Int { 8 }

/// Sorts out the greatest `takenCount` values of each lane, the greatest first. In their places is negative infinity
/// then, and NaN stays where it is.
@inline(__always)
private func takeGreatest(
    from values: UnsafeMutablePointer<Float>, _ columns: Int, to sorted: UnsafeMutablePointer<Float>
) {
    var lane = 0
    while lane < 16 {
        var greatest = InlineArray<8, Vector>(repeating: Vector(repeating: -.infinity))
        for column in 0..<columns {
            let place = unsafe values + (16 &* column &+ lane)
            var value = unsafe load(place)
            for index in 0..<8 {
                let other = greatest[index]
                greatest[index] = kept(value, other)
                value = passed(value, other)
            }
            unsafe store(value, place)
        }
        for index in 0..<8 { unsafe store(greatest[index], sorted + (16 &* index &+ lane)) }
        lane &+= vectorWidth
    }
}

#if KERNELS_AVX512
@inline(__always) private func kept(_ a: Vector, _ b: Vector) -> Vector { vector_kept16(a, b) }
@inline(__always) private func passed(_ a: Vector, _ b: Vector) -> Vector { vector_passed16(a, b) }
#else
@inline(__always) private func kept(_ a: Vector, _ b: Vector) -> Vector { vector_kept8(a, b) }
@inline(__always) private func passed(_ a: Vector, _ b: Vector) -> Vector { vector_passed8(a, b) }
#endif
