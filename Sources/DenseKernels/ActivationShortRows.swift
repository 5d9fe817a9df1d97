// Rows of up to 16 values, 16 rows at a time, one in each lane: nothing is horizontal, and no lane is idle however
// short the rows are. Each of the 16 interleaved sums of a row has one term at most, so that only their tree is left.

@inline(never)
func softmax(columnwise block: RowBlock) {
    let columns = unsafe Columns(block)
    let max = columns.copyRows()
    let sums = columns.sumExponentials(max: max, keepingDistances: false)
    let total = softmaxTotal(sums.belowMaximum, sums.atMaximum)
    columns.write { exponentials, _ in exponentials / total }
}

@inline(never)
func logSoftmax(columnwise block: RowBlock) {
    let columns = unsafe Columns(block)
    let max = columns.copyRows()
    let sums = columns.sumExponentials(max: max, keepingDistances: true)
    let logarithm = logarithmOfTotal(sums.belowMaximum, sums.atMaximum)
    columns.write { difference, low in (difference - logarithm) + low }
}

/// A block's columns, each as a vector. Lanes beyond the rows hold anything.
@safe private struct Columns {
    private let start: UnsafeMutablePointer<Float>
    private let rows: Int
    private let columns: Int
    private let values: UnsafeMutablePointer<Float>
    private let highs: UnsafeMutablePointer<Float>
    private let lows: UnsafeMutablePointer<Float>
    private let seconds: UnsafeMutablePointer<Float>

    @inline(__always)
    init(_ block: RowBlock) {
        unsafe (start, rows, columns, _) = block
        unsafe values = copy(block)
        unsafe (highs, lows, seconds) = (table(0, block), table(1, block), table(2, block))
    }

    /// - Returns: the greatest value of each row. NaN is passed over.
    @inline(__always)
    func copyRows() -> Lanes {
        let end = rows &* columns
        for row in 0..<rows {
            let place = row &* columns
            let source = unsafe start + place
            unsafe values.setVector(row, place &+ 16 <= end ? loadLanes(source) : loadLanes(source, end &- place))
        }
        unsafe values.transpose(columns: columns)
        var greatest = Lanes(repeating: -.infinity)
        for column in 0..<columns { greatest = greater(unsafe loadLanes(values + 16 &* column), greatest) }
        return greatest
    }

    /// Sums the exponentials of each row. They replace the copied values, or the two parts of `values - max` do.
    @inline(__always)
    func sumExponentials(
        max: Lanes, keepingDistances: Bool
    ) -> (belowMaximum: CompensatedLanes, atMaximum: Lanes) {
        var atMaximum = Lanes(repeating: 0)
        for column in 0..<columns {
            let place = 16 &* column
            let (exponential, difference, low) = exponentialBelow(unsafe loadLanes(values + place), max)
            unsafe storeLanes(keepingDistances ? difference : exponential, values + place)
            if keepingDistances { unsafe storeLanes(low, seconds + place) }
            let isMaximum = difference .== 0
            atMaximum += select(isMaximum, Lanes(repeating: 1), Lanes(repeating: 0))
            unsafe storeLanes(select(isMaximum, Lanes(repeating: 0), exponential), highs + place)
            unsafe storeLanes(Lanes(repeating: 0), lows + place)
        }
        // The tree of `laneSum`; what a missing column would add is nothing.
        var half = 8
        while half > 0 {
            var place = 0
            while place < half &* 16, place &+ half &* 16 < columns &* 16 {
                let other = place &+ half &* 16
                let sum = unsafe add(
                    (loadLanes(highs + place), loadLanes(lows + place)),
                    (loadLanes(highs + other), loadLanes(lows + other)))
                unsafe storeLanes(sum.high, highs + place)
                unsafe storeLanes(sum.low, lows + place)
                place &+= 16
            }
            half &>>= 1
        }
        return unsafe ((loadLanes(highs), loadLanes(lows)), atMaximum)
    }

    /// Replaces the rows by a function of what `sumExponentials` kept.
    @inline(__always)
    func write(_ function: (_ first: Lanes, _ second: Lanes) -> Lanes) {
        for column in 0..<columns {
            let place = 16 &* column
            unsafe highs.setVector(column, function(loadLanes(values + place), loadLanes(seconds + place)))
        }
        unsafe highs.transpose(columns: rows)
        let end = rows &* columns
        for row in 0..<rows {
            let place = row &* columns
            // A row's vector may reach into the rows after it, which are written later.
            if place &+ 16 <= end {
                unsafe storeLanes(highs.column(row), start + place)
            } else {
                unsafe storeLanes(highs.column(row), start + place, end &- place)
            }
        }
    }
}
