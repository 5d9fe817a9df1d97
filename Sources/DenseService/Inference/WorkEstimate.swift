internal import DenseEngine

/// What a call of a model will cost, by arithmetic on shapes. Sizes that overflow are the largest there are.
struct WorkEstimate {
    let multiplyAdds: Int
    /// Floats that layers write, and those of the logits.
    let outputElements: Int
    /// The input, the two largest tensors that live together, the logits, and the answer's body.
    let bytes: Int

    /// - Parameter answerBytes: about the most bytes that a tensor takes in the answer, by its shape.
    /// - Throws: what a layer has against the shape that reaches it, so that nothing is computed for it.
    init(
        _ network: Sequential, adapter: Adapter? = nil, input: Shape, returnsLogits: Bool, answerBytes: (Shape) -> Int
    ) throws(EngineError) {
        let (cost, output) = try network.cost(for: input)
        var elements = cost.writtenElements
        var floats = SequentialCost.sum(input.count, cost.largestPair)
        var text = answerBytes(output)
        if returnsLogits {
            // Of the activations only glu changes a shape: it halves an axis.
            let logits = SequentialCost.product(output.count, 2)
            elements = SequentialCost.sum(elements, logits)
            floats = SequentialCost.sum(floats, logits)
            text = SequentialCost.product(text, 3)
        }
        let added = try adapter?.multiplyAdds(of: network, for: input) ?? 0
        multiplyAdds = SequentialCost.sum(cost.multiplyAdds, added)
        outputElements = elements
        bytes = SequentialCost.sum(SequentialCost.product(floats, network.bytesPerElement), text)
    }
}
