internal import CVectors
internal import Glibc

func packPanels(
    _ kernel: UnsafePointer<Float>, _ inputDimension: Int, _ units: Int, _ packed: UnsafeMutablePointer<Float>
) {
    // Few enough features at a time that their rows stay in cache and their pages in the translation buffer.
    var start = 0
    while start < inputDimension {
        let end = min(start + 64, inputDimension)
        let block = start / blockDepth &* blockDepth
        let depth = min(blockDepth, inputDimension - block)
        let packedBlock = unsafe packed + block &* packedWidth(units)
        var firstUnit = 0
        while firstUnit < units {
            let width = min(panelWidth, units - firstUnit)
            for feature in start..<end {
                let source = unsafe kernel + feature &* units + firstUnit
                let target = unsafe packedBlock + firstUnit &* depth + (feature &- block) &* panelWidth
                if width == panelWidth {
                    unsafe store(load(source), target)
                    unsafe store(load(source + vectorWidth), target + vectorWidth)
                } else {
                    for unit in 0..<panelWidth { unsafe target[unit] = unit < width ? source[unit] : 0 }
                }
            }
            firstUnit += panelWidth
        }
        start = end
    }
}

/// The units of a kernel with those that fill up its last panel.
@inline(__always)
private func packedWidth(_ units: Int) -> Int { (units + panelWidth - 1) / panelWidth * panelWidth }

/// Where the rows of a tile's input begin in the scratch memory.
@inline(__always)
private var scratchInputStart: Int { (maximumTileRows + 1) * vectorWidth }

/// Each thread's memory for half a tile of output, its bias and the rows of a tile's input; freed when the thread
/// ends. (Zeroing as much on the stack would take longer than a small product.)
private let scratchKey: pthread_key_t = {
    var key = pthread_key_t()
    let status = unsafe pthread_key_create(&key) { memory in unsafe free(memory) }
    precondition(status == 0, "a process has keys enough for one more")
    return key
}()

private func threadScratch() -> UnsafeMutablePointer<Float> {
    if let memory = unsafe pthread_getspecific(scratchKey) { return unsafe memory.assumingMemoryBound(to: Float.self) }
    let count = scratchInputStart + maximumTileRows * tileInputStride
    var memory: UnsafeMutableRawPointer?
    let status = unsafe posix_memalign(&memory, 64, count * MemoryLayout<Float>.stride)
    guard status == 0, let memory = unsafe memory else { preconditionFailure("no memory for a thread's scratch") }
    unsafe pthread_setspecific(scratchKey, memory)
    return unsafe memory.bindMemory(to: Float.self, capacity: count)
}

/// Goes over groups of panels, in each over the blocks of features, in each over tiles of rows: the weights of a group
/// and block stay in the second-level cache while all rows pass by. They lie in one piece, because pieces at distances
/// of a power of two would compete for the same sets of that cache.
func multiplyPanels(
    _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>,
    _ kernelUnits: Int, _ firstUnit: Int, _ units: Int, _ bias: UnsafePointer<Float>?, _ clampsAtZero: Bool,
    _ output: UnsafeMutablePointer<Float>
) {
    let endUnit = firstUnit + units
    let packedUnits = packedWidth(kernelUnits)
    let scratch = unsafe threadScratch()
    // A single row streams the weights, each once, in long runs.
    let groupWidth = rows == 1 ? 4 * panelWidth : 512

    // Tiles of nearly equal height: 32 rows are 11 + 11 + 10, not 14 + 14 + 4.
    let tiles = (rows + maximumTileRows - 1) / maximumTileRows
    let tileRows = rows / tiles
    let higherTiles = rows % tiles

    var unit = firstUnit
    while unit < endUnit {
        let group = min(groupWidth, endUnit - unit)
        var start = 0
        repeat {
            let depth = min(blockDepth, inputDimension - start)
            let isLast = start + depth == inputDimension
            var row = 0
            for tile in 0..<tiles {
                let height = tile < higherTiles ? tileRows + 1 : tileRows
                var source = unsafe input + row &* inputDimension + start
                if rows > 1 {
                    let target = unsafe scratch + scratchInputStart
                    unsafe copyRows(source, inputDimension, rows: height, count: depth, to: target)
                    unsafe source = UnsafePointer(target)
                    if tile &+ 1 < tiles {
                        unsafe prefetchRows(
                            input + (row &+ height) &* inputDimension + start, inputDimension, rows: height,
                            count: depth)
                    }
                }
                unsafe multiplyGroup(
                    rows: height, source, packed + start &* packedUnits + unit &* depth,
                    panelStride: depth &* panelWidth, units: group, depth: depth, isFirst: start == 0,
                    bias: isLast ? bias.map { unsafe $0 + unit } : nil, clampsAtZero: isLast && clampsAtZero,
                    output + row &* kernelUnits + unit, outputStride: kernelUnits, scratch: scratch)
                row += height
            }
            start += depth
        } while start < inputDimension
        unit += group
    }
}

/// One tile of rows by all panels of a group.
@inline(__always)
private func multiplyGroup(
    rows: Int, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, panelStride: Int, units: Int,
    depth: Int, isFirst: Bool, bias: UnsafePointer<Float>?, clampsAtZero: Bool,
    _ output: UnsafeMutablePointer<Float>, outputStride: Int,
    scratch tile: UnsafeMutablePointer<Float>
) {
    let wholePanels = units / panelWidth
    unsafe multiplyTile(
        rows: rows, input, weights, panelStride: panelStride, panels: wholePanels, depth: depth, isFirst: isFirst,
        bias: bias, clampsAtZero: clampsAtZero, output, outputStride: outputStride)
    // What is left of a panel is computed by halves.
    var unit = wholePanels &* panelWidth
    while unit < units {
        let weights = unsafe weights + wholePanels &* panelStride + unit % panelWidth
        let width = min(vectorWidth, units - unit)
        let unitBias = unsafe bias.map { unsafe $0 + unit }
        if width == vectorWidth {
            unsafe multiplyHalfTile(
                rows: rows, input, weights, depth: depth, isFirst: isFirst, bias: unitBias, clampsAtZero: clampsAtZero,
                output + unit, outputStride: outputStride)
        } else {
            unsafe multiplyRest(
                rows: rows, width: width, input, weights, depth: depth, isFirst: isFirst, bias: unitBias,
                clampsAtZero: clampsAtZero, output + unit, outputStride: outputStride, scratch: tile)
        }
        unit += width
    }
}

/// The last units, fewer than a vector has lanes: their tile is computed beside the output.
@inline(__always)
private func multiplyRest(
    rows: Int, width: Int, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, depth: Int, isFirst: Bool,
    bias: UnsafePointer<Float>?, clampsAtZero: Bool, _ output: UnsafeMutablePointer<Float>, outputStride: Int,
    scratch tile: UnsafeMutablePointer<Float>
) {
    if !isFirst { unsafe copyUnits(from: output, outputStride, to: tile, vectorWidth, rows: rows, width: width) }
    var tileBias: UnsafePointer<Float>?
    if let bias = unsafe bias {
        let target = unsafe tile + maximumTileRows &* vectorWidth
        unsafe copyUnits(from: bias, 0, to: target, 0, rows: 1, width: width)
        unsafe tileBias = UnsafePointer(target)
    }
    unsafe multiplyHalfTile(
        rows: rows, input, weights, depth: depth, isFirst: isFirst, bias: tileBias, clampsAtZero: clampsAtZero, tile,
        outputStride: vectorWidth)
    unsafe copyUnits(from: tile, vectorWidth, to: output, outputStride, rows: rows, width: width)
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

@inline(__always)
private func copyRows(
    _ source: UnsafePointer<Float>, _ sourceStride: Int, rows: Int, count: Int, to target: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        let from = unsafe source + row &* sourceStride
        let to = unsafe target + row &* tileInputStride
        var index = 0
        while index + vectorWidth <= count {
            unsafe store(load(from + index), to + index)
            index += vectorWidth
        }
        while index < count {
            unsafe to[index] = from[index]
            index += 1
        }
    }
}

/// Asks for the input of the next tile, rows of which are too short for the machine to foresee.
@inline(__always)
private func prefetchRows(_ source: UnsafePointer<Float>, _ stride: Int, rows: Int, count: Int) {
    for row in 0..<rows {
        var index = 0
        while index < count {
            unsafe prefetch_line(source + row &* stride + index)
            index += 16
        }
    }
}
