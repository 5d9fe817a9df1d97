internal import CVectors

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
    let inputDimension: Int
    /// The features beyond the last multiple of 16.
    let tailCount: Int

    @inline(__always)
    init(_ start: UnsafePointer<Float>, inputDimension: Int) {
        unsafe self.start = start
        self.inputDimension = inputDimension
        tailCount = inputDimension % chainCount
    }

    @inline(__always)
    func whole(_ row: Int, _ feature: Int) -> Chains {
        let place = unsafe UnsafeRawPointer(start + row &* inputDimension + feature)
        // Rows are short, and several are read at a time: the machine foresees less of that than memory takes.
        unsafe prefetch_line(place + Self.bytesAhead)
        return unsafe place.loadUnaligned(as: Chains.self)
    }

    private static var bytesAhead: Int { 8192 }

    /// A row's last, partial vector, zero in the lanes beyond its end.
    @inline(__always)
    func tail(_ row: Int) -> Chains {
        unsafe vector_load_first(start + (row &+ 1) &* inputDimension - tailCount, tailCount)
    }
}

/// The sums of 16 vectors of chains, by the fixed tree: lane `i` and lane `i + 8`, then `i + 4`, `i + 2`, `i + 1`. All
/// trees at once, which transposes the vectors on the way.
@inline(__always)
private func treeSums(_ chains: InlineArray<16, Chains>) -> Lanes {
    @inline(__always)
    func fours(_ index: Int) -> Lanes {
        vector_fold8(
            vector_fold16(chains[index], chains[index &+ 4]), vector_fold16(chains[index &+ 8], chains[index &+ 12]))
    }
    return vector_fold2(vector_fold4(fours(0), fours(1)), vector_fold4(fours(2), fours(3)))
}

/// The same of four vectors.
@inline(__always)
private func treeSums(_ a: Chains, _ b: Chains, _ c: Chains, _ d: Chains) -> SIMD4<Float> {
    let fours = vector_fold8(vector_fold16(a, b), vector_fold16(c, d))
    let twos = vector_fold4(fours, fours)
    let ones = vector_fold2(twos, twos)
    return SIMD4(ones[0], ones[4], ones[8], ones[12])
}

/// The same of one vector.
@inline(__always)
private func treeSum(_ chains: Chains) -> Float {
    let eight = chains.lowHalf + chains.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
}

/// The block of features that begins at `start`: what lies in whole vectors, and whether the tail belongs to it.
private struct NarrowBlock {
    let start: Int
    let wholeEnd: Int
    let hasTail: Bool
    /// Where the next block begins.
    let end: Int

    @inline(__always)
    init(at start: Int, of input: NarrowInput) {
        let allWhole = input.inputDimension &- input.tailCount
        self.start = start
        wholeEnd = min(start &+ blockDepth, allWhole)
        // The tail belongs to the block that it continues, or is one by itself.
        hasTail = wholeEnd == allWhole && input.tailCount > 0 && wholeEnd &- start < blockDepth
        end = hasTail ? input.inputDimension : wholeEnd
    }
}

/// The chains of `rowCount` rows by `unitCount` units over one block of features, all in registers.
private struct NarrowTile<let rowCount: Int, let unitCount: Int> {
    // See `Accumulators` about loops and registers.
    var sums = InlineArray<rowCount, InlineArray<unitCount, Chains>>(
        repeating: InlineArray<unitCount, Chains>(repeating: .zero))

    /// Nothing added yet.
    @inline(__always)
    init() {}

    @inline(__always)
    init(_ block: NarrowBlock, _ input: NarrowInput, _ firstRow: Int, _ weights: UnsafePointer<Float>) {
        let stride = packedStride(input.inputDimension)
        var feature = block.start
        while feature < block.wholeEnd {
            unsafe add(weights + feature, stride) { input.whole(firstRow &+ $0, feature) }
            feature &+= chainCount
        }
        if block.hasTail { unsafe add(weights + block.wholeEnd, stride) { input.tail(firstRow &+ $0) } }
    }

    @inline(__always)
    private mutating func add(_ weights: UnsafePointer<Float>, _ weightStride: Int, _ input: (_ row: Int) -> Chains) {
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

/// What becomes of a narrow layer's totals.
@unsafe private struct NarrowOutput {
    let start: UnsafeMutablePointer<Float>
    let stride: Int
    let bias: UnsafePointer<Float>?
    let clampsAtZero: Bool

    /// The total's last steps.
    @inline(__always)
    func finished(_ total: Float, _ unit: Int) -> Float {
        let sum = if let bias = unsafe bias { unsafe total + bias[unit] } else { total }
        return unsafe clampsAtZero && sum <= 0 ? 0 : sum
    }

    @inline(__always)
    func store(_ total: Float, _ row: Int, _ unit: Int) {
        unsafe start[row &* stride &+ unit] = finished(total, unit)
    }

    /// Four neighbouring units of a row.
    @inline(__always)
    func store(_ totals: SIMD4<Float>, _ row: Int, _ unit: Int) {
        var totals = totals
        if let bias = unsafe bias {
            totals += unsafe UnsafeRawPointer(bias + unit).loadUnaligned(as: SIMD4<Float>.self)
        }
        if unsafe clampsAtZero { totals.replace(with: 0, where: totals .<= 0) }
        unsafe UnsafeMutableRawPointer(start + (row &* stride &+ unit)).storeBytes(of: totals, as: SIMD4<Float>.self)
    }

    /// Sixteen rows of one unit.
    @inline(__always)
    func storeColumn(_ totals: Lanes, _ row: Int, _ unit: Int) {
        guard unsafe stride == 1 else {
            for index in 0..<16 { unsafe store(totals[index], row &+ index, unit) }
            return
        }
        var totals = totals
        if let bias = unsafe bias { totals += unsafe Lanes(repeating: bias[unit]) }
        if unsafe clampsAtZero { totals.replace(with: Lanes.zero, where: totals .<= 0) }
        unsafe storeLanes(totals, start + row)
    }
}

/// The totals of 16 rows or of 4 rows by 4 units, row by row. `zero` says how many rows have their chains in registers at
/// a time.
@inline(__always)
private func totals<let rowCount: Int, let unitCount: Int>(
    _ zero: NarrowTile<rowCount, unitCount>, _ input: NarrowInput, _ firstRow: Int, _ weights: UnsafePointer<Float>
) -> Lanes {
    var totals = Lanes.zero
    var start = 0
    repeat {
        let block = NarrowBlock(at: start, of: input)
        var chains = InlineArray<16, Chains>(repeating: .zero)
        for part in 0..<16 / (rowCount * unitCount) {
            let tile = unsafe NarrowTile<rowCount, unitCount>(block, input, firstRow &+ part &* rowCount, weights)
            for row in 0..<rowCount {
                for unit in 0..<unitCount {
                    chains[(part &* rowCount &+ row) &* unitCount &+ unit] = tile.sums[row][unit]
                }
            }
        }
        totals = start == 0 ? treeSums(chains) : totals + treeSums(chains)
        start = block.end
    } while start < input.inputDimension
    return totals
}

/// The totals of one row by four units.
@inline(__always)
private func rowTotals(_ input: NarrowInput, _ row: Int, _ weights: UnsafePointer<Float>) -> SIMD4<Float> {
    var totals = SIMD4<Float>.zero
    var start = 0
    repeat {
        let block = NarrowBlock(at: start, of: input)
        let sums = unsafe NarrowTile<1, 4>(block, input, row, weights).sums[0]
        let blockTotals = treeSums(sums[0], sums[1], sums[2], sums[3])
        totals = start == 0 ? blockTotals : totals + blockTotals
        start = block.end
    } while start < input.inputDimension
    return totals
}

/// The total of one row and one unit.
@inline(__always)
private func total(_ input: NarrowInput, _ row: Int, _ weights: UnsafePointer<Float>) -> Float {
    var total: Float = 0
    var start = 0
    repeat {
        let block = NarrowBlock(at: start, of: input)
        let blockTotal = treeSum(unsafe NarrowTile<1, 1>(block, input, row, weights).sums[0][0])
        total = start == 0 ? blockTotal : total + blockTotal
        start = block.end
    } while start < input.inputDimension
    return total
}

// As many chains as there are registers for, beside weights and inputs.
#if KERNELS_AVX512
@inline(__always) private var columnTile: NarrowTile<8, 1> { NarrowTile() }
@inline(__always) private var squareTile: NarrowTile<4, 4> { NarrowTile() }
#else
@inline(__always) private var columnTile: NarrowTile<4, 1> { NarrowTile() }
@inline(__always) private var squareTile: NarrowTile<1, 4> { NarrowTile() }
#endif

func multiplyNarrow(
    _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>,
    _ kernelUnits: Int, _ firstUnit: Int, _ units: Int, _ bias: UnsafePointer<Float>?, _ clampsAtZero: Bool,
    _ output: UnsafeMutablePointer<Float>
) {
    let source = unsafe NarrowInput(input, inputDimension: inputDimension)
    let target = unsafe NarrowOutput(start: output, stride: kernelUnits, bias: bias, clampsAtZero: clampsAtZero)
    let stride = packedStride(inputDimension)
    var unit = firstUnit
    let endUnit = firstUnit &+ units
    while unit < endUnit {
        let weights = unsafe packed + unit &* stride
        var row = 0
        if endUnit &- unit >= 4 {
            while row &+ 4 <= rows {
                let square = unsafe totals(squareTile, source, row, weights)
                unsafe target.store(square.lowHalf.lowHalf, row, unit)
                unsafe target.store(square.lowHalf.highHalf, row &+ 1, unit)
                unsafe target.store(square.highHalf.lowHalf, row &+ 2, unit)
                unsafe target.store(square.highHalf.highHalf, row &+ 3, unit)
                row &+= 4
            }
            while row < rows {
                unsafe target.store(rowTotals(source, row, weights), row, unit)
                row &+= 1
            }
            unit &+= 4
        } else {
            while row &+ 16 <= rows {
                unsafe target.storeColumn(totals(columnTile, source, row, weights), row, unit)
                row &+= 16
            }
            while row < rows {
                unsafe target.store(total(source, row, weights), row, unit)
                row &+= 1
            }
            unit &+= 1
        }
    }
}
