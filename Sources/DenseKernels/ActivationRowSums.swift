// What softmax and log-softmax are made of, for 16 values of one row or one value each of 16 rows.

/// The sums of a row's exponentials: how many are at the maximum, which count 1 each, and apart from them the others,
/// so that a sum just above 1 keeps its digits. A tuple, as `ExponentialParts`.
typealias ExponentialSums = (sum: Lanes, compensation: Lanes, atMaximum: Lanes)

@inline(__always)
func noExponentials() -> ExponentialSums {
    (Lanes(repeating: 0), Lanes(repeating: 0), Lanes(repeating: 0))
}

@inline(__always)
func belowMaximum(_ sums: ExponentialSums) -> CompensatedLanes { (sums.sum, negated(sums.compensation)) }

/// `exp(values - max)`, added to the sums.
@inline(__always)
func exponential(_ values: Lanes, _ max: Lanes, _ sums: inout ExponentialSums) -> Lanes {
    let (exponential, difference, _) = exponentialBelow(values, max)
    let isMaximum = difference .== 0
    sums.atMaximum += select(isMaximum, Lanes(repeating: 1), Lanes(repeating: 0))
    let term = select(isMaximum, Lanes(repeating: 0), exponential) - sums.compensation
    let next = sums.sum + term
    sums.compensation = (next - sums.sum) - term
    sums.sum = next
    return exponential
}

/// `values - max` in two parts. Where the first is below what an exponential can tell from 0, the second is 0.
@inline(__always)
private func distance(_ values: Lanes, _ max: Lanes) -> (Lanes, Lanes) {
    let difference = values - max
    let back = difference - values
    let low = (values - (difference - back)) - (max + back)
    return (difference, select(difference .< -104, Lanes(repeating: 0), low))
}

/// `exp(values - max)`, and `values - max` in two parts.
@inline(__always)
func exponentialBelow(_ values: Lanes, _ max: Lanes) -> (exponential: Lanes, difference: Lanes, low: Lanes) {
    let (difference, low) = distance(values, max)
    // What rounds to 0 is set to 0: the CPU is slow on results that underflow, and every padded lane would be one.
    let vanishes = difference .< -104
    let parts = exponentialParts(select(vanishes, Lanes(repeating: 0), difference), tail: low)
    // In two steps, since 2^exponent may be too small: the first is exact.
    let exponential = (parts.high * powerOfTwo(parts.exponent &+ 64)) * 0x1p-64
    return (select(vanishes, Lanes(repeating: 0), exponential), difference, low)
}

/// What a softmax divides by.
@inline(__always)
func softmaxTotal(_ belowMaximum: CompensatedLanes, _ atMaximum: Lanes) -> Lanes {
    let total = add(belowMaximum, (atMaximum, Lanes(repeating: 0)))
    return total.high + total.low
}

/// The logarithm of what a softmax divides by: one of the maxima is the 1 of `log(1 + x)`.
@inline(__always)
func logarithmOfTotal(_ belowMaximum: CompensatedLanes, _ atMaximum: Lanes) -> Lanes {
    logarithmOfOnePlus(softmaxTotal(belowMaximum, atMaximum - 1))
}

/// `values - max - logarithm`.
@inline(__always)
func logSoftmax(_ values: Lanes, _ max: Lanes, _ logarithm: Lanes) -> Lanes {
    let (difference, low) = distance(values, max)
    return (difference - logarithm) + low
}
