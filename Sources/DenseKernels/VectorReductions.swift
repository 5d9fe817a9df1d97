internal import CVectors

// Adding up (or comparing) the 16 lanes of a vector in the one fixed tree: each lane with the one 8 further, of these 8
// `i` and `i + 4`, then `i + 2`, then the last two. For one vector, or for 16 vectors at a time, which takes hardly more:
// at each step the halves of two vectors fill one.

/// A sum in two parts: what the additions in `high` round away is in `low`.
typealias CompensatedLanes = (high: Lanes, low: Lanes)

/// `a + b`.
@inline(__always)
func add(_ a: CompensatedLanes, _ b: CompensatedLanes) -> CompensatedLanes {
    let high = a.high + b.high
    let back = high - a.high
    return (high, ((a.high - (high - back)) + (b.high - back)) + (a.low + b.low))
}

/// Per lane the greater one; `b` where one is NaN.
@inline(__always)
func greater(_ a: Lanes, _ b: Lanes) -> Lanes { select(a .> b, a, b) }

/// The greatest lane, in every lane.
@inline(__always)
func greatestLane(_ x: Lanes) -> Lanes {
    let eight = greater(vector_low_halves(x, x), vector_high_halves(x, x))
    let four = greater(vector_low_quarters(eight, eight), vector_high_quarters(eight, eight))
    let two = greater(vector_low_pairs(four, four), vector_high_pairs(four, four))
    return greater(vector_low_lanes(two, two), vector_high_lanes(two, two))
}

/// The sum of all lanes, in every lane.
@inline(__always)
func laneSum(_ x: CompensatedLanes) -> CompensatedLanes {
    let (h, l) = x
    let (h8, l8) = add(
        (vector_low_halves(h, h), vector_low_halves(l, l)), (vector_high_halves(h, h), vector_high_halves(l, l)))
    let (h4, l4) = add(
        (vector_low_quarters(h8, h8), vector_low_quarters(l8, l8)),
        (vector_high_quarters(h8, h8), vector_high_quarters(l8, l8)))
    let (h2, l2) = add(
        (vector_low_pairs(h4, h4), vector_low_pairs(l4, l4)), (vector_high_pairs(h4, h4), vector_high_pairs(l4, l4)))
    return add(
        (vector_low_lanes(h2, h2), vector_low_lanes(l2, l2)), (vector_high_lanes(h2, h2), vector_high_lanes(l2, l2)))
}

/// The sum of all lanes of small whole numbers, in every lane.
@inline(__always)
func wholeLaneSum(_ x: Lanes) -> Lanes {
    let eight = vector_low_halves(x, x) + vector_high_halves(x, x)
    let four = vector_low_quarters(eight, eight) + vector_high_quarters(eight, eight)
    let two = vector_low_pairs(four, four) + vector_high_pairs(four, four)
    return vector_low_lanes(two, two) + vector_high_lanes(two, two)
}

/// 16 vectors in memory, 256 values, to be reduced to one, whose lane `i` is made of vector `i`. (Not a structure, as
/// `ExponentialParts`.)
typealias LaneTable = UnsafeMutablePointer<Float>

extension LaneTable {
    /// Sets vector `index`. It is kept where the steps of the tree, which put the first of two before the second, end
    /// with its result in lane `index`.
    @inline(__always)
    func setVector(_ index: Int, _ value: Lanes) {
        unsafe setSlot(((index & 5) &<< 1) | ((index &>> 1) & 5), value)
    }

    @inline(__always)
    fileprivate func slot(_ index: Int) -> Lanes { unsafe loadLanes(self + 16 &* index) }

    @inline(__always)
    fileprivate func setSlot(_ index: Int, _ value: Lanes) { unsafe storeLanes(value, self + 16 &* index) }

    /// Each vector's greatest lane. Overwrites the vectors.
    @inline(__always)
    func greatest() -> Lanes { unsafe reduce { greater($0, $1) } }

    /// Each vector's sum, where that is a small whole number. Overwrites the vectors.
    @inline(__always)
    func wholeSums() -> Lanes { unsafe reduce { $0 + $1 } }

    @inline(__always)
    private func reduce(_ combine: (Lanes, Lanes) -> Lanes) -> Lanes {
        for index in 0..<8 {
            let (a, b) = unsafe (slot(index), slot(index &+ 8))
            unsafe setSlot(index, combine(vector_low_halves(a, b), vector_high_halves(a, b)))
        }
        for index in 0..<4 {
            let (a, b) = unsafe (slot(index), slot(index &+ 4))
            unsafe setSlot(index, combine(vector_low_quarters(a, b), vector_high_quarters(a, b)))
        }
        for index in 0..<2 {
            let (a, b) = unsafe (slot(index), slot(index &+ 2))
            unsafe setSlot(index, combine(vector_low_pairs(a, b), vector_high_pairs(a, b)))
        }
        let (a, b) = unsafe (slot(0), slot(1))
        return combine(vector_low_lanes(a, b), vector_high_lanes(a, b))
    }
}

extension LaneTable {
    /// Exchanges rows and columns: vector `i`, which was set by its number, becomes lane `i` of every vector. Those come
    /// in the order of `column`, the first `count` of them only.
    @inline(__always)
    func transpose(columns count: Int) {
        // Two steps at a time, for half the traffic.
        for index in 0..<4 {
            let (a, b, c, d) = unsafe (slot(index), slot(index &+ 4), slot(index &+ 8), slot(index &+ 12))
            let (first, second) = (vector_low_halves(a, c), vector_low_halves(b, d))
            unsafe setSlot(index, vector_low_quarters(first, second))
            unsafe setSlot(index &+ 4, vector_high_quarters(first, second))
            guard count > 8 else { continue }
            let (third, fourth) = (vector_high_halves(a, c), vector_high_halves(b, d))
            unsafe setSlot(index &+ 8, vector_low_quarters(third, fourth))
            unsafe setSlot(index &+ 12, vector_high_quarters(third, fourth))
        }
        var index = 0
        while index < count {
            let (a, b, c, d) = unsafe (slot(index), slot(index &+ 1), slot(index &+ 2), slot(index &+ 3))
            let (first, second) = (vector_low_pairs(a, c), vector_low_pairs(b, d))
            let (third, fourth) = (vector_high_pairs(a, c), vector_high_pairs(b, d))
            unsafe setSlot(index, vector_low_lanes(first, second))
            unsafe setSlot(index &+ 1, vector_high_lanes(first, second))
            unsafe setSlot(index &+ 2, vector_low_lanes(third, fourth))
            unsafe setSlot(index &+ 3, vector_high_lanes(third, fourth))
            index &+= 4
        }
    }

    /// After `transpose`, lane `index` of all vectors.
    @inline(__always)
    func column(_ index: Int) -> Lanes { unsafe slot(index) }
}

/// Each vector's sum, of which `lows` holds the low parts. Overwrites both tables.
@inline(__always)
func laneSums(_ highs: LaneTable, _ lows: LaneTable) -> CompensatedLanes {
    for index in 0..<8 {
        let (a, b, c, d) = unsafe (highs.slot(index), highs.slot(index &+ 8), lows.slot(index), lows.slot(index &+ 8))
        let sum = add(
            (vector_low_halves(a, b), vector_low_halves(c, d)), (vector_high_halves(a, b), vector_high_halves(c, d)))
        unsafe highs.setSlot(index, sum.high)
        unsafe lows.setSlot(index, sum.low)
    }
    for index in 0..<4 {
        let (a, b, c, d) = unsafe (highs.slot(index), highs.slot(index &+ 4), lows.slot(index), lows.slot(index &+ 4))
        let sum = add(
            (vector_low_quarters(a, b), vector_low_quarters(c, d)),
            (vector_high_quarters(a, b), vector_high_quarters(c, d)))
        unsafe highs.setSlot(index, sum.high)
        unsafe lows.setSlot(index, sum.low)
    }
    for index in 0..<2 {
        let (a, b, c, d) = unsafe (highs.slot(index), highs.slot(index &+ 2), lows.slot(index), lows.slot(index &+ 2))
        let sum = add(
            (vector_low_pairs(a, b), vector_low_pairs(c, d)), (vector_high_pairs(a, b), vector_high_pairs(c, d)))
        unsafe highs.setSlot(index, sum.high)
        unsafe lows.setSlot(index, sum.low)
    }
    let (a, b, c, d) = unsafe (highs.slot(0), highs.slot(1), lows.slot(0), lows.slot(1))
    return add((vector_low_lanes(a, b), vector_low_lanes(c, d)), (vector_high_lanes(a, b), vector_high_lanes(c, d)))
}
