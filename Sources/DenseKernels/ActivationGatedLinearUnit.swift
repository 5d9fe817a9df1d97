/// `result = a * sigmoid(b)` for rows of `columns` values of `a` and as many of `b`.
func gatedLinearUnitRows(
    _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
) {
    for row in 0..<rows {
        let a = unsafe source + 2 * row * columns
        let b = unsafe a + columns
        let target = unsafe result + row * columns
        var index = 0
        while index &+ 16 <= columns {
            unsafe storeLanes(gated(loadLanes(a + index), loadLanes(b + index)), target + index)
            index &+= 16
        }
        let rest = columns &- index
        if rest > 0 {
            let readable = (2 * (rows - row) - 1) * columns - index
            let (lastA, lastB) = unsafe (
                loadLanes(a + index, rest, readable: readable + columns, padding: 0),
                loadLanes(b + index, rest, readable: readable, padding: 0)
            )
            unsafe storeLanes(gated(lastA, lastB), target + index, rest)
        }
    }
}

/// `a * sigmoid(b)`
@inline(__always)
private func gated(_ a: Lanes, _ b: Lanes) -> Lanes {
    // Below -280 the product with any finite a rounds to 0. The scale goes in four steps: its factors stay normal, and
    // no partial product overflows or is subnormal where the result is not.
    let (value, exponent) = sigmoidParts(b, limit: 280)
    let quarter = exponent &>> 2
    let step = powerOfTwo(quarter)
    let product = ((a * step) * step) * ((value * step) * powerOfTwo(exponent &- (quarter &+ quarter &+ quarter)))
    // The float32 exponential of Keras overflows above 88.72, which makes its sigmoid 0.
    let infiniteTimesZero = (magnitude(a) .> Float.greatestFiniteMagnitude) .& (b .< -88.72284)
    return product.replacing(with: Lanes(repeating: .nan), where: infiniteTimesZero)
}
