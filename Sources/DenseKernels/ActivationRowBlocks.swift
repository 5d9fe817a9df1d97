// Rows of up to 256 values, 16 rows at a time. Two steps of a row are horizontal, its maximum and its sum; alone, a
// short row would spend most of its time waiting for them.

/// The longest rows that are computed in blocks. A block of them stays in the first-level cache.
@inline(__always) private var longestShortRow: Int { 256 }

/// Up to this many values, a block has a column of 16 rows in each vector.
@inline(__always) private var longestColumnwiseRow: Int { 16 }

/// With fewer rows, each by itself is as fast.
@inline(__always) private var fewestRows: Int { 4 }

/// The softmax of the first rows, as many as pay.
///
/// - Returns: the number of rows that are done.
@inline(__always)
func softmaxOfShortRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) -> Int {
    unsafe inBlocks(values, rows, columns) { block in
        if columns <= longestColumnwiseRow { unsafe softmax(columnwise: block) } else { unsafe softmax(block) }
    }
}

/// The same for log-softmax.
@inline(__always)
func logSoftmaxOfShortRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) -> Int {
    unsafe inBlocks(values, rows, columns) { block in
        if columns <= longestColumnwiseRow { unsafe logSoftmax(columnwise: block) } else { unsafe logSoftmax(block) }
    }
}

/// The same for sparsemax, whose blocks have a column of 16 rows in each vector always.
@inline(__always)
func sparsemaxOfShortRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) -> Int {
    unsafe inBlocks(values, rows, columns) { block in unsafe sparsemax(columnwise: block) }
}

@inline(__always)
private func inBlocks(
    _ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int, _ body: (RowBlock) -> Void
) -> Int {
    guard columns <= longestShortRow, rows >= fewestRows else { return 0 }
    let scratch = unsafe activationScratch(rowBlockScratch(longestRow: longestShortRow))
    var row = 0
    while rows &- row >= fewestRows {
        let count = min(16, rows &- row)
        unsafe body((values + row &* columns, count, columns, scratch))
        row &+= count
    }
    return row
}

/// Up to 16 rows, and memory of `rowBlockScratch(longestRow:)` beside them. A tuple, as `ExponentialParts`.
typealias RowBlock = (
    start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, scratch: UnsafeMutablePointer<Float>
)

/// The scratch memory of a block, in floats.
@inline(__always)
private func rowBlockScratch(longestRow: Int) -> Int { 32 + 3 * 256 + 2 * 16 * longestRow }

/// 32 values, for two numbers a row.
@inline(__always)
private func perRow(_ block: RowBlock) -> UnsafeMutablePointer<Float> { unsafe block.scratch }

/// Table 0, 1 or 2.
@inline(__always)
func table(_ index: Int, _ block: RowBlock) -> LaneTable { unsafe block.scratch + (32 &+ 256 &* index) }

/// 16 rows of `stride` values, or `columns` columns of 16 values.
@inline(__always)
func copy(_ block: RowBlock) -> UnsafeMutablePointer<Float> { unsafe block.scratch + 800 }

/// As many again.
@inline(__always)
func secondCopy(_ block: RowBlock) -> UnsafeMutablePointer<Float> {
    unsafe block.scratch + (800 &+ 16 &* longestShortRow)
}

/// The columns, rounded up to a multiple of 16.
@inline(__always)
func stride(_ block: RowBlock) -> Int { unsafe (block.columns &+ 15) & ~15 }

/// Copies the rows, filled up with negative infinity.
///
/// - Returns: the greatest value of each row. NaN is passed over.
@inline(__always)
private func copyRows(_ block: RowBlock) -> Lanes {
    let (start, rows, columns, _) = unsafe block
    let (copied, stride, greatestOfRows) = unsafe (copy(block), stride(block), table(0, block))
    let whole = columns & ~15
    for row in 0..<rows {
        let source = unsafe start + row &* columns
        let target = unsafe copied + row &* stride
        var greatest = Lanes(repeating: -.infinity)
        var index = 0
        while index < whole {
            let values = unsafe loadLanes(source + index)
            unsafe storeLanes(values, target + index)
            greatest = greater(values, greatest)
            index &+= 16
        }
        if index < columns {
            let values = unsafe loadLanes(source + index, columns &- index, padding: -.infinity)
            unsafe storeLanes(values, target + index)
            greatest = greater(values, greatest)
        }
        unsafe greatestOfRows.setVector(row, greatest)
    }
    return unsafe greatestOfRows.greatest()
}

/// Sums the exponentials of each row of the copy.
///
/// - Parameter storing: whether the exponentials replace the values.
@inline(__always)
private func sumExponentials(
    _ block: RowBlock, max: Lanes, storing: Bool
) -> (belowMaximum: CompensatedLanes, atMaximum: Lanes) {
    let (perRow, copy, stride) = unsafe (perRow(block), copy(block), stride(block))
    let (ones, highs, lows) = unsafe (table(0, block), table(1, block), table(2, block))
    unsafe storeLanes(max, perRow)
    for row in 0..<(unsafe block.rows) {
        let max = unsafe Lanes(repeating: perRow[row])
        let values = unsafe copy + row &* stride
        var sums = noExponentials()
        var index = 0
        while index < stride {
            let result = exponential(unsafe loadLanes(values + index), max, &sums)
            if storing { unsafe storeLanes(result, values + index) }
            index &+= 16
        }
        let below = belowMaximum(sums)
        unsafe ones.setVector(row, sums.atMaximum)
        unsafe highs.setVector(row, below.high)
        unsafe lows.setVector(row, below.low)
    }
    return unsafe (laneSums(highs, lows), ones.wholeSums())
}

/// Replaces the rows by a function of their copy and of two numbers of each row.
@inline(__always)
private func write(
    _ block: RowBlock, _ first: Lanes, _ second: Lanes,
    _ function: (_ values: Lanes, _ first: Lanes, _ second: Lanes) -> Lanes
) {
    let (start, rows, columns, _) = unsafe block
    let (perRow, copy, stride) = unsafe (perRow(block), copy(block), stride(block))
    unsafe storeLanes(first, perRow)
    unsafe storeLanes(second, perRow + 16)
    let end = rows &* columns
    for row in 0..<rows {
        let (first, second) = unsafe (Lanes(repeating: perRow[row]), Lanes(repeating: perRow[16 &+ row]))
        let values = unsafe copy + row &* stride
        var place = row &* columns
        var index = 0
        while index < columns {
            let results = function(unsafe loadLanes(values + index), first, second)
            // A row's last vector may reach into the next row, which is written after it.
            if place &+ 16 <= end {
                unsafe storeLanes(results, start + place)
            } else {
                unsafe storeLanes(results, start + place, end &- place)
            }
            index &+= 16
            place &+= 16
        }
    }
}

@inline(never)
private func softmax(_ block: RowBlock) {
    let sums = unsafe sumExponentials(block, max: copyRows(block), storing: true)
    let total = softmaxTotal(sums.belowMaximum, sums.atMaximum)
    unsafe write(block, total, total) { exponentials, total, _ in exponentials / total }
}

@inline(never)
private func logSoftmax(_ block: RowBlock) {
    let max = unsafe copyRows(block)
    let sums = unsafe sumExponentials(block, max: max, storing: false)
    unsafe write(block, max, logarithmOfTotal(sums.belowMaximum, sums.atMaximum)) { values, max, logarithm in
        logSoftmax(values, max, logarithm)
    }
}
