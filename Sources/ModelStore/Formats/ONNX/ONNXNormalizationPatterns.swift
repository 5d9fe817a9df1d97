internal import DenseEngine

/// Normalizations that exporters write out in means and roots.
extension ONNXChain {
    /// The normalization that a node ends, without its factors and terms; nil when it ends none.
    mutating func normalizationPattern(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard node.inputs.count == 2 else { return nil }
        switch node.operation {
        case "Div": return try centered(node.inputs[0], over: node.inputs[1])
        case "Mul":
            for (first, second) in [(0, 1), (1, 0)] {
                guard let (root, gamma) = try scaledRoot(node.inputs[second]) else { continue }
                var found = try centered(node.inputs[first], root)
                if found == nil { found = try rootMeanSquare(node.inputs[first], root) }
                guard var link = found else { continue }
                if let gamma { link.steps.append(.multiply(gamma)) }
                return link
            }
            return nil
        case "Add": return try expanded(node)
        default: return nil
        }
    }

    /// `mean(value) + epsilon`, of which a root is taken.
    private typealias Root = (value: String, axes: [Int], epsilon: Double)

    /// `(x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon)`
    private mutating func centered(_ value: String, over divisor: String) throws(ModelFileError) -> Link? {
        guard let sqrt = try node(of: divisor, "Sqrt"), let root = try root(sqrt.inputs[0]) else { return nil }
        return try centered(value, root)
    }

    private mutating func centered(_ value: String, _ root: Root) throws(ModelFileError) -> Link? {
        guard let difference = try difference(value), difference.axes == root.axes,
            try square(root.value) == resolved(value)
        else { return nil }
        return (normalization(.layer, root), difference.source)
    }

    /// `x * 1 / sqrt(mean(x^2) + epsilon)`
    private mutating func rootMeanSquare(_ value: String, _ root: Root) throws(ModelFileError) -> Link? {
        let source = try resolved(value)
        guard try square(root.value) == source else { return nil }
        return (normalization(.rootMeanSquare, root), source)
    }

    /// `x * f + -mean(x) * f` with `f = gamma / sqrt(mean((x - mean(x))^2) + epsilon)`, as Keras has it.
    private mutating func expanded(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        for (first, second) in [(0, 1), (1, 0)] {
            guard let product = try self.node(of: node.inputs[first], "Mul"), product.inputs.count == 2,
                let other = try self.node(of: node.inputs[second], "Mul", "Add", "Sub"), other.inputs.count == 2
            else { continue }
            // The term may come with a constant, the beta.
            var (term, beta): (ONNXNode?, Tensor?) = (other, nil)
            if other.operation == "Add", let (flow, constant, _) = try operands(other) {
                (term, beta) = (try self.node(of: flow, "Mul"), constant)
            } else if other.operation == "Sub", let constant = try tensor(other.inputs[0]) {
                // beta - mean(x) * f
                (term, beta) = (try self.node(of: other.inputs[1], "Mul"), constant)
            }
            guard let term, term.operation == "Mul", term.inputs.count == 2 else { continue }
            for (value, factor) in [(0, 1), (1, 0)] {
                guard let (root, gamma) = try scaledRoot(product.inputs[factor]) else { continue }
                let source = try resolved(product.inputs[value])
                guard let squared = try square(root.value), let difference = try difference(squared),
                    difference.source == source, difference.axes == root.axes,
                    try isMean(
                        term, times: resolved(product.inputs[factor]), of: source, isNegated: other.operation != "Sub")
                else { continue }
                var steps = normalization(.layer, root)
                if let gamma { steps.append(.multiply(gamma)) }
                if let beta { steps.append(.add(beta)) }
                return (steps, source)
            }
        }
        return nil
    }

    /// Whether a product is the mean of a value, or its opposite, times a factor.
    private func isMean(
        _ product: ONNXNode, times factor: String, of source: String, isNegated: Bool
    ) throws(ModelFileError) -> Bool {
        for (value, other) in [(0, 1), (1, 0)] where try resolved(product.inputs[other]) == factor {
            var mean = product.inputs[value]
            if isNegated {
                guard let negated = try node(of: mean, "Neg") else { return false }
                mean = negated.inputs[0]
            }
            guard let node = try node(of: mean, "ReduceMean") else { return false }
            return try resolved(node.inputs[0]) == source
        }
        return false
    }

    /// `gamma / sqrt(mean(value) + epsilon)`, or without a gamma.
    private mutating func scaledRoot(_ value: String) throws(ModelFileError) -> (Root, gamma: Tensor?)? {
        if let root = try inverseRoot(value) { return (root, nil) }
        guard let product = try node(of: value, "Mul"), let (flow, gamma, _) = try operands(product),
            let root = try inverseRoot(flow)
        else { return nil }
        return (root, gamma)
    }

    private mutating func inverseRoot(_ value: String) throws(ModelFileError) -> Root? {
        guard let reciprocal = try node(of: value, "Reciprocal"), let sqrt = try node(of: reciprocal.inputs[0], "Sqrt")
        else { return nil }
        return try root(sqrt.inputs[0])
    }

    private mutating func root(_ value: String) throws(ModelFileError) -> Root? {
        guard let sum = try node(of: value, "Add"), sum.inputs.count == 2 else { return nil }
        for (first, second) in [(0, 1), (1, 0)] {
            guard let epsilon = try number(sum.inputs[second]), epsilon.isFinite,
                let mean = try node(of: sum.inputs[first], "ReduceMean"), let axes = try meanAxes(mean)
            else { continue }
            return (mean.inputs[0], axes, epsilon)
        }
        return nil
    }

    /// `x - mean(x)`
    private func difference(_ value: String) throws(ModelFileError) -> (source: String, axes: [Int])? {
        guard let difference = try node(of: value, "Sub"), difference.inputs.count == 2,
            let mean = try node(of: difference.inputs[1], "ReduceMean"), let axes = try meanAxes(mean),
            try resolved(mean.inputs[0]) == resolved(difference.inputs[0])
        else { return nil }
        return (try resolved(difference.inputs[0]), axes)
    }

    /// The value that is squared.
    private mutating func square(_ value: String) throws(ModelFileError) -> String? {
        guard let node = try node(of: value, "Mul", "Pow"), node.inputs.count == 2 else { return nil }
        let source = try resolved(node.inputs[0])
        if node.operation == "Pow" { return try number(node.inputs[1]) == 2 ? source : nil }
        return try resolved(node.inputs[1]) == source ? source : nil
    }

    /// The axes, an attribute or an input by the version, of a mean that keeps them.
    private func meanAxes(_ node: ONNXNode) throws(ModelFileError) -> [Int]? {
        guard node.integer("keepdims") ?? 1 == 1 else { return nil }
        if let name = node.input(1) { return try constant(name)?.integers() }
        return node.integers("axes")
    }

    private func normalization(_ layerClass: AxisNormalization.Class, _ root: Root) -> [ONNXStep] {
        [.normalization(layerClass, axes: root.axes, epsilon: root.epsilon, weights: [:])]
    }
}
