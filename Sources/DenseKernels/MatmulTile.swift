internal import CVectors

/// The distance between the rows of `TileInput`, in floats: a constant, so that one register addresses all rows, and
/// no power of two, so that the rows do not compete for the same cache sets.
@inline(__always) var tileInputStride: Int { 256 + 16 }

/// Where the sums of a block go, and what is added to them.
@unsafe private struct TileOutput {
    /// The output of the tile's first row and unit.
    var start: UnsafeMutablePointer<Float>
    var stride: Int
    /// Whether this is the first block, whose sums replace what the output holds.
    var isFirst: Bool
    /// The bias of the tile's first unit, for the last block of a layer with one.
    var bias: UnsafePointer<Float>?
    /// Whether zero takes the place of what is not above it, after the last block.
    var clampsAtZero: Bool

    /// The same rows of a later panel.
    @inline(__always)
    func advanced(byPanels panels: Int) -> TileOutput {
        let units = panels * panelWidth
        return unsafe TileOutput(
            start: start + units, stride: stride, isFirst: isFirst, bias: bias.map { unsafe $0 + units },
            clampsAtZero: clampsAtZero)
    }
}

@inline(__always)
private func clampedAtZero(_ x: Vector) -> Vector { x.replacing(with: Vector.zero, where: x .<= 0) }

/// The chains of `count` rows and the units of one panel, or of its left half when `rightCount` is 0 and not `count`; all
/// in registers.
private struct Accumulators<let count: Int, let rightCount: Int> {
    // Constant trip counts of at most 7, and no generic code once inlined: the compiler unrolls every loop here and
    // keeps each element in a register.
    var left = InlineArray<count, Vector>(repeating: .zero)
    var right = InlineArray<rightCount, Vector>(repeating: .zero)

    @inline(__always)
    init() {}

    /// Adds the products of one feature: `input` is its value in the first row.
    @inline(__always)
    mutating func add(_ input: UnsafePointer<Float>, _ leftWeights: Vector, _ rightWeights: Vector) {
        for row in 0..<count {
            let value = unsafe Vector(repeating: input[row &* tileInputStride])
            left[row] = left[row].addingProduct(value, leftWeights)
            if rightCount > 0 { right[row] = right[row].addingProduct(value, rightWeights) }
        }
    }

    /// Asks for the memory that `write` will need, long before.
    @inline(__always)
    func prefetch(_ output: TileOutput) {
        for row in 0..<count {
            let target = unsafe output.start + row &* output.stride
            unsafe prefetch_line(target)
            if rightCount > 0 { unsafe prefetch_line(target + vectorWidth) }
        }
    }

    @inline(__always)
    func write(_ output: TileOutput) {
        // One small loop for each step: those are unrolled, and decide once.
        var (left, right) = (left, right)
        let (start, stride) = unsafe (output.start, output.stride)
        let rightStart = unsafe start + vectorWidth
        if unsafe !output.isFirst {
            for row in 0..<count { left[row] = unsafe load(start + row &* stride) + left[row] }
            for row in 0..<rightCount { right[row] = unsafe load(rightStart + row &* stride) + right[row] }
        }
        if let bias = unsafe output.bias {
            let leftBias = unsafe load(bias)
            for row in 0..<count { left[row] = left[row] + leftBias }
            let rightBias = unsafe rightCount > 0 ? load(bias + vectorWidth) : leftBias
            for row in 0..<rightCount { right[row] = right[row] + rightBias }
        }
        if unsafe output.clampsAtZero {
            for row in 0..<count { left[row] = clampedAtZero(left[row]) }
            for row in 0..<rightCount { right[row] = clampedAtZero(right[row]) }
        }
        for row in 0..<count { unsafe store(left[row], start + row &* stride) }
        for row in 0..<rightCount { unsafe store(right[row], rightStart + row &* stride) }
    }
}

/// Two groups of rows by one panel. Two groups, because the compiler does not unroll a loop over 14 rows.
@inline(__always)
private func multiply<let upperCount: Int, let lowerCount: Int, let upperRight: Int, let lowerRight: Int>(
    _ upper: Accumulators<upperCount, upperRight>, _ lower: Accumulators<lowerCount, lowerRight>,
    _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ depth: Int, _ output: TileOutput
) {
    var (upper, lower) = (upper, lower)
    var lowerOutput = unsafe output
    unsafe lowerOutput.start += upperCount &* output.stride
    unsafe upper.prefetch(output)
    unsafe lower.prefetch(lowerOutput)
    var input = unsafe input
    var weights = unsafe weights
    for _ in 0..<depth {
        let left = unsafe load(weights)
        let right = unsafe upperRight > 0 ? load(weights + vectorWidth) : left
        unsafe upper.add(input, left, right)
        unsafe lower.add(input + upperCount &* tileInputStride, left, right)
        unsafe input += 1
        unsafe weights += panelWidth
    }
    unsafe upper.write(output)
    unsafe lower.write(lowerOutput)
}

/// A few rows by two panels at a time, for enough independent chains to hide the latency of a multiply-add.
@inline(__always)
private func multiplyPair<let count: Int>(
    _ zero: Accumulators<count, count>, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
    _ panelStride: Int,
    _ depth: Int, _ output: TileOutput
) {
    var (first, second) = (zero, zero)
    var input = unsafe input
    var weights = unsafe weights
    for _ in 0..<depth {
        let next = unsafe weights + panelStride
        unsafe first.add(input, load(weights), load(weights + vectorWidth))
        unsafe second.add(input, load(next), load(next + vectorWidth))
        unsafe input += 1
        unsafe weights += panelWidth
    }
    unsafe first.write(output)
    unsafe second.write(output.advanced(byPanels: 1))
}

/// One row by four panels.
@inline(__always)
private func multiplyRowByFour(
    _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ panelStride: Int, _ depth: Int,
    _ output: TileOutput
) {
    var first = Accumulators<1, 1>()
    var (second, third, fourth) = (first, first, first)
    var input = unsafe input
    var weights = unsafe weights
    for _ in 0..<depth {
        let two = unsafe weights + panelStride
        let three = unsafe two + panelStride
        let four = unsafe three + panelStride
        unsafe first.add(input, load(weights), load(weights + vectorWidth))
        unsafe second.add(input, load(two), load(two + vectorWidth))
        unsafe third.add(input, load(three), load(three + vectorWidth))
        unsafe fourth.add(input, load(four), load(four + vectorWidth))
        unsafe input += 1
        unsafe weights += panelWidth
    }
    unsafe first.write(output)
    unsafe second.write(output.advanced(byPanels: 1))
    unsafe third.write(output.advanced(byPanels: 2))
    unsafe fourth.write(output.advanced(byPanels: 3))
}

/// Multiplies `rows` rows (1 to `maximumTileRows`) by neighbouring panels, over one block of features.
///
/// - Parameters:
///   - input: the block's features, rows `tileInputStride` apart.
///   - weights: the block's weights in the first panel.
///   - panelStride: the distance to the same weights of the next panel.
///   - isFirst: whether this is the first block, whose sums replace what the output holds.
///   - bias: the bias of the first unit, for the last block of a layer with one.
///   - clampsAtZero: whether zero takes the place of what is not above it, for the last block.
@inline(never)
func multiplyTile(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, panelStride: Int, panels: Int,
    depth: Int, isFirst: Bool, bias: UnsafePointer<Float>?, clampsAtZero: Bool,
    _ output: UnsafeMutablePointer<Float>, outputStride: Int
) {
    let target = unsafe TileOutput(
        start: output, stride: outputStride, isFirst: isFirst, bias: bias, clampsAtZero: clampsAtZero)
    var panel = 0
    while panel < panels {
        let weights = unsafe weights + panel &* panelStride
        let output = unsafe target.advanced(byPanels: panel)
        let remaining = panels - panel
        if rows == 1, remaining >= 4 {
            unsafe multiplyRowByFour(input, weights, panelStride, depth, output)
            panel += 4
            continue
        }
        if rows <= 3, remaining >= 2 {
            switch rows {
            case 1: unsafe multiplyPair(Accumulators<1, 1>(), input, weights, panelStride, depth, output)
            case 2: unsafe multiplyPair(Accumulators<2, 2>(), input, weights, panelStride, depth, output)
            default: unsafe multiplyPair(Accumulators<3, 3>(), input, weights, panelStride, depth, output)
            }
            panel += 2
            continue
        }
        switch rows {
        case 1: unsafe multiply(Accumulators<1, 1>(), Accumulators<0, 0>(), input, weights, depth, output)
        case 2: unsafe multiply(Accumulators<2, 2>(), Accumulators<0, 0>(), input, weights, depth, output)
        case 3: unsafe multiply(Accumulators<3, 3>(), Accumulators<0, 0>(), input, weights, depth, output)
        case 4: unsafe multiply(Accumulators<4, 4>(), Accumulators<0, 0>(), input, weights, depth, output)
        case 5: unsafe multiply(Accumulators<5, 5>(), Accumulators<0, 0>(), input, weights, depth, output)
        #if !KERNELS_AVX512
        default: unsafe multiply(Accumulators<6, 6>(), Accumulators<0, 0>(), input, weights, depth, output)
        #else
        case 6: unsafe multiply(Accumulators<6, 6>(), Accumulators<0, 0>(), input, weights, depth, output)
        case 7: unsafe multiply(Accumulators<7, 7>(), Accumulators<0, 0>(), input, weights, depth, output)
        case 8: unsafe multiply(Accumulators<4, 4>(), Accumulators<4, 4>(), input, weights, depth, output)
        case 9: unsafe multiply(Accumulators<5, 5>(), Accumulators<4, 4>(), input, weights, depth, output)
        case 10: unsafe multiply(Accumulators<5, 5>(), Accumulators<5, 5>(), input, weights, depth, output)
        case 11: unsafe multiply(Accumulators<6, 6>(), Accumulators<5, 5>(), input, weights, depth, output)
        case 12: unsafe multiply(Accumulators<6, 6>(), Accumulators<6, 6>(), input, weights, depth, output)
        case 13: unsafe multiply(Accumulators<7, 7>(), Accumulators<6, 6>(), input, weights, depth, output)
        default: unsafe multiply(Accumulators<7, 7>(), Accumulators<7, 7>(), input, weights, depth, output)
        #endif
        }
        panel += 1
    }
}

/// The same for half a panel, `vectorWidth` units: the left one of that which `weights` points to.
@inline(never)
func multiplyHalfTile(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, depth: Int, isFirst: Bool,
    bias: UnsafePointer<Float>?, clampsAtZero: Bool, _ output: UnsafeMutablePointer<Float>, outputStride: Int
) {
    let output = unsafe TileOutput(
        start: output, stride: outputStride, isFirst: isFirst, bias: bias, clampsAtZero: clampsAtZero)
    switch rows {
    case 1: unsafe multiply(Accumulators<1, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    case 2: unsafe multiply(Accumulators<2, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    case 3: unsafe multiply(Accumulators<3, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    case 4: unsafe multiply(Accumulators<4, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    case 5: unsafe multiply(Accumulators<5, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    #if !KERNELS_AVX512
    default: unsafe multiply(Accumulators<6, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    #else
    case 6: unsafe multiply(Accumulators<6, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    case 7: unsafe multiply(Accumulators<7, 0>(), Accumulators<0, 0>(), input, weights, depth, output)
    case 8: unsafe multiply(Accumulators<4, 0>(), Accumulators<4, 0>(), input, weights, depth, output)
    case 9: unsafe multiply(Accumulators<5, 0>(), Accumulators<4, 0>(), input, weights, depth, output)
    case 10: unsafe multiply(Accumulators<5, 0>(), Accumulators<5, 0>(), input, weights, depth, output)
    case 11: unsafe multiply(Accumulators<6, 0>(), Accumulators<5, 0>(), input, weights, depth, output)
    case 12: unsafe multiply(Accumulators<6, 0>(), Accumulators<6, 0>(), input, weights, depth, output)
    case 13: unsafe multiply(Accumulators<7, 0>(), Accumulators<6, 0>(), input, weights, depth, output)
    default: unsafe multiply(Accumulators<7, 0>(), Accumulators<7, 0>(), input, weights, depth, output)
    #endif
    }
}
