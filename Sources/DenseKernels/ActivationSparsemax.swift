internal import CVectors

/// Replaces each row by its sparsemax, by Keras's own steps: sums in float32 in descending order, the rest in float64.
///
/// Keras's threshold is `(sum of the partial sums over the support - 1) / k`, not the `(last partial sum - 1) / k` of
/// the paper, and where rounding leaves no support at all it is negative infinity: rows of more than one supported
/// value do not sum to 1, and values from 2^24 on give infinity. An answer equal to Keras's has to do the same.
func sparsemaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {
    let done = unsafe sparsemaxOfShortRows(values, rows, columns)
    guard done < rows else { return }
    let heap = unsafe activationScratch(columns + 16)
    for row in done..<rows {
        let start = unsafe values + row &* columns
        let threshold = SIMD16<Double>(repeating: unsafe sparsemaxThreshold(start, columns, heap))
        var index = 0
        while index < columns {
            let rest = columns &- index
            let place = unsafe start + index
            let value = unsafe rest >= 16 ? loadLanes(place) : loadLanes(place, rest)
            let excess = excess(of: value, over: threshold)
            if rest >= 16 { unsafe storeLanes(excess, place) } else { unsafe storeLanes(excess, place, rest) }
            index &+= 16
        }
    }
}

/// What values exceed a threshold by, or 0.
@inline(__always)
func excess(of values: Lanes, over threshold: SIMD16<Double>) -> Lanes {
    reluOfZero(vector_narrow(vector_subtract_double(vector_widen(values), threshold)))
}

private func sparsemaxThreshold(
    _ values: UnsafeMutablePointer<Float>, _ columns: Int, _ heap: UnsafeMutablePointer<Float>
) -> Double {
    let greatest = unsafe greatestValue(values, columns)
    // No value in the support is 1 or more below the greatest. Far from 0 rounding blurs that, so there all are taken.
    let least = greatest.magnitude < 0x1p16 ? greatest - 1.5 : -.infinity
    var count = unsafe copyCandidates(values, columns, least, to: heap)
    if count <= mostCandidates {
        unsafe storeLanes(Lanes(repeating: .nan), heap + count)
        return unsafe sparsemaxThreshold(candidates: heap, count)
    }
    for index in stride(from: count / 2 - 1, through: 0, by: -1) { unsafe siftDown(heap, index, count) }

    var partialSum: Float = 0
    var sumOfPartialSums = 0.0
    var support = 0.0
    while count > 0 {
        let value = unsafe heap[0]
        count -= 1
        unsafe heap[0] = heap[count]
        unsafe siftDown(heap, 0, count)
        partialSum += value
        guard Double(value) - Double(partialSum - 1) / (support + 1) > 0 else { break }
        support += 1
        sumOfPartialSums += Double(partialSum)
    }
    return Double(Float(sumOfPartialSums) - 1) / support
}

/// Copies the values that are not below `least`, NaN among them. There must be room for all and 16 more.
///
/// - Returns: how many they are.
@inline(__always)
private func copyCandidates(
    _ values: UnsafePointer<Float>, _ columns: Int, _ least: Float, to candidates: UnsafeMutablePointer<Float>
) -> Int {
    var count = 0
    var index = 0
    #if KERNELS_AVX512
    while index &+ 16 <= columns {
        let value = unsafe loadLanes(values + index)
        let isBelow = bits(value .< least)
        unsafe storeLanes(vector_pack(value, isBelow), candidates + count)
        count &+= vector_count_unset(isBelow)
        index &+= 16
    }
    #endif
    // Without a branch, which nobody could predict.
    while index < columns {
        let value = unsafe values[index]
        unsafe candidates[count] = value
        count &+= value < least ? 0 : 1
        index &+= 1
    }
    return count
}

/// So many values are gone through for each value of the support in no more time than a heap takes.
@inline(__always) private var mostCandidates: Int { 256 }

/// The same among a few values, behind which are 16 NaN: each value of the support is the greatest below the one before.
private func sparsemaxThreshold(candidates: UnsafePointer<Float>, _ count: Int) -> Double {
    var limit = Float.nan
    var partialSum: Float = 0
    var sumOfPartialSums = 0.0
    var support = 0.0
    scan: while true {
        var greatest = Lanes(repeating: -.infinity)
        var index = 0
        while index < count {
            greatest = greater(unsafe candidate(candidates + index, below: limit), greatest)
            index &+= 16
        }
        let value = greatestLane(greatest)
        var occurrences = Lanes(repeating: 0)
        index = 0
        while index < count {
            let isValue = unsafe candidate(candidates + index, below: limit) .== value
            occurrences += select(isValue, Lanes(repeating: 1), Lanes(repeating: 0))
            index &+= 16
        }
        limit = value[0]
        let copies = Int(wholeLaneSum(occurrences)[0])
        guard copies > 0 else { break }
        for _ in 0..<copies {
            partialSum += limit
            guard Double(limit) - Double(partialSum - 1) / (support + 1) > 0 else { break scan }
            support += 1
            sumOfPartialSums += Double(partialSum)
        }
    }
    return Double(Float(sumOfPartialSums) - 1) / support
}

/// 16 values, with NaN for those that are not below a limit. Nothing is below, or above, one that is NaN.
@inline(__always)
private func candidate(_ values: UnsafePointer<Float>, below limit: Float) -> Lanes {
    let candidates = unsafe loadLanes(values)
    return select(candidates .>= limit, Lanes(repeating: .nan), candidates)
}

/// The greatest value, NaN passed over.
private func greatestValue(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
    var greatest = Lanes(repeating: -.infinity)
    var index = 0
    while index < count {
        let rest = count &- index
        let place = unsafe values + index
        greatest = greater(unsafe rest >= 16 ? loadLanes(place) : loadLanes(place, rest, padding: -.infinity), greatest)
        index &+= 16
    }
    return greatestLane(greatest)[0]
}

/// Restores a heap with the greatest value first, NaN last, whose node `index` may be less than its children.
private func siftDown(_ heap: UnsafeMutablePointer<Float>, _ index: Int, _ count: Int) {
    var parent = index
    while 2 * parent + 1 < count {
        var child = 2 * parent + 1
        if child + 1 < count, unsafe comesBefore(heap[child + 1], heap[child]) { child += 1 }
        guard unsafe comesBefore(heap[child], heap[parent]) else { return }
        let value = unsafe heap[child]
        unsafe heap[child] = heap[parent]
        unsafe heap[parent] = value
        parent = child
    }
}

private func comesBefore(_ a: Float, _ b: Float) -> Bool { a > b || (b.isNaN && !a.isNaN) }
