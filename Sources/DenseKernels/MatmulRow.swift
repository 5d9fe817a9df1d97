internal import CVectors

/// Multiplies a single row by as many whole groups of four panels as there are. Each weight is read once, so that there is
/// nothing to lay out or to keep: the chains of a group are as many as hide the latency of a multiply-add.
///
/// - Returns: the first unit that is left.
func multiplyRow(_ input: UnsafePointer<Float>, _ panels: PackedPanels, _ output: PanelOutput) -> Int {
    if unsafe panels.inputDimension >= blockDepth { return unsafe multiplyLongRow(input, panels, output) }
    return unsafe multiplyGroups(input, panels, output) { unsafe multiplyRowByFour($0, $1, depth: $2, $3) }
}

/// A row of at least one whole block. By itself, so that a short one has nothing to do with it.
@inline(never)
private func multiplyLongRow(
    _ input: UnsafePointer<Float>, _ panels: PackedPanels, _ output: PanelOutput
) -> Int {
    unsafe multiplyGroups(input, panels, output) { input, weights, depth, output in
        if depth == blockDepth, unsafe weights.step == panelWidth {
            unsafe multiplyRowByFour(input, weights, output)
        } else {
            unsafe multiplyRowByFour(input, weights, depth: depth, output)
        }
    }
}

/// Goes through groups of four panels, and through each group's blocks of features.
@inline(__always)
private func multiplyGroups(
    _ input: UnsafePointer<Float>, _ panels: PackedPanels, _ output: PanelOutput,
    _ multiply: (UnsafePointer<Float>, TileWeights, Int, TileOutput) -> Void
) -> Int {
    let inputDimension = unsafe panels.inputDimension
    var unit = unsafe panels.firstUnit
    while unsafe unit + groupWidth <= panels.endUnit {
        var feature = 0
        repeat {
            let depth = min(blockDepth, inputDimension - feature)
            unsafe multiply(
                input + feature, panelWeights(panels, feature: feature, depth: depth, unit: unit), depth,
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

/// A whole block, four features of a panel at a time: where panels are as far apart as here, so many cache lines in a row
/// come faster than single ones of four panels in turn (1 x 256 x 256: 1.41 µs and not 1.8, which it often was).
@inline(__always)
private func multiplyRowByFour(_ input: UnsafePointer<Float>, _ source: TileWeights, _ output: TileOutput) {
    let stride = unsafe source.stride
    var weights = unsafe source.start
    let zero = Vector(repeating: Float(bitPattern: opaque_zero()))
    var first: PanelSums = (zero, zero)
    var (second, third, fourth) = (first, first, first)
    for feature in Swift.stride(from: 0, to: blockDepth, by: 4) {
        unsafe addFour(input + feature, weights, to: &first)
        unsafe addFour(input + feature, weights + stride, to: &second)
        unsafe addFour(input + feature, weights + 2 &* stride, to: &third)
        unsafe addFour(input + feature, weights + 3 &* stride, to: &fourth)
        unsafe weights += 4 * panelWidth
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
private func addFour(_ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, to sums: inout PanelSums) {
    unsafe add(Vector(repeating: input[0]), weights, vectorWidth, to: &sums)
    unsafe add(Vector(repeating: input[1]), weights + panelWidth, vectorWidth, to: &sums)
    unsafe add(Vector(repeating: input[2]), weights + 2 * panelWidth, vectorWidth, to: &sums)
    unsafe add(Vector(repeating: input[3]), weights + 3 * panelWidth, vectorWidth, to: &sums)
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
