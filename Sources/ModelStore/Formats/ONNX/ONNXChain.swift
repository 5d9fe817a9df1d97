internal import DenseEngine

/// Goes through an ONNX graph from its output back to its input, and says what each node, or some nodes together, do.
///
/// Exporters write some activations out in simpler operations; `ONNXPatterns` has these.
struct ONNXChain {
    /// What leads to a value: steps in their order, and the value they begin with.
    typealias Link = (steps: [ONNXStep], source: String)

    let graph: ONNXGraph
    let opset: Int
    /// The node that makes each value.
    private let producers: [String: Int]
    var budget: FileBudget

    init(_ model: ONNXModel, _ budget: FileBudget) throws(ModelFileError) {
        graph = model.graph
        opset = model.opset
        self.budget = budget
        var producers: [String: Int] = [:]
        for (index, node) in graph.nodes.enumerated() {
            for output in node.outputs where !output.isEmpty {
                guard producers.updateValue(index, forKey: output) == nil else {
                    throw .damaged(.onnx, message: "Expected every value once, received \(output.quoted) twice.")
                }
            }
        }
        self.producers = producers
    }

    /// The layers that compute the graph's output from its input.
    mutating func layers() throws(ModelFileError) -> [LayerSpecification] {
        guard graph.inputs.count == 1, graph.outputs.count == 1 else {
            let names = (graph.inputs + graph.outputs).prefix(16).map(\.name.quoted).joined(separator: ", ")
            throw .unsupported(
                .onnx,
                message: "Models have one input and one output. Received \(graph.inputs.count) and "
                    + "\(graph.outputs.count): \(names).")
        }
        let input = graph.inputs[0]
        guard let type = input.elementType, ONNXTensor.ElementType(type).isNumber else {
            throw .unsupported(
                .onnx, message: "The input \(input.name.quoted) is no tensor of floating-point numbers. Expected one.")
        }
        var links: [(result: String, place: String, steps: [ONNXStep])] = []
        var current = try resolved(graph.outputs[0].name)
        while current != input.name {
            // Every link begins with another node; there are not more of them.
            guard links.count < graph.nodes.count, let node = node(of: current) else {
                throw .damaged(
                    .onnx, message: "Nothing leads from the input \(input.name.quoted) to the value \(current.quoted).")
            }
            let link = try link(node)
            links.append((current, node.description, link.steps))
            current = try resolved(link.source)
        }
        var layers = ONNXLayers(input: input.name, shape: input.dimensions)
        for (result, place, steps) in links.reversed() {
            for step in steps { try layers.add(step, result: result, place) }
        }
        try layers.finish()
        guard !layers.layers.isEmpty else {
            throw .unsupported(.onnx, message: "The graph does nothing. Expected one layer or more.")
        }
        return layers.layers
    }

    // MARK: Values

    func node(of value: String) -> ONNXNode? { producers[value].map { graph.nodes[$0] } }

    /// The node that makes a value, if it is of one of these operations.
    func node(of value: String?, _ operations: String...) throws(ModelFileError) -> ONNXNode? {
        guard let value, let node = node(of: try resolved(value)), ONNXNode.ownDomains.contains(node.domain),
            operations.contains(node.operation)
        else { return nil }
        return node
    }

    /// The value that one stands for: behind operations that do nothing at inference.
    func resolved(_ value: String) throws(ModelFileError) -> String {
        var value = value
        for _ in 0...graph.nodes.count {
            guard let node = node(of: value), ONNXNode.ownDomains.contains(node.domain), node.outputs.first == value,
                let source = node.input(0), try doesNothing(node)
            else { return value }
            value = source
        }
        throw .damaged(.onnx, message: "The graph has a circle, at the value \(value.quoted).")
    }

    private func doesNothing(_ node: ONNXNode) throws(ModelFileError) -> Bool {
        switch node.operation {
        case "Identity": return true
        case "Dropout":
            // The mode may be an input, a constant of a Boolean's one byte.
            guard let mode = node.input(2) else { return true }
            return constant(mode)?.isFalse == true
        case "Cast":
            return ONNXTensor.ElementType(node.integer("to") ?? 0).isNumber && isFlow(node.inputs[0])
        default: return false
        }
    }

    /// Whether a value is made of the input: all else is constants.
    private func isFlow(_ value: String) -> Bool { constant(value) == nil }

    /// A constant by its name, or by a node that has it.
    func constant(_ value: String) -> ONNXTensor? {
        if let constant = graph.constants[value] { return constant }
        guard let node = node(of: value), ONNXNode.ownDomains.contains(node.domain) else { return nil }
        switch node.operation {
        case "Constant":
            switch node.attributes["value"] ?? node.attributes["value_float"] ?? node.attributes["value_int"]
                ?? node.attributes["value_ints"] ?? node.attributes["value_floats"]
            {
            case .tensor(let tensor): return tensor
            case .float(let number): return ONNXTensor([number], isList: false)
            case .floats(let numbers): return ONNXTensor(numbers, isList: true)
            case .integer(let number): return ONNXTensor([number], isList: false)
            case .integers(let numbers): return ONNXTensor(numbers, isList: true)
            case .text, .other, nil: return nil
            }
        // One step only: what is more is not what exporters write.
        case "Identity", "Cast": return node.input(0).flatMap { graph.constants[$0] }
        default: return nil
        }
    }

    /// A constant as float32; nil for what is none.
    mutating func tensor(_ value: String?) throws(ModelFileError) -> Tensor? {
        guard let value else { return nil }
        if let constant = constant(value) { return try constant.tensor(&budget) }
        // PyTorch's older exporter leaves weights as they are and has them transposed.
        guard let node = try node(of: value, "Transpose"), let source = node.input(0), let constant = constant(source),
            constant.shape.rank == 2, node.integers("perm") ?? [1, 0] == [1, 0]
        else { return nil }
        return try constant.tensor(&budget).transposed
    }

    /// A constant of one number; nil for what is none.
    mutating func number(_ value: String?) throws(ModelFileError) -> Double? {
        guard let value, let constant = constant(value), constant.shape.count == 1, constant.type.isNumber else {
            return nil
        }
        return Double(try constant.tensor(&budget).elements[0])
    }

    /// The one input of two that is no constant, and the other.
    mutating func operands(_ node: ONNXNode) throws(ModelFileError) -> (flow: String, constant: Tensor, isFirst: Bool)?
    {
        guard node.inputs.count == 2 else { return nil }
        if let constant = try tensor(node.inputs[1]) { return (node.inputs[0], constant, true) }
        if let constant = try tensor(node.inputs[0]) { return (node.inputs[1], constant, false) }
        return nil
    }

    func unsupported(_ node: ONNXNode, _ reason: String) -> ModelFileError {
        .unsupported(.onnx, message: "The operation \(node.description) cannot be a layer. \(reason)")
    }
}
