/// Finds the steps of a plan, layer by layer, for an input's shape.
struct SequentialPlanBuilder {
    /// What reaches the next layer; in the end the output.
    private(set) var shape: Shape
    /// Whether every layer so far works on each row of the last axis by itself, in an input of this rank.
    private(set) var isRowwise = true
    /// Whether it does so in an input of any rank that has this last axis.
    private(set) var isRankFree = true
    private let input: Shape
    private var isBatchIndependent = true
    /// The layers that were added.
    private var layerCount = 0
    /// What the layer that is being added computes in, and in the end the output's type. Before the first layer there is
    /// none: an input may be of any.
    private(set) var type: DType?
    /// Counting the elements of whole tensors.
    private var steps: [SequentialStep] = []

    init(_ shape: Shape) {
        self.shape = shape
        self.input = shape
        if shape.rank == 0 { stayRowwise(false, atAnyRank: false, independent: false) }
    }

    /// - Throws: what the layer has against the shape that reaches it.
    mutating func add(_ layer: Layer) throws(EngineError) {
        let output = try layer.outputShape(for: shape)
        if layer.type.isHalf, type != layer.type { append(.round(layer.type), from: shape, to: shape) }
        type = layer.type
        switch layer {
        case .dense(let dense): try add(dense, output)
        case .activation(let layer): try add(layer.computedActivation, from: shape, to: output)
        case .rescaling(let layer):
            for step in try layer.steps(for: shape) { append(.broadcast(step), from: shape, to: shape) }
            let isRowwise = layer.scale.shape.rank <= 1 && layer.offset.shape.rank <= 1
            stayRowwise(isRowwise, atAnyRank: isRowwise)
        case .normalization(let layer):
            for step in try layer.steps(for: shape) { append(.broadcast(step), from: shape, to: shape) }
            let (axes, rank) = (layer.configuration.axes, shape.rank)
            stayRowwise(axes.allSatisfy { $0 == -1 || $0 == rank - 1 }, atAnyRank: axes.allSatisfy { $0 == -1 })
        case .batchNormalization(let layer):
            for step in try layer.steps(for: shape) { append(.broadcast(step), from: shape, to: shape) }
            appendRounding(of: shape)
            let axis = layer.configuration.axis
            stayRowwise(axis == -1 || axis == shape.rank - 1, atAnyRank: axis == -1)
        case .axisNormalization(let layer):
            let (lines, view) = try layer.step(for: shape)
            append(.normalization(lines, view), from: shape, to: shape)
            appendRounding(of: shape)
            let axes = layer.configuration.axes
            stayRowwise(axes == [-1] || axes == [shape.rank - 1], atAnyRank: axes == [-1])
        case .parametricReLU(let layer):
            append(.broadcast(try layer.step(for: shape)), from: shape, to: shape)
            appendRounding(of: shape)
            let isRowwise = layer.alpha.shape.dimensions.dropLast().allSatisfy { $0 == 1 }
            stayRowwise(isRowwise, atAnyRank: false)
        case .flatten(let layer):
            if let channels = layer.movedChannels(of: shape) {
                append(.moveChannels(channels), from: shape, to: output)
            }
            stayRowwise(output == shape, atAnyRank: false)
        case .reshape, .inputLayer: stayRowwise(output == shape, atAnyRank: false)
        case .dropout: break
        }
        isBatchIndependent = isBatchIndependent && layer.isBatchIndependent(rank: shape.rank)
        shape = output
        layerCount += 1
    }

    private mutating func add(_ layer: Dense, _ output: Shape) throws(EngineError) {
        let product = try shape.replacingLastAxis(with: layer.units)
        steps.append(
            SequentialStep(
                .dense(layer.packed, nil), inputCount: shape.count, outputCount: product.count,
                rows: shape.rowCount, layer: layerCount))
        try add(layer.computedActivation, from: product, to: output)
    }

    private mutating func add(_ activation: Activation, from: Shape, to output: Shape) throws(EngineError) {
        guard activation != .linear else { return }
        if let onRows = activation.onRows(rank: from.rank) {
            append(.activation(onRows, columns: from.lastAxis), from: from, to: output)
        } else if let view = try activation.axis(in: from) {
            append(.alongAxis(activation, view), from: from, to: output)
        }
        // A product rounds what follows it on the same rows itself.
        if case .dense? = steps.last?.work {} else { appendRounding(of: output) }
        stayRowwise(activation.isAlongRows(rank: from.rank), atAnyRank: activation.isAlongRows(rank: nil))
    }

    private mutating func append(_ work: SequentialStep.Work, from: Shape, to output: Shape) {
        // What follows a product on the same rows is done with it.
        if case .activation(let activation, let columns) = work, let last = steps.indices.last,
            case .dense(let kernel, nil) = steps[last].work, columns == kernel.units || activation.isElementwise,
            kernel.type == type
        {
            steps[last].work = .dense(kernel, activation)
        } else {
            steps.append(SequentialStep(work, inputCount: from.count, outputCount: output.count))
        }
    }

    /// What is computed in float32 and given in 16 bits is rounded at its end.
    private mutating func appendRounding(of shape: Shape) {
        if let type, type.isHalf { append(.round(type), from: shape, to: shape) }
    }

    private mutating func stayRowwise(_ isRowwise: Bool, atAnyRank: Bool, independent: Bool = true) {
        self.isRowwise = self.isRowwise && isRowwise
        self.isRankFree = isRankFree && atAnyRank
        isBatchIndependent = isBatchIndependent && independent
    }
}

extension SequentialPlanBuilder {
    /// The number of items in the input; `nil` when it is not made of independent ones.
    var items: Int? {
        if isRowwise { return input.rowCount }
        return isBatchIndependent ? input.dimensions[0] : nil
    }

    /// The steps, counting the elements of one item, with the places of their results.
    ///
    /// - Parameter items: more than none.
    func steps(items: Int) -> [SequentialStep] {
        var steps = steps.map { $0.divided(by: items) }
        if let first = steps.first, first.isInPlace {
            steps.insert(SequentialStep(.copy, inputCount: first.inputCount, outputCount: first.inputCount), at: 0)
        }
        let moving = steps.indices.filter { !steps[$0].isInPlace }
        for (number, index) in moving.enumerated() {
            steps[index].place =
                number == moving.count - 1 ? .output : number.isMultiple(of: 2) ? .first : .second
        }
        return steps
    }
}

extension RowsActivation {
    fileprivate var isElementwise: Bool {
        if case .elementwise = self { true } else { false }
    }
}
