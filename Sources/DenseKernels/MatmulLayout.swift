// How the weights of a product lie in memory: see `MatmulKernels.panelWidth`.

func packPanels(
    _ kernel: UnsafePointer<Float>, _ inputDimension: Int, _ units: Int, _ packed: UnsafeMutablePointer<Float>
) {
    // Few enough features at a time that their rows stay in cache and their pages in the translation buffer.
    var start = 0
    while start < inputDimension {
        let end = min(start + 64, inputDimension)
        let block = start / blockDepth &* blockDepth
        let depth = min(blockDepth, inputDimension - block)
        let lie = halves(inputDimension: inputDimension, width: packedWidth(units), depth: depth)
        let packedBlock = unsafe packed + block &* packedWidth(units)
        var firstUnit = 0
        while firstUnit < units {
            let width = min(panelWidth, units - firstUnit)
            for feature in start..<end {
                let source = unsafe kernel + feature &* units + firstUnit
                let left = unsafe packedBlock + firstUnit &* depth + (feature &- block) &* lie.step
                let right = unsafe left + lie.right
                if width == panelWidth {
                    unsafe store(load(source), left)
                    unsafe store(load(source + vectorWidth), right)
                } else {
                    for unit in 0..<vectorWidth {
                        unsafe left[unit] = unit < width ? source[unit] : 0
                        unsafe right[unit] = vectorWidth + unit < width ? source[vectorWidth + unit] : 0
                    }
                }
            }
            firstUnit += panelWidth
        }
        start = end
    }
}

/// The units of a kernel with those that fill up its last panel.
@inline(__always)
func packedWidth(_ units: Int) -> Int { (units + panelWidth - 1) / panelWidth * panelWidth }

/// Some neighbouring panels of a packed kernel. `width` is all the kernel's units and those that fill up its last panel.
typealias PackedPanels = (
    start: UnsafePointer<Float>, inputDimension: Int, width: Int, firstUnit: Int, endUnit: Int
)

/// The weights of a unit that begins a panel, for a block of features.
@inline(__always)
func panelWeights(_ panels: PackedPanels, feature: Int, depth: Int, unit: Int) -> TileWeights {
    let lie = unsafe halves(inputDimension: panels.inputDimension, width: panels.width, depth: depth)
    return unsafe TileWeights(
        start: panels.start + feature &* panels.width + unit &* depth, right: lie.right, step: lie.step,
        stride: depth &* panelWidth)
}

/// Where the weights of a panel's right half lie, seen from those of its left half, and those of the next feature.
///
/// Side by side they are the fewest streams of memory. But where vectors are whole cache lines, weights few and features a
/// multiple of 64, each half has all its features in a row: then more lines of one set of the first-level cache are wanted
/// at a time, and that is how it keeps most of what is a little too large for it (1 x 128 x 128: 0.23 µs instead of 0.28).
@inline(__always)
func halves(inputDimension: Int, width: Int, depth: Int) -> (right: Int, step: Int) {
    #if KERNELS_AVX512
    if inputDimension &* width <= nearestWeights, inputDimension % 64 == 0 {
        return (depth &* vectorWidth, vectorWidth)
    }
    #endif
    return (vectorWidth, panelWidth)
}

/// So many weights, 96 KiB, are no more than twice a usual first-level cache.
private var nearestWeights: Int { 24 << 10 }
