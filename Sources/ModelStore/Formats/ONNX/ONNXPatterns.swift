internal import DenseEngine

/// Activations that exporters write out in simpler operations.
extension ONNXChain {
    /// The activation that a node ends, and the value it is applied to; nil when it ends none.
    mutating func pattern(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        switch node.operation {
        case "Mul", "Div":
            if let gated = try gatedProduct(node) { return gated }
            return try softsign(node)
        case "Sub": return try tanhShrink(node)
        case "Add":
            if let activation = try celu(node) { return activation }
            return try parametricReLU(node)
        case "Neg": return try negatedSoftplus(node)
        case "Log":
            guard let sigmoid = try self.node(of: node.input(0), "Sigmoid") else { return nil }
            return ([.activation(.logSigmoid)], sigmoid.inputs[0])
        case "Where": return try softplus(node)
        default: return nil
        }
    }

    /// A factor of a value and what is left of it.
    private typealias Scaled = (factor: Double, value: String)

    /// The value without the numbers it is multiplied with.
    private mutating func peeled(_ value: String) throws(ModelFileError) -> Scaled {
        var (factor, value) = (1.0, try resolved(value))
        for _ in 0..<6 {
            guard let node = try node(of: value, "Mul", "Div", "Neg") else { break }
            if node.operation == "Neg" {
                factor = -factor
                value = try resolved(node.inputs[0])
            } else if node.inputs.count == 2, let number = try number(node.inputs[1]) {
                factor = node.operation == "Mul" ? factor * number : factor / number
                value = try resolved(node.inputs[0])
            } else if node.inputs.count == 2, node.operation == "Mul", let number = try number(node.inputs[0]) {
                factor *= number
                value = try resolved(node.inputs[1])
            } else {
                break
            }
        }
        return (factor, value)
    }

    /// `value = factor * base + term`
    private mutating func line(_ value: String) throws(ModelFileError) -> (base: String, factor: Double, term: Double) {
        let outer = try peeled(value)
        guard let node = try node(of: outer.value, "Add", "Sub"), node.inputs.count == 2 else {
            return (outer.value, outer.factor, 0)
        }
        if let number = try number(node.inputs[1]) {
            let inner = try peeled(node.inputs[0])
            let term = node.operation == "Add" ? number : -number
            return (inner.value, outer.factor * inner.factor, outer.factor * term)
        }
        if node.operation == "Add", let number = try number(node.inputs[0]) {
            let inner = try peeled(node.inputs[1])
            return (inner.value, outer.factor * inner.factor, outer.factor * number)
        }
        return (outer.value, outer.factor, 0)
    }

    // MARK: x * gate(x)

    /// `c * x * gate(k * x)`: silu, mish, hard_silu, gelu and their like.
    private mutating func gatedProduct(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard let result = node.outputs.first else { return nil }
        let (scale, value) = try peeled(result)
        guard let product = try self.node(of: value, "Mul"), product.inputs.count == 2 else { return nil }
        let (left, right) = (try peeled(product.inputs[0]), try peeled(product.inputs[1]))
        for (gate, base) in [(left, right), (right, left)] {
            guard let (activation, factor, share) = try self.gate(gate.value, of: base.value) else { continue }
            // activation(k x) = share * k x * gate(k x)
            let outer = scale * gate.factor * base.factor / (factor * share)
            var steps: [ONNXStep] = []
            if !isNear(factor, 1) { steps.append(.multiply(try scalar(factor))) }
            steps.append(.activation(activation))
            if !isNear(outer, 1) { steps.append(.multiply(try scalar(outer))) }
            return (steps, base.value)
        }
        return nil
    }

    /// The activation `share * k x * gate(k x)` that a gate makes of `x`, and `k`.
    private mutating func gate(
        _ gate: String, of base: String
    ) throws(ModelFileError) -> (activation: Activation, factor: Double, share: Double)? {
        guard let node = try node(of: gate, "Sigmoid", "Tanh", "HardSigmoid", "Clip", "Min", "Max", "Add", "Erfc")
        else { return nil }
        switch node.operation {
        case "Sigmoid":
            guard let factor = try factor(node.inputs[0], of: base) else { return nil }
            return (.silu, factor, 1)
        case "Tanh":
            guard let softplus = try self.node(of: node.inputs[0], "Softplus"),
                let factor = try factor(softplus.inputs[0], of: base)
            else { return nil }
            return (.mish, factor, 1)
        case "HardSigmoid":
            guard isNear(node.float("alpha", default: 0.2), 1 / 6), node.float("beta", default: 0.5) == 0.5,
                let factor = try factor(node.inputs[0], of: base)
            else { return nil }
            return (.hardSiLU, factor, 1)
        case "Clip", "Min", "Max":
            // clip(k x + 3, 0, 6), a sixth of which is the gate.
            guard let (low, high, source) = try limits(of: node), low == 0, high == 6 else { return nil }
            let line = try line(source)
            guard line.base == base, line.term == 3 else { return nil }
            return (.hardSiLU, line.factor, 1.0 / 6)
        case "Erfc":
            // TensorFlow's exporter writes this one, which ONNX does not have: 1 - erf(-z).
            guard let factor = try factor(node.inputs[0], of: base) else { return nil }
            return (.gelu(approximate: false), -factor * 2.0.squareRoot(), 0.5)
        default: return try normalGate(node, of: base)
        }
    }

    /// `1 + erf(x / sqrt(2))`, and `1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))`, twice the gates of gelu.
    private mutating func normalGate(
        _ node: ONNXNode, of base: String
    ) throws(ModelFileError) -> (activation: Activation, factor: Double, share: Double)? {
        let place = try number(node.inputs[0]) == 1 ? 1 : 0
        guard node.inputs.count == 2, try number(node.inputs[1 - place]) == 1,
            let inner = try self.node(of: node.inputs[place], "Erf", "Tanh")
        else { return nil }
        if inner.operation == "Erf" {
            guard let factor = try factor(inner.inputs[0], of: base) else { return nil }
            return (.gelu(approximate: false), factor * 2.0.squareRoot(), 0.5)
        }
        guard let cubic = try cubic(inner.inputs[0], of: base), cubic.linear > 0 else { return nil }
        let factor = cubic.linear / (2 / Double.pi).squareRoot()
        guard abs(cubic.cube / (cubic.linear * 0.044715 * factor * factor) - 1) < 1e-5 else { return nil }
        return (.gelu(approximate: true), factor, 0.5)
    }

    private mutating func factor(_ value: String, of base: String) throws(ModelFileError) -> Double? {
        let (factor, value) = try peeled(value)
        return value == base && factor != 0 && factor.isFinite ? factor : nil
    }

    /// `linear * x + cube * x^3`
    private mutating func cubic(
        _ value: String, of base: String
    ) throws(ModelFileError) -> (linear: Double, cube: Double)? {
        let (outer, value) = try peeled(value)
        // c * (x + a * x^3)
        if let sum = try node(of: value, "Add"), sum.inputs.count == 2 {
            for (first, second) in [(0, 1), (1, 0)] {
                guard let linear = try factor(sum.inputs[first], of: base),
                    let cube = try power(sum.inputs[second], of: base), cube.exponent == 3
                else { continue }
                return (outer * linear, outer * cube.factor)
            }
        }
        // c * x * (1 + a * x^2)
        guard let product = try node(of: value, "Mul"), product.inputs.count == 2 else { return nil }
        for (first, second) in [(0, 1), (1, 0)] {
            guard let linear = try factor(product.inputs[first], of: base) else { continue }
            let (scale, inner) = try peeled(product.inputs[second])
            guard let sum = try node(of: inner, "Add"), sum.inputs.count == 2 else { continue }
            for (one, other) in [(0, 1), (1, 0)] {
                guard let number = try number(sum.inputs[one]), let square = try power(sum.inputs[other], of: base),
                    square.exponent == 2
                else { continue }
                return (outer * linear * scale * number, outer * linear * scale * square.factor)
            }
        }
        return nil
    }

    /// `factor * x^exponent`, by `Pow` or products.
    private mutating func power(
        _ value: String, of base: String, depth: Int = 0
    ) throws(ModelFileError) -> (factor: Double, exponent: Int)? {
        let (factor, value) = try peeled(value)
        if value == base { return (factor, 1) }
        guard depth < 3, let node = try node(of: value, "Pow", "Mul"), node.inputs.count == 2 else { return nil }
        if node.operation == "Pow" {
            guard let exponent = try number(node.inputs[1]), exponent == 2 || exponent == 3,
                let inner = try power(node.inputs[0], of: base, depth: depth + 1), inner.exponent == 1
            else { return nil }
            let raised = exponent == 2 ? inner.factor * inner.factor : inner.factor * inner.factor * inner.factor
            return (factor * raised, Int(exponent))
        }
        guard let left = try power(node.inputs[0], of: base, depth: depth + 1),
            let right = try power(node.inputs[1], of: base, depth: depth + 1)
        else { return nil }
        return (factor * left.factor * right.factor, left.exponent + right.exponent)
    }

    // MARK: Others

    /// `x / (1 + |x|)`
    private mutating func softsign(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard node.operation == "Div", node.inputs.count == 2, try number(node.inputs[1]) == nil else { return nil }
        let source = try resolved(node.inputs[0])
        let line = try line(node.inputs[1])
        guard line.factor == 1, line.term == 1, let magnitude = try self.node(of: line.base, "Abs"),
            try resolved(magnitude.inputs[0]) == source
        else { return nil }
        return ([.activation(.softsign)], source)
    }

    /// `x - tanh(x)`
    private func tanhShrink(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard node.inputs.count == 2, let tanh = try self.node(of: node.inputs[1], "Tanh"),
            try resolved(tanh.inputs[0]) == resolved(node.inputs[0])
        else { return nil }
        return ([.activation(.tanhShrink)], node.inputs[0])
    }

    /// `-softplus(-x)`
    private func negatedSoftplus(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard let softplus = try self.node(of: node.inputs[0], "Softplus"),
            let negated = try self.node(of: softplus.inputs[0], "Neg")
        else { return nil }
        return ([.activation(.logSigmoid)], negated.inputs[0])
    }

    /// `max(x, 0) + expm1(min(x, 0))`, by TensorFlow's exporter, which ONNX has no `Expm1` for.
    private mutating func celu(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard node.inputs.count == 2 else { return nil }
        for (first, second) in [(0, 1), (1, 0)] {
            guard let upper = try self.node(of: node.inputs[first], "Max", "Relu"),
                let exponential = try self.node(of: node.inputs[second], "Expm1"),
                let lower = try self.node(of: exponential.inputs[0], "Min"),
                let (low, _, source) = try limits(of: upper), low == 0, let (_, high, other) = try limits(of: lower),
                high == 0, try resolved(source) == resolved(other)
            else { continue }
            return ([.activation(.celu(alpha: 1))], source)
        }
        return nil
    }

    /// `relu(x) + slope * relu(-x)`, as Keras writes PReLU, with the negated slope.
    private mutating func parametricReLU(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard node.inputs.count == 2 else { return nil }
        for (first, second) in [(0, 1), (1, 0)] {
            guard let upper = try self.node(of: node.inputs[first], "Relu"),
                let product = try self.node(of: node.inputs[second], "Mul"),
                let (flow, slopes, _) = try operands(product), let lower = try self.node(of: flow, "Relu"),
                let negated = try self.node(of: lower.inputs[0], "Neg"),
                try resolved(upper.inputs[0]) == resolved(negated.inputs[0])
            else { continue }
            return ([.parametricReLU(try slopes.multiplied(by: -1))], upper.inputs[0])
        }
        return nil
    }

    /// `where(x > threshold, x, softplus(x))`, by PyTorch's exporter: the same for thresholds of 20.
    private mutating func softplus(_ node: ONNXNode) throws(ModelFileError) -> Link? {
        guard node.inputs.count == 3, let softplus = try self.node(of: node.inputs[2], "Softplus"),
            let greater = try self.node(of: node.inputs[0], "Greater"), greater.inputs.count == 2,
            let threshold = try number(greater.inputs[1]), threshold >= 20
        else { return nil }
        let source = try resolved(softplus.inputs[0])
        guard try resolved(node.inputs[1]) == source, try resolved(greater.inputs[0]) == source else { return nil }
        return ([.activation(.softplus)], source)
    }
}
