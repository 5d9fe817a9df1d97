internal import DenseEngine
internal import HTTPServer
internal import TensorCoding

/// An infer request of the Open Inference Protocol, decoded: by REST or by gRPC.
struct V2Request: Sendable {
    var input: Tensor
    var answer: V2Answer
    var options = V2Options()
}

/// How the answer is to look.
struct V2Answer: Sendable {
    /// One output that was asked for.
    struct Output: Sendable {
        var name: String
        var isBinary: Bool
        /// Instead of the values the so many largest of each row, with their places; nil for the values.
        var classes: Int?
    }

    /// Echoed.
    var id: String?
    /// The outputs that were asked for; nil for all.
    var outputs: [Output]?
    /// Whether outputs that were not asked for by name are binary.
    var isBinary = false
}

/// The parameters of a request that mean something here. Others are the client's own affair.
struct V2Options: Sendable {
    /// 0 to 9, higher ones first; nil where the request does not say.
    private(set) var priority: Int?
    /// After so many microseconds the request is not worth beginning; nil for no limit of its own.
    private(set) var timeoutMicroseconds: Int?
    private(set) var binaryOutputs = false
    /// The adapter of the model that is chosen; nil for none.
    private(set) var adapter: String?

    /// A parameter's value, in JSON or gRPC.
    enum Value {
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
        case other
    }

    /// Takes a parameter of the request.
    ///
    /// - Throws: for a reserved name, and a known one with a value that it cannot have.
    mutating func set(_ name: String, _ value: Value) throws(V2Error) {
        switch name {
        case "priority":
            guard case .int(let number) = value, number >= 0 else {
                throw .invalidParameter(name, expected: "an integer, 0 for the default or 1 for the highest and up")
            }
            priority = Self.priority(triton: number)
        case "timeout":
            guard case .int(let number) = value, number >= 0 else {
                throw .invalidParameter(name, expected: "microseconds, 0 for no limit")
            }
            timeoutMicroseconds = number == 0 ? nil : number
        case "binary_data_output":
            guard case .bool(let flag) = value else { throw .invalidParameter(name, expected: "true or false") }
            binaryOutputs = flag
        case "adapter":
            guard case .string(let text) = value else {
                throw .invalidParameter(name, expected: "the name of an adapter of the model")
            }
            adapter = text
        case _ where name.hasPrefix("triton_"): throw .reservedParameter(name)
        // Of a sequence the answers do not depend on each other, so whatever is said of it holds.
        default: break
        }
    }

    /// Triton's 1 is the highest, larger numbers are lower; here it is 9, and 0 the lowest.
    static func priority(triton number: Int) -> Int? {
        number <= 0 ? nil : WorkOptions.priorities.upperBound - min(number - 1, WorkOptions.priorities.upperBound)
    }
}

/// What is checked of inputs and outputs, whatever encoding they came in.
extension ModelSignature {
    /// An input's element type and shape.
    ///
    /// - Throws: for a name, a datatype or a shape that the model does not take.
    func checkInput(
        name: String, datatype: String, shape: [Int], model: String
    ) throws(V2Error) -> (element: ElementType, shape: Shape) {
        guard name == input else { throw .unexpectedInput(name, expected: input, model: model) }
        guard let type = V2Datatype(rawValue: datatype) else { throw .unknownDatatype(datatype, input: name) }
        guard let element = type.element else { throw .bytesInput(name) }
        guard shape.count <= 32, let checked = try? Shape(shape) else { throw .invalidShape(shape, input: name) }
        return (element, checked)
    }

    /// The input of an element type from its octets, by one copy at most.
    ///
    /// - Parameter body: where they are.
    func tensor(
        _ bytes: UnsafeRawBufferPointer, of body: HTTPBody, _ element: ElementType, _ shape: Shape
    ) throws(V2Error) -> Tensor {
        do throws(ElementFault) {
            return unsafe try RawTensor.decode(
                bytes, shape: shape, element: element, asDoubles: takesDoubles, of: body)
        } catch {
            switch error {
            case .byteCount(let expected, let received):
                throw .byteCount(input: input, expected: expected, received: received)
            case .outOfRange(let index): throw .outOfRange(input: input, index: index)
            case .shape: throw .invalidShape(shape.dimensions, input: input)
            }
        }
    }

    /// The input of a body that is nothing but its elements, of the model's own type: its only axis of any size follows from
    /// their number.
    func rawTensor(
        _ bytes: UnsafeRawBufferPointer, of body: HTTPBody, model: String
    ) throws(V2Error) -> Tensor {
        let open = inputShape.filter { $0 == nil }.count
        var row = inputType.size
        for size in inputShape {
            let (product, overflow) = row.multipliedReportingOverflow(by: size ?? 1)
            guard !overflow else { throw .rawShape(model: model, shape: inputShape) }
            row = product
        }
        guard open == 1, row > 0 else { throw .rawShape(model: model, shape: inputShape) }
        guard bytes.count % row == 0 else { throw .rawByteCount(received: bytes.count, row: row) }
        let sizes = inputShape.map { $0 ?? bytes.count / row }
        guard let shape = try? Shape(sizes) else { throw .invalidShape(sizes, input: input) }
        return try unsafe tensor(bytes, of: body, V2Datatype(inputType).element ?? .float32, shape)
    }

    /// - Throws: for outputs that the model does not have, or twice.
    func checkOutputs(_ names: [String], model: String) throws(V2Error) {
        if let other = names.first(where: { $0 != output }) {
            throw .unexpectedOutput(other, expected: output, model: model)
        }
        if names.count > 1 { throw .repeatedOutput(output) }
    }
}
