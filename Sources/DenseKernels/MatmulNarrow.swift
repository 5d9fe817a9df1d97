/// Sixteen chains, one for each feature index modulo 16.
private typealias Chains = SIMD16<Float>

/// The packed weights of one unit: its features, filled up with zeros to a multiple of 16.
@inline(__always)
private func packedStride(_ inputDimension: Int) -> Int { (inputDimension + chainCount - 1) / chainCount * chainCount }

func packNarrow(
    _ kernel: UnsafePointer<Float>, _ inputDimension: Int, _ units: Int, _ packed: UnsafeMutablePointer<Float>
) {
    let stride = packedStride(inputDimension)
    for unit in 0..<units {
        let target = unsafe packed + unit &* stride
        for feature in 0..<stride {
            unsafe target[feature] = feature < inputDimension ? kernel[feature &* units &+ unit] : 0
        }
    }
}

/// The rows of an input whose width need not be a multiple of 16.
@safe private struct NarrowInput {
    let start: UnsafePointer<Float>
    let rows: Int
    let inputDimension: Int
    /// The features beyond the last multiple of 16.
    let tailCount: Int
    /// True for the lanes that a row's last, partial vector has.
    let tailMask: SIMDMask<SIMD16<Int32>>

    @inline(__always)
    init(_ start: UnsafePointer<Float>, rows: Int, inputDimension: Int) {
        unsafe self.start = start
        self.rows = rows
        self.inputDimension = inputDimension
        tailCount = inputDimension % chainCount
        let lanes = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        tailMask = lanes .< Int32(truncatingIfNeeded: tailCount)
    }

    @inline(__always)
    func whole(_ row: Int, _ feature: Int) -> Chains {
        unsafe UnsafeRawPointer(start + row &* inputDimension + feature).loadUnaligned(as: Chains.self)
    }

    /// A row's last, partial vector, zero in the lanes beyond its end.
    @inline(__always)
    func tail(_ row: Int) -> Chains {
        let offset = (row &+ 1) &* inputDimension &- tailCount
        if offset &+ chainCount <= rows &* inputDimension {
            // What lies behind belongs to the next row, and may be NaN: it is masked, not multiplied by zero.
            let vector = unsafe UnsafeRawPointer(start + offset).loadUnaligned(as: Chains.self)
            return Chains.zero.replacing(with: vector, where: tailMask)
        }
        if tailCount == 8 {
            return Chains(
                lowHalf: unsafe UnsafeRawPointer(start + offset).loadUnaligned(as: SIMD8<Float>.self), highHalf: .zero)
        }
        return unsafe partialVector(start + offset, tailCount)
    }
}

/// Out of the way of the tiles: only an input's last row needs it.
@inline(never)
private func partialVector(_ source: UnsafePointer<Float>, _ count: Int) -> Chains { unsafe loadLanes(source, count) }

/// The fixed tree: lane `i` and lane `i + 8`, then `i + 4`, `i + 2`, `i + 1`.
@inline(__always)
private func treeSum(_ chains: Chains) -> Float {
    let eight = chains.lowHalf + chains.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}

/// The chains of `rowCount` rows by `unitCount` units over one block of features, all in registers.
private struct NarrowTile<let rowCount: Int, let unitCount: Int> {
    // See `Accumulators` about loops and registers.
    var sums = InlineArray<rowCount, InlineArray<unitCount, Chains>>(
        repeating: InlineArray<unitCount, Chains>(repeating: .zero))

    @inline(__always)
    init() {}

    @inline(__always)
    mutating func add(_ weights: UnsafePointer<Float>, _ weightStride: Int, _ input: (_ row: Int) -> Chains) {
        var unitWeights = InlineArray<unitCount, Chains>(repeating: .zero)
        for unit in 0..<unitCount {
            unitWeights[unit] = unsafe UnsafeRawPointer(weights + unit &* weightStride).loadUnaligned(as: Chains.self)
        }
        for row in 0..<rowCount {
            let values = input(row)
            for unit in 0..<unitCount {
                sums[row][unit] = sums[row][unit].addingProduct(values, unitWeights[unit])
            }
        }
    }
}

/// One tile, over all features. `zero` only says how large the tile is.
@inline(__always)
private func multiply<let rowCount: Int, let unitCount: Int>(
    _ zero: NarrowTile<rowCount, unitCount>, _ input: NarrowInput, _ firstRow: Int,
    _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, _ outputStride: Int
) {
    let weightStride = packedStride(input.inputDimension)
    let wholeEnd = input.inputDimension - input.tailCount
    var start = 0
    repeat {
        var tile = zero
        let end = min(start + blockDepth, wholeEnd)
        var feature = start
        while feature < end {
            unsafe tile.add(weights + feature, weightStride) { input.whole(firstRow &+ $0, feature) }
            feature += chainCount
        }
        // The tail belongs to the block that it continues, or is one by itself.
        let isTail = end == wholeEnd && input.tailCount > 0 && end - start < blockDepth
        if isTail { unsafe tile.add(weights + wholeEnd, weightStride) { input.tail(firstRow &+ $0) } }
        let isFirst = start == 0
        start = isTail ? input.inputDimension : end
        let isLast = start == input.inputDimension

        for row in 0..<rowCount {
            let target = unsafe output + (firstRow &+ row) &* outputStride
            for unit in 0..<unitCount {
                var total = treeSum(tile.sums[row][unit])
                if !isFirst { total = unsafe target[unit] + total }
                if isLast, let bias = unsafe bias { total += unsafe bias[unit] }
                unsafe target[unit] = total
            }
        }
    } while start < input.inputDimension
}

func multiplyNarrow(
    _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>, _ units: Int,
    _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, _ outputStride: Int
) {
    let source = unsafe NarrowInput(input, rows: rows, inputDimension: inputDimension)
    var row = 0
    while row < rows {
        // One unit leaves registers for eight rows, which share its weights.
        let height = units == 1 && rows - row >= 8 ? 8 : rows - row >= 4 ? 4 : 1
        var unit = 0
        while unit < units {
            let width = units - unit >= 4 ? 4 : 1
            let weights = unsafe packed + unit &* packedStride(inputDimension)
            let unitBias = unsafe bias.map { unsafe $0 + unit }
            let target = unsafe output + unit
            switch (height, width) {
            case (8, _): unsafe multiply(NarrowTile<8, 1>(), source, row, weights, unitBias, target, outputStride)
            case (4, 4): unsafe multiply(NarrowTile<4, 4>(), source, row, weights, unitBias, target, outputStride)
            case (4, _): unsafe multiply(NarrowTile<4, 1>(), source, row, weights, unitBias, target, outputStride)
            case (_, 4): unsafe multiply(NarrowTile<1, 4>(), source, row, weights, unitBias, target, outputStride)
            default: unsafe multiply(NarrowTile<1, 1>(), source, row, weights, unitBias, target, outputStride)
            }
            unit += width
        }
        row += height
    }
}
