internal import DenseEngine
internal import TensorCoding

/// A constant of an ONNX model as it lies in the file, read when it is needed.
struct ONNXTensor {
    private(set) var name = ""
    private(set) var shape: Shape = .scalar
    private(set) var type = ElementType.other(0)
    private var raw: FileBytes?
    /// The typed fields' contents: packed numbers, or each by itself.
    private var packed: [FileBytes] = []
    private var isExternal = false

    enum ElementType: Equatable {
        case float, float16, double, bfloat16, int32, int64
        case other(Int)

        init(_ number: Int) {
            switch number {
            case 1: self = .float
            case 6: self = .int32
            case 7: self = .int64
            case 10: self = .float16
            case 11: self = .double
            case 16: self = .bfloat16
            default: self = .other(number)
            }
        }

        var isNumber: Bool {
            switch self {
            case .float, .float16, .double, .bfloat16: true
            case .int32, .int64, .other: false
            }
        }

        /// The field that has the elements when they are not raw.
        var field: Int? {
            switch self {
            case .float: 4
            case .int32, .float16, .bfloat16: 5
            case .int64: 7
            case .double: 10
            case .other(9): 5
            case .other: nil
            }
        }
    }

    init(_ bytes: FileBytes) throws(ModelFileError) {
        var dimensions: [Int64] = []
        var typed: [(field: Int, value: ProtobufValue)] = []
        var reader = ProtobufFields(bytes, "a tensor")
        while let (field, value) = try reader.next() {
            switch field {
            case 1: try value.addIntegers(to: &dimensions, limit: 32, "a tensor's axes")
            case 2: type = ElementType(Int(clamping: try value.integer("a tensor's type")))
            case 4, 5, 7, 10:
                guard case .bytes = value else {
                    throw .unsupported(
                        .onnx, message: "A tensor has numbers that are not packed. Expected them packed, or raw.")
                }
                try ProtobufValue.check(typed.count + 1, 1024, "parts of a tensor")
                typed.append((field, value))
            case 8: name = try value.text("a tensor's name")
            case 9: raw = try value.bytes("a tensor's data")
            case 13: isExternal = true
            case 14: isExternal = try value.integer("a tensor's location") != 0
            default: break
            }
        }
        do throws(EngineError) { shape = try Shape(dimensions.map(Int.init(clamping:))) } catch {
            throw .damaged(.onnx, message: "\(error) (the tensor \(name.quoted))")
        }
        for (field, value) in typed where field == type.field { packed.append(try value.bytes("a tensor's data")) }
    }

    /// A constant that a node has as its attribute.
    init(_ numbers: [Float], isList: Bool) {
        type = .float
        let octets = numbers.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> ($0 * 8)) }
        }
        raw = FileBytes(octets, kind: .onnx)
        shape = Self.shape(numbers.count, isList)
    }

    init(_ numbers: [Int64], isList: Bool) {
        type = .int64
        let octets = numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
        raw = FileBytes(octets, kind: .onnx)
        shape = Self.shape(numbers.count, isList)
    }

    private static func shape(_ count: Int, _ isList: Bool) -> Shape {
        isList ? (try? Shape([count])) ?? .scalar : .scalar
    }

    /// Whether it is one Boolean, and that is false.
    var isFalse: Bool {
        guard type == .other(9), shape.count == 1 else { return false }
        if let raw { return raw.count == 1 && raw[0] == 0 }
        return packed.allSatisfy { $0.count == 1 && $0[0] == 0 }
    }

    /// The constant as float32.
    ///
    /// - Throws: `unsupported` for a type that is no floating-point one, and for data in another file; `damaged` when there
    ///   is not just what the shape needs.
    func tensor(_ budget: inout FileBudget) throws(ModelFileError) -> Tensor {
        try requireInside()
        let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
        try budget.take(overflow ? -1 : bytes, "the tensor \(name.quoted)", .onnx)
        if let raw {
            switch type {
            case .float: return try raw.tensor(shape, number("<f4"))
            case .float16: return try raw.tensor(shape, number("<f2"))
            case .double: return try raw.tensor(shape, number("<f8"))
            case .bfloat16: return try raw.bfloat16Tensor(shape)
            case .int32, .int64, .other: throw noNumber
            }
        }
        switch type {
        case .float: return try joined(elementSize: 4).tensor(shape, number("<f4"))
        case .double: return try joined(elementSize: 8).tensor(shape, number("<f8"))
        case .float16, .bfloat16:
            // Each as an integer of its 16 bits.
            let halves = try integers(limit: shape.count).flatMap { value in
                [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
            }
            let bytes = FileBytes(halves, kind: .onnx)
            return type == .float16 ? try bytes.tensor(shape, number("<f2")) : try bytes.bfloat16Tensor(shape)
        case .int32, .int64, .other: throw noNumber
        }
    }

    /// A list of integers, as shapes and axes are.
    ///
    /// - Throws: as `tensor`, and `tooLarge` for more than 64.
    func integers() throws(ModelFileError) -> [Int] {
        try requireInside()
        guard type == .int64 || type == .int32 else {
            throw .unsupported(.onnx, message: "The tensor \(name.quoted) is no list of integers. Expected INT64.")
        }
        try ProtobufValue.check(shape.count, 64, "integers in \(name.quoted)")
        if let raw {
            let size = type == .int64 ? 8 : 4
            guard raw.count == shape.count * size else { throw wrongCount }
            var cursor = FileCursor(raw)
            var values: [Int] = []
            while cursor.remaining > 0 {
                let word = try cursor.word(size)
                values.append(size == 8 ? Int(Int64(bitPattern: word)) : Int(Int32(truncatingIfNeeded: word)))
            }
            return values
        }
        return try integers(limit: shape.count).map { Int(clamping: $0) }
    }

    /// The typed fields' integers, which must be what the shape needs.
    private func integers(limit: Int) throws(ModelFileError) -> [Int64] {
        var values: [Int64] = []
        for part in packed {
            var reader = ProtobufFields(part, "a tensor's data")
            while let value = try reader.nextPacked() {
                guard values.count < limit else { throw wrongCount }
                values.append(value)
            }
        }
        guard values.count == shape.count else { throw wrongCount }
        return values
    }

    private func joined(elementSize: Int) throws(ModelFileError) -> FileBytes {
        if packed.count == 1 { return packed[0] }
        let count = packed.reduce(0) { $0 + $1.count }
        guard count == shape.count.multipliedReportingOverflow(by: elementSize).partialValue else { throw wrongCount }
        return FileBytes(packed.flatMap(\.array), kind: .onnx)
    }

    private func requireInside() throws(ModelFileError) {
        guard !isExternal else {
            throw .unsupported(
                .onnx,
                message:
                    "The tensor \(name.quoted) is in another file. Expected its data in the model: exporters have an "
                    + "option for that (torch.onnx.export(..., external_data=False)).")
        }
    }

    private func number(_ description: String) throws(ModelFileError) -> NumPyType {
        guard let type = NumPyType(description: description) else { throw noNumber }
        return type
    }

    private var noNumber: ModelFileError {
        .unsupported(
            .onnx,
            message:
                "The tensor \(name.quoted) has a type that is not read. Expected FLOAT, FLOAT16, BFLOAT16 or DOUBLE.")
    }

    private var wrongCount: ModelFileError {
        .damaged(.onnx, message: "A tensor must have the elements its shape \(shape) needs (\(name.quoted)).")
    }
}
