/// `result = a * sigmoid(b)` for rows of `columns` values of `a` and as many of `b`.
func gatedLinearUnitRows(
    _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
) {
    // Short rows that would leave lanes idle are put together first.
    guard columns & 15 != 0, columns < 128, rows > 1 else {
        for row in 0..<rows {
            let a = unsafe source + 2 &* row &* columns
            unsafe gatedLinearUnit(a, a + columns, result + row &* columns, columns)
        }
        return
    }
    let height = 1024 / columns
    let scratch = unsafe activationScratch(2 * (1024 + 16))
    var row = 0
    while row < rows {
        let count = min(height, rows &- row)
        for index in 0..<count {
            let a = unsafe source + 2 &* (row &+ index) &* columns
            let target = unsafe scratch + index &* columns
            unsafe copyHalves(a, columns, target, readable: 2 &* (rows &- row &- index) &* columns)
        }
        unsafe gatedLinearUnit(scratch, scratch + 1040, result + row &* columns, count &* columns)
        row &+= count
    }
}

/// Copies one row's halves, `b` 1040 values behind `a`; up to 15 more values are written behind each.
@inline(__always)
private func copyHalves(
    _ source: UnsafePointer<Float>, _ columns: Int, _ target: UnsafeMutablePointer<Float>, readable: Int
) {
    var index = 0
    while index < columns {
        let place = unsafe source + index
        unsafe storeLanes(load(place, readable &- index), target + index)
        unsafe storeLanes(load(place + columns, readable &- index &- columns), target + index + 1040)
        index &+= 16
    }
}

@inline(__always)
private func load(_ values: UnsafePointer<Float>, _ readable: Int) -> Lanes {
    unsafe readable >= 16 ? loadLanes(values) : loadLanes(values, readable)
}

@inline(__always)
private func gatedLinearUnit(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ count: Int
) {
    var index = 0
    while index < count {
        let rest = count &- index
        let results = unsafe gated(load(a + index, rest), load(b + index, rest))
        if rest >= 16 {
            unsafe storeLanes(results, result + index)
        } else {
            unsafe storeLanes(results, result + index, rest)
        }
        index &+= 16
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
