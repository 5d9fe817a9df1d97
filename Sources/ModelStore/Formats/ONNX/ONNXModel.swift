internal import DenseEngine

/// An ONNX model as its file describes it: what of it matters for a stack of layers.
/// Source: onnx/onnx, `onnx/onnx.proto` (the field numbers), `docs/IR.md`.
struct ONNXModel {
    /// The version of the operators in ONNX's own domain.
    let opset: Int
    let graph: ONNXGraph

    /// The versions this server knows the operators of.
    static let opsets = 7...26

    init(_ bytes: FileBytes) throws(ModelFileError) {
        var graphs: [FileBytes] = []
        var opset: Int?
        var reader = ProtobufFields(bytes, "the model")
        while let (field, value) = try reader.next() {
            switch field {
            case 7: graphs.append(try value.bytes("the graph"))
            case 8: opset = try Self.opset(try value.bytes("an opset")) ?? opset
            default: break
            }
        }
        guard let first = graphs.first, graphs.count == 1 else {
            throw .damaged(.onnx, message: "An ONNX model has one graph. Expected 1, received \(graphs.count).")
        }
        guard let opset else {
            throw .damaged(.onnx, message: "The model does not say which version of ONNX's operators it uses.")
        }
        guard Self.opsets.contains(opset) else {
            throw .unsupported(
                .onnx,
                message: "The model uses version \(opset) of ONNX's operators. Expected \(Self.opsets.lowerBound) to "
                    + "\(Self.opsets.upperBound).")
        }
        self.opset = opset
        graph = try ONNXGraph(first)
    }

    /// The version, where it is of ONNX's own operators.
    private static func opset(_ bytes: FileBytes) throws(ModelFileError) -> Int? {
        var (domain, version) = ("", 0)
        var reader = ProtobufFields(bytes, "an opset")
        while let (field, value) = try reader.next() {
            switch field {
            case 1: domain = try value.text("an opset's domain")
            case 2: version = Int(clamping: try value.integer("an opset's version"))
            default: break
            }
        }
        // Versions of other domains matter when a node is of them, and then it is refused.
        return ONNXNode.ownDomains.contains(domain) ? version : nil
    }
}

/// Nodes and constants, by name.
struct ONNXGraph {
    /// More than any stack of layers has.
    private static let most = 10_000

    private(set) var nodes: [ONNXNode] = []
    private(set) var constants: [String: ONNXTensor] = [:]
    /// Without the constants, which older files list among the inputs.
    private(set) var inputs: [ONNXValueInfo] = []
    private(set) var outputs: [ONNXValueInfo] = []

    init(_ bytes: FileBytes) throws(ModelFileError) {
        var reader = ProtobufFields(bytes, "the graph")
        while let (field, value) = try reader.next() {
            switch field {
            case 1:
                try ProtobufValue.check(nodes.count + 1, Self.most, "nodes")
                nodes.append(try ONNXNode(try value.bytes("a node")))
            case 5:
                try ProtobufValue.check(constants.count + 1, Self.most, "initializers")
                let tensor = try ONNXTensor(try value.bytes("an initializer"))
                guard constants.updateValue(tensor, forKey: tensor.name) == nil else {
                    throw .damaged(
                        .onnx, message: "Expected every initializer once, received \(tensor.name.quoted) twice.")
                }
            case 11:
                try ProtobufValue.check(inputs.count + 1, Self.most, "inputs")
                inputs.append(try ONNXValueInfo(try value.bytes("an input")))
            case 12:
                try ProtobufValue.check(outputs.count + 1, Self.most, "outputs")
                outputs.append(try ONNXValueInfo(try value.bytes("an output")))
            case 15:
                throw .unsupported(.onnx, message: "The graph has sparse initializers. Expected dense ones.")
            default: break
            }
        }
        inputs.removeAll { constants[$0.name] != nil }
    }
}

/// One operation.
struct ONNXNode {
    static let ownDomains: Set = ["", "ai.onnx"]

    private(set) var name = ""
    private(set) var operation = ""
    private(set) var domain = ""
    private(set) var inputs: [String] = []
    private(set) var outputs: [String] = []
    private(set) var attributes: [String: ONNXAttribute] = [:]

    init(_ bytes: FileBytes) throws(ModelFileError) {
        var reader = ProtobufFields(bytes, "a node")
        while let (field, value) = try reader.next() {
            switch field {
            case 1:
                try ProtobufValue.check(inputs.count + 1, 64, "a node's inputs")
                inputs.append(try value.text("a node's input"))
            case 2:
                try ProtobufValue.check(outputs.count + 1, 64, "a node's outputs")
                outputs.append(try value.text("a node's output"))
            case 3: name = try value.text("a node's name")
            case 4: operation = try value.text("a node's operation")
            case 5:
                try ProtobufValue.check(attributes.count + 1, 64, "a node's attributes")
                let (name, attribute) = try ONNXAttribute.read(try value.bytes("an attribute"))
                attributes[name] = attribute
            case 7: domain = try value.text("a node's domain")
            default: break
            }
        }
    }

    /// How messages name it: by its own name, or by its result's.
    var description: String {
        let label = domain.isEmpty ? operation : "\(domain).\(operation)"
        return "\(label.quoted) (node \((name.isEmpty ? outputs.first ?? "" : name).quoted))"
    }

    /// The input, nil where it is left out.
    func input(_ index: Int) -> String? {
        index < inputs.count && !inputs[index].isEmpty ? inputs[index] : nil
    }

    func float(_ name: String, default: Double) -> Double {
        if case .float(let value)? = attributes[name] { Double(value) } else { `default` }
    }

    func integer(_ name: String) -> Int? {
        if case .integer(let value)? = attributes[name] { Int(clamping: value) } else { nil }
    }

    func integers(_ name: String) -> [Int]? {
        if case .integers(let values)? = attributes[name] { values.map(Int.init(clamping:)) } else { nil }
    }

    func text(_ name: String) -> String? {
        if case .text(let value)? = attributes[name] { value } else { nil }
    }
}

/// The kinds of attributes that the operators here have.
enum ONNXAttribute {
    case float(Float)
    case integer(Int64)
    case text(String)
    case tensor(ONNXTensor)
    case floats([Float])
    case integers([Int64])
    case other

    /// Infinite limits are none, and NaN is no argument of anything.
    private static func finite(_ value: Float) throws(ModelFileError) -> Float {
        guard !value.isNaN else { throw .unsupported(.onnx, message: "An attribute is NaN. Expected a number.") }
        return value
    }

    static func read(_ bytes: FileBytes) throws(ModelFileError) -> (name: String, ONNXAttribute) {
        var name = ""
        var attribute: ONNXAttribute?
        var (floats, integers): ([Float], [Int64]) = ([], [])
        var reader = ProtobufFields(bytes, "an attribute")
        while let (field, value) = try reader.next() {
            switch field {
            case 1: name = try value.text("an attribute's name")
            case 2: attribute = .float(try finite(try value.float("an attribute")))
            case 3: attribute = .integer(try value.integer("an attribute"))
            case 4: attribute = .text(try value.text("an attribute"))
            case 5: attribute = .tensor(try ONNXTensor(try value.bytes("an attribute")))
            case 7:
                if case .bytes(let packed) = value {
                    try ProtobufValue.check(packed.count / 4, 1024, "an attribute's numbers")
                    var cursor = FileCursor(packed)
                    while cursor.remaining > 0 {
                        floats.append(Float(bitPattern: UInt32(truncatingIfNeeded: try cursor.word(4))))
                    }
                } else {
                    floats.append(try value.float("an attribute"))
                }
                try ProtobufValue.check(floats.count, 1024, "an attribute's numbers")
                attribute = .floats(floats)
            case 8:
                try value.addIntegers(to: &integers, limit: 1024, "an attribute's numbers")
                attribute = .integers(integers)
            case 6, 9, 10, 11, 14, 15, 22, 23: attribute = .other
            // An attribute of a number that is 0 may have nothing but its type.
            case 20 where attribute == nil:
                switch try value.integer("an attribute's type") {
                case 1: attribute = .float(0)
                case 2: attribute = .integer(0)
                case 3: attribute = .text("")
                case 6: attribute = .floats([])
                case 7: attribute = .integers([])
                default: break
                }
            default: break
            }
        }
        return (name, attribute ?? .other)
    }
}

/// The name, type and shape of an input or output.
struct ONNXValueInfo {
    private(set) var name = ""
    /// Nil where it is no tensor.
    private(set) var elementType: Int?
    /// Nil for a shape that is not said; in it, for a size that is not.
    private(set) var dimensions: [Int?]?

    init(_ bytes: FileBytes) throws(ModelFileError) {
        var reader = ProtobufFields(bytes, "a value")
        while let (field, value) = try reader.next() {
            switch field {
            case 1: name = try value.text("a value's name")
            case 2:
                var types = ProtobufFields(try value.bytes("a type"), "a type")
                while let (field, value) = try types.next() {
                    // Only tensors have the field 1.
                    if field == 1 { try readTensor(try value.bytes("a tensor's type")) }
                }
            default: break
            }
        }
    }

    private mutating func readTensor(_ bytes: FileBytes) throws(ModelFileError) {
        var reader = ProtobufFields(bytes, "a tensor's type")
        while let (field, value) = try reader.next() {
            switch field {
            case 1: elementType = Int(clamping: try value.integer("a tensor's element type"))
            case 2:
                var dimensions: [Int?] = []
                var shape = ProtobufFields(try value.bytes("a shape"), "a shape")
                while let (field, value) = try shape.next() {
                    guard field == 1 else { continue }
                    try ProtobufValue.check(dimensions.count + 1, 32, "a shape's axes")
                    dimensions.append(try Self.dimension(try value.bytes("an axis")))
                }
                self.dimensions = dimensions
            default: break
            }
        }
    }

    private static func dimension(_ bytes: FileBytes) throws(ModelFileError) -> Int? {
        var size: Int?
        var reader = ProtobufFields(bytes, "an axis")
        while let (field, value) = try reader.next() {
            // Or it has a name; a size below zero stands for none.
            if field == 1 {
                let value = try value.integer("an axis's size")
                size = value < 0 ? nil : Int(clamping: value)
            }
        }
        return size
    }
}
