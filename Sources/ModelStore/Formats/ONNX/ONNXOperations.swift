internal import DenseEngine

extension ONNXChain {
    /// The operations that can be layers, by themselves or among others.
    static let operations = [
        "Add", "BatchNormalization", "Cast", "Celu", "Clip", "Constant", "Div", "Dropout", "Elu", "Erf", "Exp",
        "Flatten",
        "Gelu", "Gemm", "HardSigmoid", "HardSwish", "Identity", "LayerNormalization", "LeakyRelu", "LogSoftmax",
        "MatMul",
        "Max", "Min", "Mish", "Mul", "Neg", "PRelu", "RMSNormalization", "Relu", "Reshape", "Selu", "Shrink", "Sigmoid",
        "Softmax", "Softplus", "Softsign", "Sub", "Swish", "Tanh", "ThresholdedRelu", "Transpose of a constant",
    ]

    /// What a node does to the value it is made of; for the last of some nodes that are one activation, what all do.
    ///
    /// - Throws: `unsupported`, naming the node.
    mutating func link(_ node: ONNXNode) throws(ModelFileError) -> Link {
        guard ONNXNode.ownDomains.contains(node.domain) else {
            throw unsupported(node, "Expected operations of ONNX's own domain.")
        }
        guard let first = node.input(0) else { throw unsupported(node, "It has no input.") }
        if let activation = elementwise(node) { return ([.activation(activation)], first) }
        if let pattern = try pattern(node) { return pattern }
        if let pattern = try normalizationPattern(node) { return pattern }
        switch node.operation {
        case "MatMul": return try matmul(node)
        case "Gemm": return try gemm(node)
        case "Add", "Sub", "Mul", "Div": return try arithmetic(node)
        case "Neg": return ([.multiply(try scalar(-1))], first)
        case "PRelu":
            guard let slope = try tensor(node.input(1)) else { throw unsupported(node, "Its slopes are no constant.") }
            return ([.parametricReLU(slope)], first)
        case "Softmax", "LogSoftmax": return ([softmax(node)], first)
        case "Selu", "HardSigmoid", "Shrink", "Clip", "Max", "Min": return try limited(node)
        case "BatchNormalization": return try batchNormalization(node)
        case "LayerNormalization", "RMSNormalization": return try normalization(node)
        case "Flatten":
            guard node.integer("axis") ?? 1 == 1 else { throw unsupported(node, "Expected the axis 1.") }
            return ([.flatten], first)
        case "Reshape": return try reshape(node)
        default:
            throw unsupported(
                node, "Expected operations among \(Self.operations.joined(separator: ", ")), and what is made of them.")
        }
    }

    func scalar(_ number: Double) throws(ModelFileError) -> Tensor {
        do throws(EngineError) { return try Tensor([], [Float(number)]) } catch {
            throw .damaged(.onnx, message: error.description)
        }
    }

    // MARK: Activations

    /// An operation that is an activation whatever its arguments.
    private func elementwise(_ node: ONNXNode) -> Activation? {
        switch node.operation {
        case "Relu": .relu
        case "LeakyRelu": .leakyReLU(negativeSlope: node.float("alpha", default: 0.01))
        case "Elu": .elu(alpha: node.float("alpha", default: 1))
        case "Celu": .celu(alpha: node.float("alpha", default: 1))
        case "Gelu": .gelu(approximate: node.text("approximate") == "tanh")
        case "Sigmoid": .sigmoid
        case "Tanh": .tanh
        case "Exp": .exponential
        case "Softplus": .softplus
        case "Softsign": .softsign
        case "Mish": .mish
        case "HardSwish": .hardSiLU
        case "Swish": node.float("alpha", default: 1) == 1 ? .silu : nil
        case "ThresholdedRelu": .threshold(threshold: node.float("alpha", default: 1), value: 0)
        default: nil
        }
    }

    private func softmax(_ node: ONNXNode) -> ONNXStep {
        let isSoftmax = node.operation == "Softmax"
        // Before version 13 all axes from this one on are one.
        guard opset >= 13 else {
            return .alongAxis(axis: node.integer("axis") ?? 1) { axis in
                axis == -1 ? isSoftmax ? .softmax : .logSoftmax : nil
            }
        }
        return .alongAxis(axis: node.integer("axis") ?? -1) { axis in
            isSoftmax ? .softmax(axis: axis) : .logSoftmax(axis: axis)
        }
    }

    /// Activations for some of their arguments.
    private mutating func limited(_ node: ONNXNode) throws(ModelFileError) -> Link {
        let first = node.inputs[0]
        switch node.operation {
        case "Selu":
            guard isNear(node.float("alpha", default: 1.67326319), 1.67326319),
                isNear(node.float("gamma", default: 1.05070102), 1.05070102)
            else { throw unsupported(node, "Expected the arguments of the paper.") }
            return ([.activation(.selu)], first)
        case "HardSigmoid":
            let (alpha, beta) = (node.float("alpha", default: 0.2), node.float("beta", default: 0.5))
            if isNear(alpha, 1 / 6), beta == 0.5 { return ([.activation(.hardSigmoid)], first) }
            let steps: [ONNXStep] = [
                .multiply(try scalar(alpha)), .add(try scalar(beta)),
                .activation(.relu(negativeSlope: 0, maxValue: 1, threshold: 0)),
            ]
            return (steps, first)
        case "Shrink":
            let (bias, threshold) = (node.float("bias", default: 0), node.float("lambd", default: 0.5))
            guard threshold >= 0, bias == 0 || bias == threshold else {
                throw unsupported(node, "Expected a bias of 0, or as large as lambd.")
            }
            return (
                [.activation(bias == 0 ? .hardShrink(threshold: threshold) : .softShrink(threshold: threshold))], first
            )
        default:
            guard let (low, high, source) = try limits(of: node) else {
                throw unsupported(node, "Its limits are no constants.")
            }
            switch (low, high) {
            case (0, .infinity): return ([.activation(.relu)], source)
            case (0, 6): return ([.activation(.relu6)], source)
            case (0, 0...): return ([.activation(.relu(negativeSlope: 0, maxValue: high, threshold: 0))], source)
            case (-1, 1): return ([.activation(.hardTanh)], source)
            default:
                throw unsupported(
                    node,
                    "Expected limits of 0 and more (relu), or of -1 and 1 (hard_tanh), received \(low) and \(high).")
            }
        }
    }

    /// The limits of `Clip`, `Max` and `Min`, and of one of them on the other.
    mutating func limits(of node: ONNXNode) throws(ModelFileError) -> (low: Double, high: Double, source: String)? {
        var (low, high) = (-Double.infinity, Double.infinity)
        var source = node.inputs[0]
        var current: ONNXNode? = node
        // The outer of two has the last word, where their limits contradict each other.
        for _ in 0..<2 {
            guard let inner = current else { break }
            var own = (low: -Double.infinity, high: Double.infinity)
            switch inner.operation {
            case "Relu": own.low = 0
            case "Clip":
                own.low = Double(inner.float("min", default: own.low))
                own.high = Double(inner.float("max", default: own.high))
                if inner.input(1) != nil {
                    guard let number = try number(inner.input(1)) else { return nil }
                    own.low = number
                }
                if inner.input(2) != nil {
                    guard let number = try number(inner.input(2)) else { return nil }
                    own.high = number
                }
            case "Max", "Min":
                guard let (flow, constant, _) = try operands(inner), constant.shape.count == 1 else {
                    return inner.outputs == node.outputs ? nil : (low, high, source)
                }
                let limit = Double(constant.elements[0])
                if inner.operation == "Max" { own.low = limit } else { own.high = limit }
                source = flow
            default: break
            }
            if inner.operation == "Clip" || inner.operation == "Relu" { source = inner.inputs[0] }
            (low, high) = (min(max(own.low, low), high), min(max(own.high, low), high))
            current = try self.node(of: source, "Relu", "Clip", "Max", "Min")
        }
        return (low, high, source)
    }

    func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * abs(b) }

    // MARK: Products and constants

    private mutating func matmul(_ node: ONNXNode) throws(ModelFileError) -> Link {
        guard let first = node.input(0), let kernel = try tensor(node.input(1)), kernel.shape.rank == 2,
            kernel.shape.lastAxis > 0
        else {
            throw unsupported(node, "Expected a constant matrix, with a column or more, as its second input.")
        }
        return ([.product(kernel)], first)
    }

    private mutating func gemm(_ node: ONNXNode) throws(ModelFileError) -> Link {
        guard let first = node.input(0), node.integer("transA") ?? 0 == 0, var kernel = try tensor(node.input(1)),
            kernel.shape.rank == 2
        else { throw unsupported(node, "Expected a constant matrix as its second input, and the first as it is.") }
        if node.integer("transB") ?? 0 != 0 { kernel = kernel.transposed }
        guard kernel.shape.lastAxis > 0 else { throw unsupported(node, "Its matrix has no columns.") }
        let (alpha, beta) = (node.float("alpha", default: 1), node.float("beta", default: 1))
        var steps: [ONNXStep] = [.product(try kernel.multiplied(by: Float(alpha)))]
        if let name = node.input(2) {
            guard let bias = try tensor(name) else { throw unsupported(node, "Its third input is no constant.") }
            steps.append(.add(try bias.multiplied(by: Float(beta))))
        }
        return (steps, first)
    }

    /// One operand a constant.
    private mutating func arithmetic(_ node: ONNXNode) throws(ModelFileError) -> Link {
        guard let (flow, constant, isFirst) = try operands(node) else {
            throw unsupported(
                node, "Expected a constant as one of its inputs: graphs that are no chains are not supported.")
        }
        switch (node.operation, isFirst) {
        case ("Add", _): return ([.add(constant)], flow)
        case ("Mul", _): return ([.multiply(constant)], flow)
        case ("Sub", true): return ([.add(try constant.multiplied(by: -1))], flow)
        case ("Sub", false): return ([.multiply(try scalar(-1)), .add(constant)], flow)
        case ("Div", true): return ([.multiply(try constant.inverted())], flow)
        default: throw unsupported(node, "It divides by what is no constant.")
        }
    }

    // MARK: Normalizations

    private mutating func batchNormalization(_ node: ONNXNode) throws(ModelFileError) -> Link {
        guard node.integer("training_mode") ?? 0 == 0, let first = node.input(0) else {
            throw unsupported(node, "It is in training mode.")
        }
        var weights: [String: Tensor] = [:]
        for (index, name) in ["gamma", "beta", "moving_mean", "moving_variance"].enumerated() {
            guard let weight = try tensor(node.input(index + 1)) else {
                throw unsupported(node, "Its weights are no constants.")
            }
            weights[name] = weight
        }
        let epsilon = node.float("epsilon", default: 1e-5)
        guard epsilon.isFinite else { throw unsupported(node, "Its epsilon is not finite.") }
        return ([.batchNormalization(epsilon: epsilon, weights: weights)], first)
    }

    private mutating func normalization(_ node: ONNXNode) throws(ModelFileError) -> Link {
        let isLayer = node.operation == "LayerNormalization"
        guard let first = node.input(0), let scale = try tensor(node.input(1)) else {
            throw unsupported(node, "Its weights are no constants.")
        }
        var weights = [isLayer ? "gamma" : "scale": scale]
        if isLayer, let name = node.input(2) {
            guard let bias = try tensor(name) else { throw unsupported(node, "Its weights are no constants.") }
            weights["beta"] = bias
        }
        let epsilon = node.float("epsilon", default: 1e-5)
        guard epsilon.isFinite else { throw unsupported(node, "Its epsilon is not finite.") }
        let step = ONNXStep.normalization(
            isLayer ? .layer : .rootMeanSquare, axes: [node.integer("axis") ?? -1], epsilon: epsilon,
            weights: weights)
        return ([step], first)
    }

    // MARK: Shapes

    private func reshape(_ node: ONNXNode) throws(ModelFileError) -> Link {
        guard let first = node.input(0), let shape = node.input(1) else {
            throw unsupported(node, "Expected a shape as its second input.")
        }
        if let constant = constant(shape) {
            return ([.reshape(try constant.integers(), zeroIsSize: node.integer("allowzero") ?? 0 != 0)], first)
        }
        guard let source = try shapeSource(shape) else {
            throw unsupported(node, "Expected a constant shape, or the axes of another value and a constant.")
        }
        return ([.reshapeLike(source)], first)
    }

    /// The value whose axes but the last a shape has, by TensorFlow's exporter: `Concat(Gather(Shape(value), [0, 1, ...]),
    /// [units])`, and casts between.
    private func shapeSource(_ shape: String) throws(ModelFileError) -> String? {
        guard let concat = try behindCasts(shape, "Concat"), concat.inputs.count == 2,
            let units = constant(concat.inputs[1]), units.shape.count == 1,
            let gather = try behindCasts(concat.inputs[0], "Gather"), gather.integer("axis") ?? 0 == 0,
            let indices = try gather.input(1).flatMap(constant)?.integers(),
            indices == Array(indices.indices), let shape = try behindCasts(gather.inputs[0], "Shape")
        else { return nil }
        return try shape.input(0).map { value throws(ModelFileError) in try resolved(value) }
    }

    private func behindCasts(_ value: String, _ operation: String) throws(ModelFileError) -> ONNXNode? {
        var node = node(of: value)
        for _ in 0..<4 {
            guard node?.operation == "Cast", let source = node?.input(0) else { break }
            node = self.node(of: source)
        }
        return node?.operation == operation ? node : nil
    }
}

extension Tensor {
    func multiplied(by factor: Float) throws(ModelFileError) -> Tensor {
        factor == 1 ? self : try mapped { $0 * factor }
    }

    fileprivate func inverted() throws(ModelFileError) -> Tensor { try mapped { 1 / $0 } }

    private func mapped(_ function: (Float) -> Float) throws(ModelFileError) -> Tensor {
        do throws(EngineError) { return try Tensor(shape: shape, elements: elements.map(function)) } catch {
            throw .damaged(.onnx, message: error.description)
        }
    }
}
