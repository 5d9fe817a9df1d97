/// Multiplies rows by panels: few rows, which one tile holds, as the weights stream by; more of them by blocks.
func multiplyPanels(
    _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>,
    _ kernelUnits: Int, _ firstUnit: Int, _ units: Int, _ bias: UnsafePointer<Float>?, _ clampsAtZero: Bool,
    _ output: UnsafeMutablePointer<Float>
) {
    var panels = unsafe PackedPanels(
        start: packed, inputDimension: inputDimension, width: packedWidth(kernelUnits), firstUnit: firstUnit,
        endUnit: firstUnit + units)
    let target = unsafe PanelOutput(start: output, stride: kernelUnits, bias: bias, clampsAtZero: clampsAtZero)
    if rows == 1 {
        unsafe panels.firstUnit = multiplyRow(input, panels, target)
        guard unsafe panels.firstUnit < panels.endUnit else { return }
    }
    let weightCount = inputDimension &* units
    if rows <= maximumTileRows || weightCount <= nearWeights {
        unsafe multiplyTiles(input, rows, panels, target)
    } else {
        unsafe multiplyRowBlocks(input, rows, panels, target)
    }
}

/// So many weights stay in a usual second-level cache, 1 MiB.
private var nearWeights: Int { 256 << 10 }

/// Where a product goes, and what is done to it.
typealias PanelOutput = (
    start: UnsafeMutablePointer<Float>, stride: Int, bias: UnsafePointer<Float>?, clampsAtZero: Bool
)

/// What a tile of one block of features makes of it: only the last block has a bias and an end.
@inline(__always)
func tileOutput(_ output: PanelOutput, row: Int, unit: Int, isFirst: Bool, isLast: Bool) -> TileOutput {
    unsafe TileOutput(
        start: output.start + row &* output.stride + unit, stride: output.stride, isFirst: isFirst,
        bias: isLast ? output.bias.map { unsafe $0 + unit } : nil, clampsAtZero: isLast && output.clampsAtZero)
}

/// Goes over groups of panels, in each over the blocks of features, in each over tiles of rows: the weights of a group
/// and block lie in one piece and stay in the second-level cache while all rows pass by.
private func multiplyTiles(
    _ input: UnsafePointer<Float>, _ rows: Int, _ panels: PackedPanels, _ output: PanelOutput
) {
    let scratch = unsafe matmulScratch(inputRows: maximumTileRows)
    let laidOut = unsafe scratchInput(scratch)
    let inputDimension = unsafe panels.inputDimension
    let tiles = cutIntoTiles(rows: rows)
    var unit = unsafe panels.firstUnit
    while unsafe unit < panels.endUnit {
        let units = unsafe min(512, panels.endUnit - unit)
        var feature = 0
        repeat {
            let depth = min(blockDepth, inputDimension - feature)
            let weights = unsafe panelWeights(panels, feature: feature, depth: depth, unit: unit)
            var row = 0
            for tile in 0..<tiles.count {
                let height = tileHeight(tiles, tile)
                var source = unsafe input + row &* inputDimension + feature
                if rows > 1 {
                    unsafe copyRows(source, inputDimension, rows: height, count: depth, to: laidOut)
                    unsafe source = UnsafePointer(laidOut)
                }
                // The next tile's input, or the next block's of the first tile.
                let next =
                    unsafe tile + 1 < tiles.count
                    ? input + (row + height) &* inputDimension + feature
                    : input + feature + depth
                unsafe multiplyGroup(
                    rows: height, source, weights, depth: depth, units: units,
                    tileOutput(
                        output, row: row, unit: unit, isFirst: feature == 0, isLast: feature + depth == inputDimension),
                    scratch: scratch, asking: tiles.count > 1 ? inputAhead(next, inputDimension) : nil)
                row += height
            }
            feature += depth
        } while feature < inputDimension
        unit += units
    }
}

/// One tile of rows by `units` units over one block of features. `weights` are those of the first panel, the other
/// panels follow.
///
/// - Parameters:
///   - tile: room for a tile of a vector's width and for its bias.
///   - ahead: what to ask for meanwhile, if anything.
@inline(__always)
func multiplyGroup(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, depth: Int, units: Int,
    _ output: TileOutput, scratch tile: UnsafeMutablePointer<Float>, asking ahead: Ahead? = nil
) {
    let wholePanels = units / panelWidth
    if let ahead = unsafe ahead, unsafe ahead.jump == 0 {
        unsafe multiplyTile(
            rows: rows, input, weights, panels: wholePanels, depth: depth, output,
            asking: ahead)
    } else if let ahead = unsafe ahead, wholePanels > 0 {
        // During the last panel, so that what comes is still near when it is wanted.
        let last = wholePanels - 1
        if last > 0 {
            unsafe multiplyTile(
                rows: rows, input, weights, panels: last, depth: depth, output)
        }
        unsafe multiplyTile(
            rows: rows, input, advanced(weights, byPanels: last), panels: 1, depth: depth,
            advanced(output, byUnits: last &* panelWidth), askingForRows: ahead)
    } else {
        unsafe multiplyTile(
            rows: rows, input, weights, panels: wholePanels, depth: depth, output)
    }
    // What is left of a panel is computed by halves.
    var unit = wholePanels &* panelWidth
    while unit < units {
        var rest = unsafe advanced(weights, byPanels: wholePanels)
        if unit % panelWidth > 0 { unsafe rest.start += rest.right }
        let width = min(vectorWidth, units - unit)
        let half = unsafe advanced(output, byUnits: unit)
        if width == vectorWidth {
            unsafe multiplyHalfTile(rows: rows, input, rest, depth: depth, half)
        } else {
            unsafe multiplyRest(rows: rows, width: width, input, rest, depth: depth, half, scratch: tile)
        }
        unit += width
    }
}

/// The last units, fewer than a vector has lanes: their tile is computed beside the output.
@inline(__always)
private func multiplyRest(
    rows: Int, width: Int, _ input: UnsafePointer<Float>, _ weights: TileWeights, depth: Int,
    _ output: TileOutput, scratch tile: UnsafeMutablePointer<Float>
) {
    let (start, stride) = unsafe (output.start, output.stride)
    if unsafe !output.isFirst {
        unsafe copyUnits(from: start, stride, to: tile, vectorWidth, rows: rows, width: width)
    }
    var whole = unsafe output
    unsafe whole.start = tile
    unsafe whole.stride = vectorWidth
    if let bias = unsafe output.bias {
        let target = unsafe tile + maximumTileRows &* vectorWidth
        unsafe copyUnits(from: bias, 0, to: target, 0, rows: 1, width: width)
        unsafe whole.bias = UnsafePointer(target)
    }
    unsafe multiplyHalfTile(rows: rows, input, weights, depth: depth, whole)
    unsafe copyUnits(from: tile, vectorWidth, to: start, stride, rows: rows, width: width)
}

/// Copies the first `width` units of some rows.
@inline(__always)
private func copyUnits(
    from source: UnsafePointer<Float>, _ sourceStride: Int, to target: UnsafeMutablePointer<Float>, _ targetStride: Int,
    rows: Int, width: Int
) {
    for row in 0..<rows {
        for unit in 0..<width {
            unsafe target[row &* targetStride &+ unit] = source[row &* sourceStride &+ unit]
        }
    }
}
