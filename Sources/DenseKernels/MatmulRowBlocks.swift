/// The most rows whose input is laid out at a time. With the input of `jointBlocks` blocks of features, 544 KiB, which
/// leaves room for other things in a second-level cache of 1 MiB.
@inline(__always) var rowBlockHeight: Int { 128 }

/// So many blocks of features follow one another while the output they add to is in cache.
@inline(__always) var jointBlocks: Int { 4 }

/// The units that all rows of a block pass by together: so few that one block of their features stays in the
/// first-level cache.
@inline(__always) private var stepUnits: Int { 32 }

/// Multiplies more rows than a tile has. For each block of rows the weights pass by once, each step of them for all
/// tiles of the block; the next step's are asked for meanwhile, so that they may come from any distance. The rows of
/// input are laid out first, where they meet the first units.
func multiplyRowBlocks(
    _ input: UnsafePointer<Float>, _ rows: Int, _ panels: PackedPanels, _ output: PanelOutput
) {
    let scratch = unsafe matmulScratch(inputRows: rowBlockHeight * jointBlocks)
    let inputDimension = unsafe panels.inputDimension
    let blocks = (rows - 1) / rowBlockHeight + 1
    for block in 0..<blocks {
        let firstRow = rows * block / blocks
        let blockHeight = rows * (block + 1) / blocks - firstRow
        let tiles = cutIntoTiles(rows: blockHeight)
        let bytesAhead = (panelWidth * MemoryLayout<Float>.size - 1) / tiles.count + 1

        var step = unsafe WeightStep(firstOf: panels)
        repeat {
            let next = unsafe step.following(in: panels)
            let (feature, depth) = (step.feature, step.depth)
            let stepWeights = unsafe panelWeights(panels, feature: feature, depth: depth, unit: step.unit)
            var ahead = unsafe Ahead(
                start: UnsafeRawPointer(
                    panelWeights(panels, feature: next.feature, depth: next.depth, unit: next.unit).start),
                step: bytesAhead,
                jump: 0, stride: bytesAhead &* depth)
            let place = feature / blockDepth % jointBlocks &* blockHeight &* tileInputStride
            let laidOut = unsafe scratchInput(scratch) + place
            let isFirst = feature == 0
            let isLast = feature + depth == inputDimension
            var row = 0
            for tile in 0..<tiles.count {
                let count = tileHeight(tiles, tile)
                let source = unsafe laidOut + row &* tileInputStride
                if unsafe step.unit == panels.firstUnit {
                    let start = unsafe input + (firstRow + row) &* inputDimension + feature
                    unsafe copyRows(start, inputDimension, rows: count, count: depth, to: source)
                }
                let isLastTile = tile + 1 == tiles.count
                let asked: Ahead
                if unsafe (isLastTile ? next.unit : step.unit) == panels.firstUnit {
                    // The next tile's input is laid out then: it comes from further away than the few weights.
                    let nextFeature = isLastTile ? next.feature : feature
                    let nextRow = !isLastTile ? row + count : nextFeature == 0 ? blockHeight : 0
                    unsafe asked = inputAhead(
                        input + (firstRow + nextRow) &* inputDimension + nextFeature, inputDimension)
                } else {
                    unsafe asked = ahead
                }
                unsafe multiplyGroup(
                    rows: count, UnsafePointer(source), stepWeights, depth: depth, units: step.units,
                    tileOutput(output, row: firstRow + row, unit: step.unit, isFirst: isFirst, isLast: isLast),
                    scratch: scratch, asking: asked)
                unsafe ahead.start += step.units / panelWidth &* ahead.stride
                row += count
            }
            step = next
        } while unsafe !step.isFirst(of: panels)
    }
}

/// One block of features of a few neighbouring units.
private struct WeightStep {
    var feature = 0
    var depth: Int
    var unit: Int
    var units: Int

    @inline(__always)
    init(firstOf panels: PackedPanels) {
        depth = unsafe min(blockDepth, panels.inputDimension)
        unit = unsafe panels.firstUnit
        units = unsafe min(stepUnits, panels.endUnit - panels.firstUnit)
    }

    @inline(__always)
    func isFirst(of panels: PackedPanels) -> Bool { unsafe feature == 0 && unit == panels.firstUnit }

    /// The next block of the same units, as far as they are joint; then the next units; then the next joint blocks; then
    /// the first step again.
    @inline(__always)
    func following(in panels: PackedPanels) -> WeightStep {
        let joint = jointBlocks * blockDepth
        let jointStart = feature / joint * joint
        var next = self
        let inputDimension = unsafe panels.inputDimension
        let end = feature + depth
        if end < min(jointStart + joint, inputDimension) {
            next.feature = end
        } else if unsafe unit + units < panels.endUnit {
            next.feature = jointStart
            next.unit += units
        } else {
            next.feature = end < inputDimension ? end : 0
            next.unit = unsafe panels.firstUnit
        }
        next.depth = min(blockDepth, inputDimension - next.feature)
        next.units = unsafe min(stepUnits, panels.endUnit - next.unit)
        return next
    }
}
