/// What a call of a model costs, by arithmetic on shapes. Sizes that overflow are the largest there are.
package struct SequentialCost: Sendable {
    /// Multiply-adds of the products.
    package private(set) var multiplyAdds = 0
    /// Floats that layers write.
    package private(set) var writtenElements = 0
    /// The floats of the two largest tensors that live together.
    package private(set) var largestPair = 0

    /// The cost of one input's call, layer by layer.
    ///
    /// - Throws: what a layer has against the shape that reaches it.
    init(_ layers: [Layer], input: Shape) throws(EngineError) {
        var shape = input
        for layer in layers {
            let output = try layer.outputShape(for: shape)
            var written = output.count
            if case .dense(let dense) = layer {
                // Before a glu halves them.
                written = Self.product(shape.rowCount, dense.units)
                multiplyAdds = Self.sum(multiplyAdds, Self.product(written, dense.inputDimension))
            }
            writtenElements = Self.sum(writtenElements, written)
            largestPair = max(largestPair, Self.sum(shape.count, written))
            shape = output
        }
    }

    /// The cost of one of so many items, when this is that of all.
    func divided(by items: Int) -> SequentialCost {
        var cost = self
        cost.multiplyAdds = multiplyAdds / items
        cost.writtenElements = writtenElements / items
        cost.largestPair = largestPair / items
        return cost
    }

    /// The cost of so many items, when this is that of one.
    func times(_ items: Int) -> SequentialCost {
        var cost = self
        cost.multiplyAdds = Self.product(multiplyAdds, items)
        cost.writtenElements = Self.product(writtenElements, items)
        cost.largestPair = Self.product(largestPair, items)
        return cost
    }

    /// A product that does not overflow.
    package static func product(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }

    /// A sum that does not overflow.
    package static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}

extension Sequential {
    /// What a call with an input of this shape costs, and the shape of what comes out.
    ///
    /// - Throws: what a layer has against the shape that reaches it, so that nothing is computed for it.
    package func cost(for shape: Shape) throws(EngineError) -> (cost: SequentialCost, output: Shape) {
        if let plan, plan.takes(shape) {
            return (plan.itemCost.times(plan.items(in: shape)), try plan.outputShape(for: shape))
        }
        var output = shape
        for layer in layers { output = try layer.outputShape(for: output) }
        return (try SequentialCost(layers, input: shape), output)
    }
}
