/// The reader of ONNX models: mutated bytes of a model, or a graph of random operations, which is whole as a file.
///
/// The first byte says which. A graph is written as four bytes for each node: the operation, its two inputs, its attribute.
package enum ONNXFuzz {
    package static let target = FuzzTarget(
        name: "onnx", seeds: seeds, tokens: [], byteTokens: operations.map { Array($0.utf8) },
        overwrites: [[0], [1], [0x7F], [0x80, 1], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], Array(repeating: 0xFF, count: 10)],
        maximumSize: 4_096,
        check: { input throws(FuzzFailure) in
            try FilesFuzz.check([0] + file(input))
        })

    private static let seeds: [[UInt8]] = {
        let programs: [[UInt8]] = [
            [0, 0, 0, 0, 2, 1, 4, 0, 6, 2, 0, 0], [1, 0, 2, 0, 7, 1, 0, 0, 4, 2, 1, 0], [0, 0, 0, 0, 18, 1, 3, 0],
            [9, 0, 0, 0, 4, 1, 0, 0], [21, 0, 1, 0, 0, 1, 0, 0, 21, 2, 2, 0], [19, 0, 0, 1, 20, 1, 0, 0],
            [4, 0, 10, 0, 11, 1, 0, 0, 2, 2, 8, 0, 4, 3, 0, 0, 4, 4, 7, 0],
        ]
        return programs.flatMap { [[1] + $0, [0] + graph($0[...])] }
    }()

    private static func file(_ input: [UInt8]) -> [UInt8] {
        let rest = input.dropFirst()
        return (input.first ?? 0) & 1 == 0 ? Array(rest) : graph(rest)
    }

    // MARK: Graphs

    private static let operations = [
        "MatMul", "Gemm", "Add", "Sub", "Mul", "Div", "Relu", "Sigmoid", "Tanh", "Softplus", "Neg", "Erf", "Erfc",
        "Clip",
        "Max", "Min", "Softmax", "LogSoftmax", "BatchNormalization", "LayerNormalization", "Flatten", "Reshape", "Pow",
        "Abs", "PRelu", "Dropout", "Identity", "Cast", "Where", "Greater", "Log", "Expm1", "Shape", "Gather", "Concat",
        "HardSigmoid", "Elu", "Gelu", "RMSNormalization", "Transpose", "Selu", "Shrink", "Conv",
    ]

    /// Constants by name, with their shapes and numbers.
    private static let constants: [(shape: [Int], numbers: [Float])] =
        [
            ([4, 4], (0..<16).map { Float($0) / 8 - 1 }), ([4, 3], (0..<12).map { Float($0) / 8 - 1 }),
            ([4], [1, 2, 3, 4]),
        ]
        + [0.5, 0.70710678, 1, 1.41421356, 2, 3, 6, 0, 1.0 / 6, 0.044715, 0.79788456, 20].map { ([], [$0]) }
    private static let shapes: [[Int]] = [[-1, 4], [-1, 2, 2], [0, 2, 2], [-1, 8], [0, -1], [0, 1]]

    private static func graph(_ program: ArraySlice<UInt8>) -> [UInt8] {
        var values = ["x"]
        var nodes: [UInt8] = []
        let names = constants.indices.map { "c\($0)" } + shapes.indices.map { "s\($0)" }
        var rest = program
        while rest.count >= 4, values.count < 64 {
            let bytes = rest.prefix(4).map(Int.init)
            rest = rest.dropFirst(4)
            // The first input mostly is the last value.
            let first = bytes[1] < 128 ? values[bytes[1] % values.count] : names[bytes[1] % names.count]
            let operands = [first] + operands(of: bytes[0], bytes[2], values, names)
            let output = "v\(values.count)"
            nodes += message(
                1, node(operations[bytes[0] % operations.count], operands, output, Int8(truncatingIfNeeded: bytes[3])))
            values.append(output)
        }
        var tensors: [UInt8] = []
        for (index, constant) in constants.enumerated() {
            let octets = constant.numbers.flatMap { StoredZip.little(Int($0.bitPattern), 4) }
            tensors += message(5, tensor("c\(index)", constant.shape, type: 1, octets))
        }
        for (index, shape) in shapes.enumerated() {
            let octets = shape.flatMap { StoredZip.little($0, 8) }
            tensors += message(5, tensor("s\(index)", [shape.count], type: 7, octets))
        }
        let body =
            nodes + tensors + message(11, value("x", [-1, 4])) + message(12, value(values[values.count - 1], nil))
        return integer(1, 8) + message(7, body) + message(8, integer(2, 17))
    }

    private static func operands(of operation: Int, _ choice: Int, _ values: [String], _ names: [String]) -> [String] {
        let other = choice < 128 ? names[choice % names.count] : values[choice % values.count]
        switch operations[operation % operations.count] {
        case "Gemm", "Clip", "Where", "LayerNormalization":
            return [other, choice % 3 == 0 ? "" : names[(choice + 1) % names.count]]
        case "BatchNormalization": return ["c2", "c2", "c2", choice % 7 == 0 ? other : "c2"]
        case "Reshape": return [choice % 7 == 0 ? other : "s\(choice % shapes.count)"]
        case "Relu", "Sigmoid", "Tanh", "Neg", "Identity", "Softplus", "Erf", "Abs", "Flatten", "Softmax": return []
        default: return [other]
        }
    }

    private static func node(_ operation: String, _ inputs: [String], _ output: String, _ attribute: Int8) -> [UInt8] {
        var node =
            inputs.flatMap { message(1, Array($0.utf8)) } + message(2, Array(output.utf8))
            + message(4, Array(operation.utf8))
        guard attribute != 0 else { return node }
        let name = ["axis", "transB", "alpha", "epsilon", "approximate", "to", "allowzero"][
            Int(attribute.magnitude) % 7]
        let value =
            name == "alpha" || name == "epsilon"
            ? [2 << 3 | 5] + StoredZip.little(Int((Float(attribute) / 16).bitPattern), 4)
            : name == "approximate" ? message(4, Array("tanh".utf8)) : integer(3, Int(attribute) / 8)
        node += message(5, message(1, Array(name.utf8)) + value)
        return node
    }

    private static func tensor(_ name: String, _ shape: [Int], type: Int, _ octets: [UInt8]) -> [UInt8] {
        shape.flatMap { integer(1, $0) } + integer(2, type) + message(8, Array(name.utf8)) + message(9, octets)
    }

    private static func value(_ name: String, _ shape: [Int]?) -> [UInt8] {
        let axes = (shape ?? []).flatMap { message(1, $0 < 0 ? message(2, Array("N".utf8)) : integer(1, $0)) }
        let type = integer(1, 1) + (shape == nil ? [] : message(2, axes))
        return message(1, Array(name.utf8)) + message(2, message(1, type))
    }

    // MARK: Protocol buffers

    private static func varint(_ value: Int) -> [UInt8] {
        var value = UInt64(bitPattern: Int64(value))
        var bytes: [UInt8] = []
        while value > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    private static func integer(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }

    private static func message(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(bytes.count) + bytes
    }
}
