internal import DenseKernelTable

/// One thing a plan does to a block of items, and where the result goes.
struct SequentialStep: Sendable {
    enum Work: Sendable {
        /// Before the first step that changes in place what may not be changed: the input.
        case copy
        /// A product, with what follows it on the same rows.
        case dense(PackedWeights, RowsActivation?)
        case activation(RowsActivation, columns: Int)
        case broadcast(BroadcastStep)
        case normalization(LineNormalization, AxisView)
        /// An activation along another axis than the last, or one whose output is smaller.
        case alongAxis(Activation, AxisView)
        /// Moves the first axis of an item, of this size, behind the others.
        case moveChannels(Int)
        /// Makes values of a type of 16 bits.
        case round(DType)
    }

    /// Where a step's result stands: where the values already are, in one of the arena's halves, or in the output.
    enum Place: Sendable {
        case same, first, second, output
    }

    var work: Work
    /// The elements before the step and after it.
    let inputCount: Int
    let outputCount: Int
    /// The rows of a product.
    let rows: Int
    var place = Place.same
    /// The layer of a product, by its place in the network.
    let layer: Int

    init(_ work: Work, inputCount: Int, outputCount: Int, rows: Int = 0, layer: Int = 0) {
        self.work = work
        self.inputCount = inputCount
        self.outputCount = outputCount
        self.rows = rows
        self.layer = layer
    }

    /// Whether the result takes the place of what it is made of.
    var isInPlace: Bool {
        switch work {
        case .activation, .broadcast, .normalization, .round: true
        case .copy, .dense, .alongAxis, .moveChannels: false
        }
    }

    /// What the step costs, in floating-point operations of a product that would take about as long.
    var operations: Double {
        switch work {
        case .dense(let kernel, let activation):
            2 * Double(inputCount) * Double(kernel.units) + (activation == nil ? 0 : 50 * Double(outputCount))
        case .activation, .alongAxis, .normalization: 50 * Double(inputCount)
        case .copy, .broadcast, .moveChannels, .round: 10 * Double(inputCount)
        }
    }

    /// The same for one item of so many.
    func divided(by items: Int) -> SequentialStep {
        var work = work
        switch work {
        case .alongAxis(let activation, let view): work = .alongAxis(activation, view.divided(by: items))
        case .normalization(let lines, let view): work = .normalization(lines, view.divided(by: items))
        case .copy, .dense, .activation, .broadcast, .moveChannels, .round: break
        }
        return SequentialStep(
            work, inputCount: inputCount / items, outputCount: outputCount / items, rows: rows / items,
            layer: layer)
    }

    /// Runs the step on `items` items.
    ///
    /// - Parameters:
    ///   - target: the same as `source` when the step is in place.
    ///   - threads: for a product; `nil` lets it choose.
    ///   - terms: of a product's rows.
    func run(
        _ items: Int, from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>,
        kernels: KernelTable, threads: Int?, terms: [AdaptedRows] = []
    ) {
        switch work {
        case .copy: unsafe target.update(from: source, count: items * inputCount)
        case .dense(let kernel, let activation):
            let rows = items * rows
            unsafe kernel.run(
                input: source, rows: rows, activation: activation, output: target, threads: threads, terms: terms)
        case .activation(let activation, let columns):
            guard columns > 0 else { return }
            unsafe kernels.apply(activation, to: target, rows: items * inputCount / columns, columns: columns)
        case .broadcast(let step):
            unsafe step.apply(to: UnsafeMutableBufferPointer(start: target, count: items * inputCount))
        case .round(let type): unsafe type.round(target, count: items * inputCount)
        case .normalization(let lines, let view):
            unsafe lines.apply(to: target, view.multiplied(by: items), kernels: kernels)
        case .alongAxis(let activation, let view):
            unsafe activation.apply(
                along: view.multiplied(by: items),
                from: UnsafeBufferPointer(start: source, count: items * inputCount),
                to: UnsafeMutableBufferPointer(start: target, count: items * outputCount))
        case .moveChannels(let channels):
            unsafe Flatten.moveChannels(channels, from: source, to: target, items: items, itemCount: inputCount)
        }
    }
}

extension AxisView {
    /// A view of known sizes.
    init(outer: Int, length: Int, inner: Int) {
        self.outer = outer
        self.length = length
        self.inner = inner
    }

    /// The same for one item of so many, and for so many of them.
    func divided(by items: Int) -> AxisView { AxisView(outer: outer / items, length: length, inner: inner) }
    func multiplied(by items: Int) -> AxisView { AxisView(outer: outer * items, length: length, inner: inner) }
}
