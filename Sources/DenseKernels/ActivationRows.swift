// Softmax and log-softmax over rows. A row's sums run in 16 interleaved lanes (index modulo 16), each with Kahan's
// compensation, and are added in one fixed tree: the bits depend on the row alone. Here a row by itself; short rows are
// computed 16 at a time (see ActivationRowBlocks.swift and ActivationShortRows.swift), with the same bits.

/// Replaces each row by its softmax, `exp(x - max) / sum`. A row with NaN, with positive infinity, or of nothing but
/// negative infinity becomes NaN throughout, as in Keras.
func softmaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {
    let first = unsafe softmaxOfShortRows(values, rows, columns)
    for row in first..<max(first, rows) { unsafe softmaxRow(values + row &* columns, columns) }
}

/// Replaces each row by `x - max - log(sum(exp(x - max)))`.
func logSoftmaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {
    let first = unsafe logSoftmaxOfShortRows(values, rows, columns)
    for row in first..<max(first, rows) { unsafe logSoftmaxRow(values + row &* columns, columns) }
}

/// Out of the way of the short rows.
@inline(never)
private func softmaxRow(_ start: UnsafeMutablePointer<Float>, _ columns: Int) {
    let row = unsafe Row(start, columns)
    let max = row.greatest()
    var sums = noExponentials()
    row.update { exponential($0, max, &sums) }
    let total = softmaxTotal(laneSum(belowMaximum(sums)), wholeLaneSum(sums.atMaximum))
    row.update { $0 / total }
}

@inline(never)
private func logSoftmaxRow(_ start: UnsafeMutablePointer<Float>, _ columns: Int) {
    let row = unsafe Row(start, columns)
    let max = row.greatest()
    var sums = noExponentials()
    row.forEach { _ = exponential($0, max, &sums) }
    let logarithm = logarithmOfTotal(laneSum(belowMaximum(sums)), wholeLaneSum(sums.atMaximum))
    row.update { logSoftmax($0, max, logarithm) }
}

/// The values of one row, 16 at a time.
@safe private struct Row {
    private let start: UnsafeMutablePointer<Float>
    private let columns: Int

    @inline(__always)
    init(_ start: UnsafeMutablePointer<Float>, _ columns: Int) {
        unsafe self.start = start
        self.columns = columns
    }

    /// Calls `body` for each 16 values, the last ones padded with negative infinity.
    @inline(__always)
    func forEach(_ body: (Lanes) -> Void) {
        var index = 0
        while index < columns {
            body(load(index))
            index &+= 16
        }
    }

    /// Replaces each 16 values by `function` of them.
    @inline(__always)
    func update(_ function: (Lanes) -> Lanes) {
        var index = 0
        while index < columns {
            let results = function(load(index))
            let rest = columns &- index
            if rest >= 16 {
                unsafe storeLanes(results, start + index)
            } else {
                unsafe storeLanes(results, start + index, rest)
            }
            index &+= 16
        }
    }

    /// The greatest value, in every lane. NaN is passed over: it comes back in the sum.
    @inline(__always)
    func greatest() -> Lanes {
        var greatest = Lanes(repeating: -.infinity)
        forEach { greatest = greater($0, greatest) }
        return greatestLane(greatest)
    }

    @inline(__always)
    private func load(_ index: Int) -> Lanes {
        let rest = columns &- index
        return unsafe rest >= 16 ? loadLanes(start + index) : loadLanes(start + index, rest, padding: -.infinity)
    }
}
