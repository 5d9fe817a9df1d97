internal import DenseEngine

/// What a call of a model will cost, by arithmetic on shapes. Sizes that overflow are the largest there are.
struct WorkEstimate {
    private(set) var multiplyAdds = 0
    /// Floats that layers write, the last one's included.
    private(set) var outputElements = 0
    /// The input, the two largest tensors that live together, and the output's text.
    private(set) var bytes = 0

    init(_ network: Sequential, input: Shape) {
        var elements = input.count
        var largestPair = 0
        for layer in network.layers {
            var outputs = elements
            if case .dense(let dense) = layer {
                outputs = Self.product(elements / max(dense.inputDimension, 1), dense.units)
                multiplyAdds = Self.sum(multiplyAdds, Self.product(outputs, dense.inputDimension))
            }
            outputElements = Self.sum(outputElements, outputs)
            largestPair = max(largestPair, Self.sum(elements, outputs))
            elements = outputs
        }
        let floats = Self.sum(input.count, largestPair)
        bytes = Self.sum(Self.product(floats, MemoryLayout<Float>.stride), Self.product(elements, 16))
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

extension Sequential {
    func estimate(for input: Shape) -> WorkEstimate { WorkEstimate(self, input: input) }
}
