internal import DenseEngine

/// What a call of a model will cost, by arithmetic on shapes. Sizes that overflow are the largest there are.
struct WorkEstimate {
    private(set) var multiplyAdds = 0
    /// Floats that layers write, and those of the logits.
    private(set) var outputElements = 0
    /// The input, the two largest tensors that live together, the logits, and the answer's body.
    private(set) var bytes = 0

    /// - Parameter answerBytes: about the most bytes that a tensor takes in the answer, by its shape.
    /// - Throws: what a layer has against the shape that reaches it, so that nothing is computed for it.
    init(
        _ network: Sequential, input: Shape, returnsLogits: Bool, answerBytes: (Shape) -> Int
    ) throws(EngineError) {
        var shape = input
        var largestPair = 0
        for layer in network.layers {
            let output = try layer.outputShape(for: shape)
            var written = output.count
            if case .dense(let dense) = layer {
                // Before a glu halves them.
                written = Self.product(shape.rowCount, dense.units)
                multiplyAdds = Self.sum(multiplyAdds, Self.product(written, dense.inputDimension))
            }
            outputElements = Self.sum(outputElements, written)
            largestPair = max(largestPair, Self.sum(shape.count, written))
            shape = output
        }
        var floats = Self.sum(input.count, largestPair)
        var text = answerBytes(shape)
        if returnsLogits {
            // Of the activations only glu changes a shape: it halves an axis.
            let logits = Self.product(shape.count, 2)
            outputElements = Self.sum(outputElements, logits)
            floats = Self.sum(floats, logits)
            text = Self.product(text, 3)
        }
        bytes = Self.sum(Self.product(floats, MemoryLayout<Float>.stride), text)
    }

    private static func product(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
