internal import CVectors

/// The distance between the rows of a tile's input, in floats: a constant, so that one register addresses all rows, and
/// no power of two, so that the rows do not compete for the same cache sets.
@inline(__always) var tileInputStride: Int { 256 + 16 }

/// Where the sums of a block go, and what is added to them. A tuple, as what follows and as `ExponentialParts`.
///
/// - start: the output of the tile's first row and unit.
/// - isFirst: whether this is the first block, whose sums replace what the output holds.
/// - bias: the bias of the tile's first unit, for the last block of a layer with one.
/// - clampsAtZero: whether zero takes the place of what is not above it, after the last block.
typealias TileOutput = (
    start: UnsafeMutablePointer<Float>, stride: Int, isFirst: Bool, bias: UnsafePointer<Float>?, clampsAtZero: Bool
)

/// The weights of a block of features in a panel and in those after it.
///
/// - start: those of the first feature and the panel's left half.
/// - right: the distance to those of its right half.
/// - step: from one feature to the next.
/// - stride: from one panel to the next.
typealias TileWeights = (start: UnsafePointer<Float>, right: Int, step: Int, stride: Int)

/// The same of a later panel.
@inline(__always)
func advanced(_ weights: TileWeights, byPanels panels: Int) -> TileWeights {
    var weights = unsafe weights
    unsafe weights.start += panels &* weights.stride
    return unsafe weights
}

/// The same rows of later units.
@inline(__always)
func advanced(_ output: TileOutput, byUnits units: Int) -> TileOutput {
    var output = unsafe output
    unsafe output.start += units
    unsafe output.bias = output.bias.map { unsafe $0 + units }
    return unsafe output
}

/// Memory that will be needed: asked for little by little, so that it comes while there is work, from however far.
///
/// - step: the bytes to ask for with each feature, at most a cache line.
/// - jump: the bytes to pass over after each 16 features, from one row of input to the next; 0 for one piece.
/// - stride: the bytes from what is asked for during one panel to that of the next.
typealias Ahead = (start: UnsafeRawPointer, step: Int, jump: Int, stride: Int)

/// The features after which `jump` is passed over: as many cache lines hold a row's block of features.
private var featuresBetweenJumps: Int { 16 }

/// Rows of input, each of one block of features, that will be laid out for the next tile.
@inline(__always)
func inputAhead(_ start: UnsafePointer<Float>, _ inputDimension: Int) -> Ahead {
    let line = 64
    return unsafe Ahead(
        start: UnsafeRawPointer(start), step: line,
        jump: inputDimension &* MemoryLayout<Float>.size &- featuresBetweenJumps &* line, stride: 0)
}

/// One block of features of a tile's rows and of one panel.
@unsafe private struct TileWork {
    /// The block's features, rows `tileInputStride` apart.
    let input: UnsafePointer<Float>
    let weights: TileWeights
    let depth: Int
    let output: TileOutput
    let ahead: Ahead
}

/// What a loop asks for beside its work: 0 for nothing, 1 for memory in one piece, 2 for rows. Not a flag, so that a loop
/// is free of what it does not need.
private struct Asking<let kind: Int> {}

@inline(__always)
func clampedAtZero(_ x: Vector) -> Vector { x.replacing(with: Vector.zero, where: x .<= 0) }

/// The chains of `count` rows and the units of one panel, or of its left half when `rightCount` is 0 and not `count`; all
/// in registers.
private struct Accumulators<let count: Int, let rightCount: Int> {
    // Constant trip counts of at most 7, and no generic code once inlined: the compiler unrolls every loop here and
    // keeps each element in a register.
    var left: InlineArray<count, Vector>
    var right: InlineArray<rightCount, Vector>

    /// Nothing added yet.
    @inline(__always)
    init() {
        let zero = Vector(repeating: Float(bitPattern: opaque_zero()))
        left = InlineArray(repeating: zero)
        right = InlineArray(repeating: zero)
    }

    /// Adds the products of one feature: `input` is its value in the first row.
    @inline(__always)
    mutating func add(_ input: UnsafePointer<Float>, _ leftWeights: Vector, _ rightWeights: Vector) {
        for row in 0..<count {
            let value = unsafe Vector(repeating: input[row &* tileInputStride])
            left[row] = left[row].addingProduct(value, leftWeights)
            if rightCount > 0 { right[row] = right[row].addingProduct(value, rightWeights) }
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
private func multiply<
    let upperCount: Int, let lowerCount: Int, let upperRight: Int, let lowerRight: Int, let asks: Int
>(
    _: Accumulators<upperCount, upperRight>.Type, _: Accumulators<lowerCount, lowerRight>.Type, _ work: TileWork,
    _: Asking<asks>.Type
) {
    var upper = Accumulators<upperCount, upperRight>()
    var lower = Accumulators<lowerCount, lowerRight>()
    let (depth, output, ahead) = unsafe (work.depth, work.output, work.ahead)
    var lowerOutput = unsafe output
    unsafe lowerOutput.start += upperCount &* output.stride
    var next = unsafe ahead.start
    var input = unsafe work.input
    var weights = unsafe work.weights.start
    let (rightHalf, step) = unsafe (work.weights.right, work.weights.step)
    for feature in 0..<depth {
        let left = unsafe load(weights)
        let right = unsafe upperRight > 0 ? load(weights + rightHalf) : left
        unsafe upper.add(input, left, right)
        unsafe lower.add(input + upperCount &* tileInputStride, left, right)
        if asks > 0 {
            unsafe prefetch_far(next)
            unsafe next += ahead.step
            if asks > 1 {
                unsafe next += (feature &+ 1) % featuresBetweenJumps == 0 ? ahead.jump : 0
            }
        }
        unsafe input += 1
        unsafe weights += step
    }
    unsafe upper.write(output)
    unsafe lower.write(lowerOutput)
}

/// A few rows by two panels at a time, for enough independent chains to hide the latency of a multiply-add.
@inline(__always)
private func multiplyPair<let count: Int>(
    _: Accumulators<count, count>.Type, _ input: UnsafePointer<Float>, _ source: TileWeights, _ depth: Int,
    _ output: TileOutput
) {
    var first = Accumulators<count, count>()
    var second = first
    var input = unsafe input
    var weights = unsafe source.start
    let (rightHalf, step, stride) = unsafe (source.right, source.step, source.stride)
    for _ in 0..<depth {
        let next = unsafe weights + stride
        unsafe first.add(input, load(weights), load(weights + rightHalf))
        unsafe second.add(input, load(next), load(next + rightHalf))
        unsafe input += 1
        unsafe weights += step
    }
    unsafe first.write(output)
    unsafe second.write(advanced(output, byUnits: panelWidth))
}

/// Multiplies `rows` rows (1 to `maximumTileRows`) by neighbouring panels, over one block of features.
///
/// - Parameters:
///   - input: the block's features, rows `tileInputStride` apart.
///   - weights: the block's weights in the first panel.
///   - output: of the first panel.
@inline(never)
func multiplyTile(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, panels: Int, depth: Int, _ output: TileOutput
) {
    let nothing = unsafe Ahead(start: UnsafeRawPointer(weights.start), step: 0, jump: 0, stride: 0)
    unsafe multiplyPanels(rows, input, weights, panels, depth, output, Asking<0>.self, nothing)
}

/// The same, asking for memory in one piece meanwhile.
@inline(never)
func multiplyTile(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, panels: Int, depth: Int, _ output: TileOutput,
    asking ahead: Ahead
) {
    unsafe multiplyPanels(rows, input, weights, panels, depth, output, Asking<1>.self, ahead)
}

/// The same, asking for rows of input meanwhile.
@inline(never)
func multiplyTile(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, panels: Int, depth: Int, _ output: TileOutput,
    askingForRows ahead: Ahead
) {
    unsafe multiplyPanels(rows, input, weights, panels, depth, output, Asking<2>.self, ahead)
}

/// Compiled into each of its callers, for the loops without anything to ask for to be free of it.
@inline(__always)
private func multiplyPanels<let asks: Int>(
    _ rows: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, _ panels: Int, _ depth: Int,
    _ target: TileOutput, _ asking: Asking<asks>.Type, _ ahead: Ahead
) {
    var ahead = unsafe ahead
    var panel = 0
    while panel < panels {
        let weights = unsafe advanced(weights, byPanels: panel)
        let output = unsafe advanced(target, byUnits: panel &* panelWidth)
        let remaining = panels - panel
        if rows <= 3, remaining >= 2 {
            switch rows {
            case 1: unsafe multiplyPair(Accumulators<1, 1>.self, input, weights, depth, output)
            case 2: unsafe multiplyPair(Accumulators<2, 2>.self, input, weights, depth, output)
            default: unsafe multiplyPair(Accumulators<3, 3>.self, input, weights, depth, output)
            }
            panel += 2
            continue
        }
        let work = unsafe TileWork(input: input, weights: weights, depth: depth, output: output, ahead: ahead)
        switch rows {
        case 1: unsafe multiply(Accumulators<1, 1>.self, Accumulators<0, 0>.self, work, asking)
        case 2: unsafe multiply(Accumulators<2, 2>.self, Accumulators<0, 0>.self, work, asking)
        case 3: unsafe multiply(Accumulators<3, 3>.self, Accumulators<0, 0>.self, work, asking)
        case 4: unsafe multiply(Accumulators<4, 4>.self, Accumulators<0, 0>.self, work, asking)
        case 5: unsafe multiply(Accumulators<5, 5>.self, Accumulators<0, 0>.self, work, asking)
        #if !KERNELS_AVX512
        default: unsafe multiply(Accumulators<6, 6>.self, Accumulators<0, 0>.self, work, asking)
        #else
        case 6: unsafe multiply(Accumulators<6, 6>.self, Accumulators<0, 0>.self, work, asking)
        case 7: unsafe multiply(Accumulators<7, 7>.self, Accumulators<0, 0>.self, work, asking)
        case 8: unsafe multiply(Accumulators<4, 4>.self, Accumulators<4, 4>.self, work, asking)
        case 9: unsafe multiply(Accumulators<5, 5>.self, Accumulators<4, 4>.self, work, asking)
        case 10: unsafe multiply(Accumulators<5, 5>.self, Accumulators<5, 5>.self, work, asking)
        case 11: unsafe multiply(Accumulators<6, 6>.self, Accumulators<5, 5>.self, work, asking)
        case 12: unsafe multiply(Accumulators<6, 6>.self, Accumulators<6, 6>.self, work, asking)
        case 13: unsafe multiply(Accumulators<7, 7>.self, Accumulators<6, 6>.self, work, asking)
        default: unsafe multiply(Accumulators<7, 7>.self, Accumulators<7, 7>.self, work, asking)
        #endif
        }
        unsafe ahead.start += ahead.stride
        panel += 1
    }
}

/// The same for half a panel, `vectorWidth` units: the left one of that which `weights` points to.
@inline(never)
func multiplyHalfTile(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, depth: Int, _ output: TileOutput
) {
    let nothing = unsafe Ahead(start: UnsafeRawPointer(weights.start), step: 0, jump: 0, stride: 0)
    let work = unsafe TileWork(input: input, weights: weights, depth: depth, output: output, ahead: nothing)
    switch rows {
    case 1: unsafe multiply(Accumulators<1, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    case 2: unsafe multiply(Accumulators<2, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    case 3: unsafe multiply(Accumulators<3, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    case 4: unsafe multiply(Accumulators<4, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    case 5: unsafe multiply(Accumulators<5, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    #if !KERNELS_AVX512
    default: unsafe multiply(Accumulators<6, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    #else
    case 6: unsafe multiply(Accumulators<6, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    case 7: unsafe multiply(Accumulators<7, 0>.self, Accumulators<0, 0>.self, work, Asking<0>.self)
    case 8: unsafe multiply(Accumulators<4, 0>.self, Accumulators<4, 0>.self, work, Asking<0>.self)
    case 9: unsafe multiply(Accumulators<5, 0>.self, Accumulators<4, 0>.self, work, Asking<0>.self)
    case 10: unsafe multiply(Accumulators<5, 0>.self, Accumulators<5, 0>.self, work, Asking<0>.self)
    case 11: unsafe multiply(Accumulators<6, 0>.self, Accumulators<5, 0>.self, work, Asking<0>.self)
    case 12: unsafe multiply(Accumulators<6, 0>.self, Accumulators<6, 0>.self, work, Asking<0>.self)
    case 13: unsafe multiply(Accumulators<7, 0>.self, Accumulators<6, 0>.self, work, Asking<0>.self)
    default: unsafe multiply(Accumulators<7, 0>.self, Accumulators<7, 0>.self, work, Asking<0>.self)
    #endif
    }
}
