internal import DenseEngine
internal import GRPCWire
internal import HTTPServer
internal import ProtobufWire
internal import TensorCoding

/// The input and the outputs of a `ModelInferRequest`.
enum GRPCTensor {
    /// The only input that a model has.
    ///
    /// - Throws: for other inputs, for both kinds of contents or none, and for what the model or float32 cannot take.
    static func input(
        of request: InferRequestMessage, _ bytes: UnsafeRawBufferPointer, in body: HTTPBody,
        _ signature: ModelSignature, model: String
    ) throws(APIError) -> Tensor {
        guard request.inputs.count == 1, let input = request.inputs.first else {
            throw APIError(V2Error.inputCount(model: model, received: String(request.inputs.count)))
        }
        if input.parameters["shared_memory_region"] != nil { throw APIError(V2Error.sharedMemoryOff) }
        let (element, shape) = try api { () throws(V2Error) in
            try signature.checkInput(name: input.name, datatype: input.datatype, shape: input.shape, model: model)
        }
        guard let raw = request.raw.first else {
            if input.contents.isEmpty, shape.count > 0 { throw APIError(V2Error.noData(input: input.name)) }
            return try unsafe contents(of: input, bytes, element, shape, signature)
        }
        guard input.contents.isEmpty else { throw APIError(V2Error.dataAndBinary(input: input.name)) }
        guard request.raw.count == 1 else { throw APIError(GRPCTensorError.rawCount(request.raw.count)) }
        return try api { () throws(V2Error) in
            try unsafe signature.tensor(UnsafeRawBufferPointer(rebasing: bytes[raw]), of: body, element, shape)
        }
    }

    /// How the answer is to look.
    static func answer(
        to request: InferRequestMessage, _ signature: ModelSignature, model: String
    ) throws(APIError) -> V2Answer {
        try api { () throws(V2Error) in
            try signature.checkOutputs(request.outputs.map(\.name), model: model)
            var answer = V2Answer(id: request.id, isBinary: true)
            if let output = request.outputs.first {
                if output.parameters["shared_memory_region"] != nil { throw .sharedMemoryOff }
                answer.outputs = [
                    V2Answer.Output(
                        name: output.name, isBinary: true, classes: try classes(output.parameters["classification"]))
                ]
            }
            return answer
        }
    }

    private static func classes(_ value: InferParameterValue?) throws(V2Error) -> Int? {
        guard let value else { return nil }
        guard case .int(let count) = V2Options.Value(value), count >= 0 else {
            throw .invalidParameter("classification", expected: "how many classes, 1 or more")
        }
        return count == 0 ? nil : count
    }

    // MARK: Contents

    /// The field of `InferTensorContents` that elements of a type come in; nil where they come raw or not at all.
    private static func field(_ element: ElementType) -> (number: Int, encoding: ProtobufNumbers.Encoding)? {
        switch element {
        case .bool: (1, .varint)
        case .int8, .int16, .int32: (2, .varint)
        case .int64: (3, .varint)
        case .uint8, .uint16, .uint32: (4, .varint)
        case .uint64: (5, .varint)
        case .float32: (6, .fixed32)
        case .float64: (7, .fixed64)
        case .float16, .bfloat16: nil
        }
    }

    private static func contents(
        of input: InferRequestMessage.Input, _ bytes: UnsafeRawBufferPointer, _ element: ElementType, _ shape: Shape,
        _ signature: ModelSignature
    ) throws(APIError) -> Tensor {
        guard let (number, encoding) = field(element) else { throw APIError(GRPCTensorError.rawOnly(input.datatype)) }
        let numbers = unsafe ProtobufNumbers(bytes, input.contents, field: number, encoding)
        return try GRPCNumbers.tensor(numbers, element, shape, input: input.name, asDoubles: signature.takesDoubles)
    }
}

/// Numbers of a message as a tensor.
enum GRPCNumbers {
    /// The tensor of an element type whose elements are these numbers, each rounded once to float32.
    ///
    /// - Parameter asDoubles: makes a float64 tensor of those that come as float64 or integers.
    /// - Throws: for another number of them, and for one that the type or float32 cannot hold.
    static func tensor(
        _ numbers: ProtobufNumbers, _ element: ElementType, _ shape: Shape, input: String, asDoubles: Bool
    ) throws(APIError) -> Tensor {
        guard shape.isProportionate else { throw APIError(V2Error.invalidShape(shape.dimensions, input: input)) }
        let count = try protobuf { () throws(ProtobufError) in try numbers.count() }
        guard count == shape.count else {
            throw APIError(GRPCTensorError.elementCount(input: input, expected: shape.count, received: count))
        }
        if asDoubles, element == .float64 || element.isInteger {
            return try doubles(numbers, element, shape, input: input)
        }
        return try unsafe Tensor(shape: shape) { elements throws(APIError) in
            if element == .float32 {
                return try protobuf { () throws(ProtobufError) in unsafe try numbers.copy(into: elements) }
            }
            var position = 0
            var outOfRange: Int?
            try protobuf { () throws(ProtobufError) in
                try numbers.forEach { bits in
                    guard position < elements.count else { return }
                    if let value = float(bits, element) {
                        unsafe elements.initializeElement(at: position, to: value)
                    } else {
                        unsafe elements.initializeElement(at: position, to: 0)
                        outOfRange = outOfRange ?? position
                    }
                    position += 1
                }
            }
            if let outOfRange { throw APIError(V2Error.outOfRange(input: input, index: outOfRange)) }
        }
    }

    private static func doubles(
        _ numbers: ProtobufNumbers, _ element: ElementType, _ shape: Shape, input: String
    ) throws(APIError) -> Tensor {
        var doubles: [Double] = []
        var outOfRange: Int?
        try protobuf { () throws(ProtobufError) in
            try numbers.forEach { bits in
                switch element {
                case .float64: doubles.append(Double(bitPattern: bits))
                case .int64: doubles.append(Double(Int64(bitPattern: bits)))
                case .uint64: doubles.append(Double(bits))
                default:
                    let value = float(bits, element)
                    // What is no more than 32 bits wide is not rounded twice.
                    let wide =
                        element == .int32
                        ? Double(Int32(truncatingIfNeeded: bits))
                        : element == .uint32 ? Double(UInt32(truncatingIfNeeded: bits)) : Double(value ?? 0)
                    if value == nil { outOfRange = outOfRange ?? doubles.count }
                    doubles.append(wide)
                }
            }
        }
        if let outOfRange { throw APIError(V2Error.outOfRange(input: input, index: outOfRange)) }
        return try api { () throws(EngineError) in try Tensor(shape: shape, doubles: doubles) }
    }

    /// A number as a float; nil for one out of its type's range, or finite and beyond float32's.
    private static func float(_ bits: UInt64, _ element: ElementType) -> Float? {
        let int32 = Int32(truncatingIfNeeded: bits)
        let uint32 = UInt32(truncatingIfNeeded: bits)
        switch element {
        case .bool: return bits == 0 ? 0 : 1
        case .int8: return Int8(exactly: int32).map(Float.init)
        case .int16: return Int16(exactly: int32).map(Float.init)
        case .int32: return Float(int32)
        case .int64: return Float(Int64(bitPattern: bits))
        case .uint8: return UInt8(exactly: uint32).map(Float.init)
        case .uint16: return UInt16(exactly: uint32).map(Float.init)
        case .uint32: return Float(uint32)
        case .uint64: return Float(bits)
        case .float32: return Float(bitPattern: uint32)
        case .float64:
            let value = Double(bitPattern: bits)
            let float = Float(value)
            return float.isInfinite && value.isFinite ? nil : float
        // Their bits come as numbers of 32 (TensorFlow's half_val).
        case .float16: return UInt16(exactly: uint32).map { Float(Float16(bitPattern: $0)) }
        case .bfloat16: return UInt16(exactly: uint32).map { Float(bitPattern: UInt32($0) << 16) }
        }
    }
}

/// What is wrong with a tensor of a gRPC message, and cannot be of a REST one.
enum GRPCTensorError: Error {
    case rawCount(Int)
    case rawOnly(String)
    case elementCount(input: String, expected: Int, received: Int)
}

extension GRPCTensorError: CustomStringConvertible {
    var description: String {
        switch self {
        case .rawCount(let count):
            "raw_input_contents must have one element for each input. Expected 1, received \(count)."
        case .rawOnly(let datatype):
            "Elements of datatype \(datatype.prefix(20)) have no field in contents. Expected raw_input_contents."
        case .elementCount(let input, let expected, let received):
            "unexpected number of elements for input '\(input.prefix(100))'. Expected \(expected) by its shape, received "
                + "\(received)."
        }
    }
}

extension APIError {
    init(_ error: GRPCTensorError) { self.init(400, "invalid_argument", "\(error)") }
    init(_ error: ProtobufError) { self.init(400, "invalid_message", "\(error)") }
}

/// Runs `body` with its errors made the API's.
func protobuf<Result>(_ body: () throws(ProtobufError) -> Result) throws(APIError) -> Result {
    do throws(ProtobufError) { return try body() } catch { throw APIError(error) }
}
