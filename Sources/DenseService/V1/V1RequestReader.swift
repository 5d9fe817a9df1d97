internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// What is asked of a model, which is also how the answer looks.
enum V1Method: Sendable {
    /// `instances`, answered by `predictions`.
    case predictRows
    /// `inputs`, answered by `outputs`.
    case predictColumns
    case classify
    case regress
}

/// Reads a request in TensorFlow Serving's JSON. Its tokens NaN and Infinity are read, as it does.
enum V1RequestReader {
    /// The one signature there is.
    static let signature = "serving_default"

    /// - Returns: also the name of an adapter, the one member that TensorFlow Serving does not have.
    static func read(
        _ bytes: UnsafeRawBufferPointer, _ operation: Operation, input: String, readsDoubles: Bool
    ) throws(APIError) -> (method: V1Method, tensor: Tensor, adapter: String?) {
        guard unsafe bytes.contains(where: { !$0.isJSONSpace }) else {
            throw APIError(400, "invalid_argument", "JSON Parse error: The document is empty")
        }
        var reader = try api { () throws(CodingError) in
            try unsafe JSONReader(
                bytes: bytes, padding: HTTPBody.padding, allowsNonFinite: true, readsDoubles: readsDoubles)
        }
        var adapter: String?
        switch operation {
        case .v1Classify:
            let tensor = try examples(&reader, method: "classify", input: input, &adapter)
            return (.classify, tensor, adapter)
        case .v1Regress:
            let tensor = try examples(&reader, method: "regress", input: input, &adapter)
            return (.regress, tensor, adapter)
        default:
            let (method, tensor) = try predict(&reader, input: input, &adapter)
            return (method, tensor, adapter)
        }
    }

    // MARK: predict

    private static func predict(
        _ reader: inout JSONReader, input: String, _ adapter: inout String?
    ) throws(APIError) -> (method: V1Method, tensor: Tensor) {
        var rows: Tensor?
        var columns: Tensor?
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "signature_name": try readSignature(&reader)
            case "adapter": adapter = try api { () throws(CodingError) in try reader.readString() }
            case "instances":
                guard columns == nil else { throw APIError(V1Error.inputsAndInstances) }
                rows = try instances(&reader, input: input)
            case "inputs":
                guard rows == nil else { throw APIError(V1Error.inputsAndInstances) }
                columns = try inputs(&reader, input: input)
            default: try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
        try api { () throws(CodingError) in try reader.finish() }
        if let rows { return (.predictRows, rows) }
        if let columns { return (.predictColumns, columns) }
        throw APIError(V1Error.neitherInputsNorInstances)
    }

    private static func readSignature(_ reader: inout JSONReader) throws(APIError) {
        let name = try api { () throws(CodingError) in try reader.readString() }
        guard name.isEmpty || name == signature else { throw APIError(V1Error.unknownSignature(name)) }
    }

    private static func instances(_ reader: inout JSONReader, input: String) throws(APIError) -> Tensor {
        guard try kind(&reader) == .array else { throw APIError(V1Error.instancesNotList) }
        switch reader.kindOfFirstElement {
        case nil: throw APIError(V1Error.noInstances)
        case .object: break
        // All of them at once.
        default: return try tensor(&reader)
        }
        var list = TensorList()
        try api { () throws(CodingError) in try reader.beginArray() }
        while try api({ () throws(CodingError) in try reader.nextElement() }) {
            guard try kind(&reader) == .object else {
                throw APIError(V1Error.mixedInstances(index: list.count, expectsObject: true))
            }
            var found = false
            try api { () throws(CodingError) in try reader.beginObject() }
            while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
                if name == "b64", input != "b64" { throw APIError(V1Error.base64(input)) }
                guard name == input else { throw APIError(V1Error.otherKeys(index: list.count, input: input)) }
                try list.append(try value(&reader, input: input))
                found = true
            }
            guard found else { throw APIError(V1Error.otherKeys(index: list.count, input: input)) }
        }
        return try list.joined()
    }

    private static func inputs(_ reader: inout JSONReader, input: String) throws(APIError) -> Tensor {
        guard try kind(&reader) == .object else { return try tensor(&reader) }
        var result: Tensor?
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            if name == "b64", input != "b64" { throw APIError(V1Error.base64(input)) }
            if name == input {
                result = try value(&reader, input: input)
            } else {
                try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
        guard let result else { throw APIError(V1Error.missingInput(input)) }
        return result
    }

    /// A tensor under its name; `{"b64": "..."}` is text, which a model of numbers does not take.
    private static func value(_ reader: inout JSONReader, input: String) throws(APIError) -> Tensor {
        guard try kind(&reader) != .object else { throw APIError(V1Error.base64(input)) }
        return try tensor(&reader)
    }

    private static func tensor(_ reader: inout JSONReader) throws(APIError) -> Tensor {
        try api { () throws(CodingError) in try reader.readTensor() }
    }

    private static func kind(_ reader: inout JSONReader) throws(APIError) -> JSONKind {
        try api { () throws(CodingError) in try reader.nextKind() }
    }

    // MARK: classify and regress

    /// A feature called as the input is holds an example's row; the `context` is what examples have in common.
    private static func examples(
        _ reader: inout JSONReader, method: String, input: String, _ adapter: inout String?
    ) throws(APIError) -> Tensor {
        var list: TensorList?
        var missing: [Int] = []
        var context: Tensor?
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "signature_name": try readSignature(&reader)
            case "adapter": adapter = try api { () throws(CodingError) in try reader.readString() }
            case "context": context = try example(&reader, input: input)
            case "examples":
                var examples = TensorList()
                try api { () throws(CodingError) in try reader.beginArray() }
                var index = 0
                while try api({ () throws(CodingError) in try reader.nextElement() }) {
                    if let row = try example(&reader, input: input) {
                        try examples.append(row)
                    } else {
                        missing.append(index)
                    }
                    index += 1
                }
                guard index > 0 else { throw APIError(V1Error.noExamples(method: method)) }
                list = examples
            default: try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
        try api { () throws(CodingError) in try reader.finish() }
        guard var list else { throw APIError(V1Error.noExamples(method: method)) }
        if let first = missing.first {
            // With a context every example may leave the feature out.
            guard let context, list.count == 0 else { throw APIError(V1Error.noFeature(input, index: first)) }
            for _ in missing { try list.append(context) }
        }
        return try list.joined()
    }

    /// The input's feature of one example; nil where it has none.
    private static func example(_ reader: inout JSONReader, input: String) throws(APIError) -> Tensor? {
        guard try kind(&reader) == .object else { throw APIError(V1Error.exampleNotObject) }
        var row: Tensor?
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            if name == input {
                let value = try value(&reader, input: input)
                // A feature of one number may be that number.
                row = value.shape.rank == 0 ? (try? value.reshaped(to: Shape([1]))) ?? value : value
            } else {
                try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
        return row
    }
}

/// Tensors of one shape that become one with an axis more.
private struct TensorList {
    private(set) var count = 0
    private var shape: Shape?
    private var elements: [Float] = []
    private var doubles: [Double] = []

    /// - Throws: for another shape than the first has.
    mutating func append(_ tensor: Tensor) throws(APIError) {
        let expected = shape ?? tensor.shape
        guard tensor.shape == expected else {
            throw APIError(
                V1Error.otherShape(index: count, expected: expected.dimensions, received: tensor.shape.dimensions))
        }
        shape = expected
        if let more = tensor.doubles { doubles += more } else { elements += tensor.elements }
        count += 1
    }

    func joined() throws(APIError) -> Tensor {
        try api { () throws(EngineError) in
            let whole = try Shape([count] + (shape?.dimensions ?? []))
            // All were read alike.
            return doubles.isEmpty
                ? try Tensor(shape: whole, elements: elements) : try Tensor(shape: whole, doubles: doubles)
        }
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
