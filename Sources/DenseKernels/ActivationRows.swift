// Softmax and log-softmax over rows. A row's sums run in 16 interleaved lanes (index modulo 16), each with Kahan's
// compensation, and are added in one fixed tree: the bits depend on the row alone.

/// Replaces each row by its softmax, `exp(x - max) / sum`. A row with NaN, with positive infinity, or of nothing but
/// negative infinity becomes NaN throughout, as in Keras.
func softmaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {
    for row in 0..<rows {
        let block = unsafe RowBlock(row, of: rows, columns, in: values)
        let sum = exponentials(block, max: maximum(block), storing: true)
        let total = Float(sum.belowMaximum + sum.atMaximum)
        block.update { $0 / total }
    }
}

/// Replaces each row by `x - max - log(sum(exp(x - max)))`.
func logSoftmaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {
    for row in 0..<rows {
        let block = unsafe RowBlock(row, of: rows, columns, in: values)
        let max = maximum(block)
        let sum = exponentials(block, max: max, storing: false)
        // The maxima count 1 each, one of them for the 1 of log(1 + x): a sum just above 1 keeps its digits.
        let logarithm = logarithmOfOnePlus(Lanes(repeating: Float((sum.atMaximum - 1) + sum.belowMaximum)))
        block.update { values in
            let (difference, low) = distance(values, max)
            return (difference - logarithm) + low
        }
    }
}

/// One row, and how many values from its start on may be read.
@safe private struct RowBlock {
    private let start: UnsafeMutablePointer<Float>
    private let columns: Int
    private let readable: Int

    /// Row `row` of `rows` contiguous ones: behind it, the rows after it may be read.
    init(_ row: Int, of rows: Int, _ columns: Int, in values: UnsafeMutablePointer<Float>) {
        unsafe start = values + row * columns
        self.columns = columns
        readable = (rows - row) * columns
    }

    /// Calls `body` for each 16 values, the last ones padded with negative infinity.
    @inline(__always)
    func forEach(_ body: (Lanes) -> Void) {
        var index = 0
        while index &+ 16 <= columns {
            unsafe body(loadLanes(start + index))
            index &+= 16
        }
        if index < columns { body(loadTail(index)) }
    }

    /// Replaces each 16 values by `function` of them.
    @inline(__always)
    func update(_ function: (Lanes) -> Lanes) {
        var index = 0
        while index &+ 16 <= columns {
            unsafe storeLanes(function(loadLanes(start + index)), start + index)
            index &+= 16
        }
        // In pieces, for a vector that overlapped the next row would hold up the reading of that.
        if index < columns { unsafe storeLanes(function(loadTail(index)), start + index, columns &- index) }
    }

    @inline(__always)
    private func loadTail(_ index: Int) -> Lanes {
        unsafe loadLanes(start + index, columns &- index, readable: readable &- index, padding: -.infinity)
    }
}

/// The greatest value of a row. NaN is passed over: it comes back in the sum.
@inline(__always)
private func maximum(_ row: RowBlock) -> Float {
    var greatest = Lanes(repeating: -.infinity)
    row.forEach { values in greatest = select(values .> greatest, values, greatest) }
    let eight = greatest.lowHalf.replacing(with: greatest.highHalf, where: greatest.highHalf .> greatest.lowHalf)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
    return two[1] > two[0] ? two[1] : two[0]
}

/// `values - max` in two parts. Where the first is below what an exponential can tell from 0, the second is 0.
@inline(__always)
private func distance(_ values: Lanes, _ max: Float) -> (Lanes, Lanes) {
    let difference = values - max
    let back = difference - values
    let low = (values - (difference - back)) - (max + back)
    return (difference, low.replacing(with: Lanes(repeating: 0), where: difference .< -104))
}

/// `exp(x - max)` of a row, stored in its place if asked for, and the sums of those at 1 and of those below.
@inline(__always)
private func exponentials(_ row: RowBlock, max: Float, storing: Bool) -> (atMaximum: Double, belowMaximum: Double) {
    var sum = Lanes(repeating: 0)
    var compensation = Lanes(repeating: 0)
    var ones = Lanes(repeating: 0)
    if storing {
        row.update { exponential($0, max, &sum, &compensation, &ones) }
    } else {
        row.forEach { _ = exponential($0, max, &sum, &compensation, &ones) }
    }
    let (high, low) = treeSum(sum, compensation)
    return (Double(treeSum(ones, Lanes(repeating: 0)).high), Double(high) + Double(low))
}

/// `exp(values - max)`, added to the sums.
@inline(__always)
private func exponential(
    _ values: Lanes, _ max: Float, _ sum: inout Lanes, _ compensation: inout Lanes, _ ones: inout Lanes
) -> Lanes {
    let (difference, low) = distance(values, max)
    // What rounds to 0 is set to 0: the CPU is slow on results that underflow, and every padded lane would be one.
    let vanishes = difference .< -104
    let parts = exponentialParts(difference.replacing(with: Lanes(repeating: 0), where: vanishes), tail: low)
    let exponential = scaledProduct(Lanes(repeating: 1), parts.high, parts.exponent)
        .replacing(with: Lanes(repeating: 0), where: vanishes)
    let isMaximum = difference .== 0
    ones += select(isMaximum, Lanes(repeating: 1), Lanes(repeating: 0))
    let term = exponential.replacing(with: Lanes(repeating: 0), where: isMaximum) - compensation
    let next = sum + term
    compensation = (next - sum) - term
    sum = next
    return exponential
}

/// The sum of all lanes of `sum - compensation` in two parts: each lane with the one 8 further, then 4, 2 and 1. What
/// an addition rounds away goes to the low part.
@inline(__always)
private func treeSum(_ sum: Lanes, _ compensation: Lanes) -> (high: Float, low: Float) {
    let (high8, low8) = (sum.lowHalf + sum.highHalf, compensation.lowHalf + compensation.highHalf)
    let back8 = high8 - sum.lowHalf
    let rest8 = ((sum.lowHalf - (high8 - back8)) + (sum.highHalf - back8)) - low8
    let (high4, low4) = (high8.lowHalf + high8.highHalf, rest8.lowHalf + rest8.highHalf)
    let back4 = high4 - high8.lowHalf
    let rest4 = ((high8.lowHalf - (high4 - back4)) + (high8.highHalf - back4)) + low4
    let (high2, low2) = (high4.lowHalf + high4.highHalf, rest4.lowHalf + rest4.highHalf)
    let back2 = high2 - high4.lowHalf
    let rest2 = ((high4.lowHalf - (high2 - back2)) + (high4.highHalf - back2)) + low2
    let high = high2[0] + high2[1]
    let back = high - high2[0]
    return (high, ((high2[0] - (high - back)) + (high2[1] - back)) + (rest2[0] + rest2[1]))
}
