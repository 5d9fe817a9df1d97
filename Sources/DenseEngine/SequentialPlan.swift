internal import DenseKernelTable

/// How a stack of layers runs on inputs of one kind of shape, found before anything is computed.
///
/// The input is seen as a line of items, each of which goes through all layers by itself: a row of the last axis where no
/// layer asks for more, else a position of axis 0. So any number of items can be carried through all layers together, as
/// many as stay in cache. Reshape, flatten, dropout and input layers are no steps and cost nothing.
///
/// A class, so that a call keeps one object alive and not all that the layers hold.
final class SequentialPlan: Sendable {
    let steps: [SequentialStep]
    /// The elements of one item, going in and coming out.
    let inputCount: Int
    let outputCount: Int
    /// The elements of one item in the arena's halves.
    let firstCount: Int
    let secondCount: Int
    /// The rows of one item in the product that has the fewest; 0 without products.
    let productRows: Int
    /// The cost of one item; see `SequentialStep.operations`.
    let operations: Double
    /// What one item costs, as it is told to those who plan for it.
    let itemCost: SequentialCost
    /// So many items in a block that what lies between two layers stays in the second-level cache.
    let blockItems: Int
    /// The most items that the arena has room for.
    let mostItems: Int
    let kernels: KernelTable
    /// The most elements that one item has after a product, which is bounded.
    private let largestProduct: Int
    private let isRowwise: Bool
    /// Whether an input may have other axes before its last than `inputShape`.
    private let isRankFree: Bool
    private let inputShape: Shape
    private let outputShape: Shape
    let outputType: DType

    /// The plan for an input.
    ///
    /// - Returns: `nil` when there are no independent items, or none at all, or one alone is too large for the arena.
    /// - Throws: what a layer has against the shape that reaches it.
    static func plan(
        for shape: Shape, through layers: [Layer], kernels: KernelTable
    ) throws(EngineError) -> SequentialPlan? {
        // Doubles have no place in an arena of floats.
        guard layers.allSatisfy({ $0.type != .float64 }) else { return nil }
        var builder = SequentialPlanBuilder(shape)
        for layer in layers { try builder.add(layer) }
        guard let items = builder.items, items > 0 else { return nil }
        let plan = SequentialPlan(
            builder, input: shape, items: items, cost: try SequentialCost(layers, input: shape), kernels: kernels)
        return plan.mostItems > 0 ? plan : nil
    }

    /// The plan for the inputs a model was built for; `nil` when it was not built for any shape in particular, or there
    /// can be no such plan.
    static func plan(
        forModel inputShape: [Int?]?, through layers: [Layer], kernels: KernelTable
    ) -> SequentialPlan? {
        guard let inputShape, inputShape.count >= 2 else { return nil }
        let axes = inputShape.dropFirst().compactMap(\.self)
        guard axes.count == inputShape.count - 1, let shape = try? Shape([1] + axes) else { return nil }
        return try? plan(for: shape, through: layers, kernels: kernels)
    }

    private init(
        _ builder: SequentialPlanBuilder, input: Shape, items: Int, cost: SequentialCost, kernels: KernelTable
    ) {
        itemCost = cost.divided(by: items)
        let steps = builder.steps(items: items)
        self.steps = steps
        self.kernels = kernels
        inputCount = input.count / items
        outputCount = builder.shape.count / items
        firstCount = steps.filter { $0.place == .first }.map(\.outputCount).max() ?? 0
        secondCount = steps.filter { $0.place == .second }.map(\.outputCount).max() ?? 0
        productRows = steps.map(\.rows).filter { $0 > 0 }.min() ?? 0
        operations = steps.reduce(0) { $0 + $1.operations }
        largestProduct = steps.filter { $0.rows > 0 }.map(\.outputCount).max() ?? 0
        mostItems = SequentialBlocks.mostItems(firstCount, secondCount)
        blockItems = SequentialBlocks.bestItems(for: steps, productRows: productRows, most: mostItems)
        isRowwise = builder.isRowwise
        isRankFree = builder.isRankFree
        inputShape = input
        outputShape = builder.shape
        outputType = builder.type ?? .float32
    }

    /// Whether an input of another shape runs by this plan too, without an objection from any layer.
    func takes(_ shape: Shape) -> Bool {
        guard shape.rank >= 2 else { return false }
        if isRankFree {
            guard shape.lastAxis == inputShape.lastAxis else { return false }
        } else {
            guard shape.dimensions.dropFirst() == inputShape.dimensions.dropFirst() else { return false }
        }
        let (elements, overflow) = items(in: shape).multipliedReportingOverflow(by: largestProduct)
        return !overflow && elements <= Dense.maximumElements
    }

    /// The number of items in an input that the plan takes.
    func items(in shape: Shape) -> Int { isRowwise ? shape.rowCount : shape.dimensions[0] }

    /// The output's shape for an input that the plan takes.
    ///
    /// - Throws: `EngineError.invalidShape` where sizes next to an empty axis overflow.
    func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        if shape == inputShape { return outputShape }
        if isRowwise { return try shape.replacingLastAxis(with: outputShape.lastAxis) }
        return try Shape([shape.dimensions[0]] + outputShape.dimensions.dropFirst())
    }
}
