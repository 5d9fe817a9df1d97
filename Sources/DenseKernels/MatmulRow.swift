internal import CVectors

/// Multiplies a single row by as many whole groups of four panels as there are. Each weight is read once, so that there is
/// nothing to lay out or to keep: the chains of a group are as many as hide the latency of a multiply-add.
///
/// - Returns: the first unit that is left.
func multiplyRow(_ input: UnsafePointer<Float>, _ panels: PackedPanels, _ output: PanelOutput) -> Int {
    let inputDimension = unsafe panels.inputDimension
    var unit = unsafe panels.firstUnit
    while unsafe unit + groupWidth <= panels.endUnit {
        var feature = 0
        repeat {
            let depth = min(blockDepth, inputDimension - feature)
            unsafe multiplyRowByFour(
                input + feature, panelWeights(panels, feature: feature, depth: depth, unit: unit), depth: depth,
                tileOutput(
                    output, row: 0, unit: unit, isFirst: feature == 0, isLast: feature + depth == inputDimension))
            feature += depth
        } while feature < inputDimension
        unit += groupWidth
    }
    return unit
}

@inline(__always) private var groupWidth: Int { 4 * panelWidth }

@inline(__always)
private func multiplyRowByFour(
    _ input: UnsafePointer<Float>, _ source: TileWeights, depth: Int, _ output: TileOutput
) {
    let (right, step, stride) = unsafe (source.right, source.step, source.stride)
    var weights = unsafe source.start
    // See `Accumulators` about zero.
    let zero = Vector(repeating: Float(bitPattern: opaque_zero()))
    var first: PanelSums = (zero, zero)
    var (second, third, fourth) = (first, first, first)
    for feature in 0..<depth {
        let value = unsafe Vector(repeating: input[feature])
        unsafe add(value, weights, right, to: &first)
        unsafe add(value, weights + stride, right, to: &second)
        unsafe add(value, weights + 2 &* stride, right, to: &third)
        unsafe add(value, weights + 3 &* stride, right, to: &fourth)
        unsafe weights += step
    }
    unsafe finish(first, output, unit: 0)
    unsafe finish(second, output, unit: panelWidth)
    unsafe finish(third, output, unit: 2 * panelWidth)
    unsafe finish(fourth, output, unit: 3 * panelWidth)
}

/// The chains of one panel's units.
private typealias PanelSums = (left: Vector, right: Vector)

@inline(__always)
private func add(_ value: Vector, _ weights: UnsafePointer<Float>, _ right: Int, to sums: inout PanelSums) {
    sums.left = sums.left.addingProduct(value, unsafe load(weights))
    sums.right = sums.right.addingProduct(value, unsafe load(weights + right))
}

@inline(__always)
private func finish(_ sums: PanelSums, _ output: TileOutput, unit: Int) {
    unsafe finish(sums.left, output, unit: unit)
    unsafe finish(sums.right, output, unit: unit + vectorWidth)
}

@inline(__always)
private func finish(_ sum: Vector, _ output: TileOutput, unit: Int) {
    let place = unsafe output.start + unit
    var sum = unsafe output.isFirst ? sum : load(place) + sum
    if let bias = unsafe output.bias { sum = unsafe sum + load(bias + unit) }
    unsafe store(output.clampsAtZero ? clampedAtZero(sum) : sum, place)
}
