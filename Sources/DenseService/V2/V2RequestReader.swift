internal import DenseEngine
internal import Glibc
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// Reads an infer request in JSON, and the binary tensors behind it.
struct V2RequestReader: ~Copyable {
    private let model: String
    private let signature: ModelSignature
    private let body: HTTPBody
    private var input: Tensor?
    private var answer = V2Answer()
    private var options = V2Options()
    private var outputNames: [String] = []

    /// - Parameters:
    ///   - body: all of the request's.
    ///   - headerLength: where its JSON ends: at its end unless there are binary tensors. 0 for a body that is the model's
    ///     input and nothing else.
    /// - Throws: what is wrong with it.
    static func read(
        _ body: HTTPBody, headerLength: Int?, _ signature: ModelSignature, model: String
    ) throws(APIError) -> V2Request {
        try unsafe body.withUnsafeBytes { bytes throws(APIError) in
            try unsafe read(bytes, of: body, headerLength: headerLength, signature, model: model)
        }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, of body: HTTPBody, headerLength: Int?, _ signature: ModelSignature,
        model: String
    ) throws(APIError) -> V2Request {
        if headerLength == 0 {
            let input = try api { () throws(V2Error) in
                try unsafe signature.rawTensor(bytes, of: body, model: model)
            }
            return V2Request(input: input, answer: V2Answer(isBinary: true))
        }
        let end = headerLength ?? bytes.count
        let json = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<end])
        let binary = unsafe UnsafeRawBufferPointer(rebasing: bytes[end...])
        var reader = try api { () throws(CodingError) in
            // What follows the JSON may be read, whatever it is.
            try unsafe JSONReader(
                bytes: json, padding: HTTPBody.padding + binary.count, allowsNonFinite: true,
                readsDoubles: signature.takesDoubles)
        }
        var request = V2RequestReader(model: model, signature: signature, body: body)
        return try unsafe request.read(&reader, binary, hasHeader: headerLength != nil)
    }

    /// What a request's JSON says of its priority, without a look at its tensors.
    static func priority(in json: UnsafeRawBufferPointer) -> Int? {
        // Few requests have one, and what waits should not be read twice.
        guard unsafe mentions("priority", json) else { return nil }
        do throws(APIError) {
            var reader = try api { () throws(CodingError) in
                try unsafe JSONReader(bytes: json, padding: HTTPBody.padding, allowsNonFinite: true)
            }
            var options = V2Options()
            try api { () throws(CodingError) in try reader.beginObject() }
            while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
                if name == "parameters" {
                    try readParameters(&reader, &options)
                } else {
                    try api { () throws(CodingError) in try reader.skipValue() }
                }
            }
            return options.priority
        } catch { return nil }
    }

    private static func mentions(_ word: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let first = unsafe Int32(word.utf8Start[0])
        var position = 0
        while position + word.utf8CodeUnitCount <= bytes.count,
            let found = unsafe memchr(base + position, first, bytes.count - position - word.utf8CodeUnitCount + 1)
        {
            if unsafe memcmp(found, word.utf8Start, word.utf8CodeUnitCount) == 0 { return true }
            position = unsafe UnsafeRawPointer(found) - base + 1
        }
        return false
    }

    private init(model: String, signature: ModelSignature, body: HTTPBody) {
        self.model = model
        self.signature = signature
        self.body = body
    }

    private mutating func read(
        _ reader: inout JSONReader, _ binary: UnsafeRawBufferPointer, hasHeader: Bool
    ) throws(APIError) -> V2Request {
        var taken = 0
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "id": answer.id = try api { () throws(CodingError) in try reader.readString() }
            case "parameters": try Self.readParameters(&reader, &options)
            case "inputs": try unsafe readInputs(&reader, binary, hasHeader: hasHeader, &taken)
            case "outputs": try readOutputs(&reader)
            // Extensions of others.
            default: try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
        try api { () throws(CodingError) in try reader.finish() }
        guard let input else { throw APIError(V2Error.missing(member: "inputs", of: "the request")) }
        guard taken == binary.count else {
            throw APIError(V2Error.extraBinary(binary.count - taken, model: model))
        }
        try api { () throws(V2Error) in try signature.checkOutputs(outputNames, model: model) }
        answer.isBinary = options.binaryOutputs
        return V2Request(input: input, answer: answer, options: options)
    }

    // MARK: Parameters

    private static func readParameters(
        _ reader: inout JSONReader, _ options: inout V2Options
    ) throws(APIError) {
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            let value = try api { () throws(CodingError) in try Self.value(&reader) }
            try api { () throws(V2Error) in try options.set(name, value) }
        }
    }

    private static func value(_ reader: inout JSONReader) throws(CodingError) -> V2Options.Value {
        switch try reader.nextKind() {
        case .bool: return .bool(try reader.readBool())
        case .string: return .string(try reader.readString())
        case .number:
            switch try reader.readConfigValue() {
            case .int(let value): return .int(value)
            case .double(let value): return .double(value)
            default: return .other
            }
        case .null, .object, .array:
            try reader.skipValue()
            return .other
        }
    }

    // MARK: Inputs

    private mutating func readInputs(
        _ reader: inout JSONReader, _ binary: UnsafeRawBufferPointer, hasHeader: Bool, _ taken: inout Int
    ) throws(APIError) {
        try api { () throws(CodingError) in try reader.beginArray() }
        while try api({ () throws(CodingError) in try reader.nextElement() }) {
            guard input == nil else { throw APIError(V2Error.inputCount(model: model, received: "more")) }
            input = try unsafe readInput(&reader, binary, hasHeader: hasHeader, &taken)
        }
        guard input != nil else { throw APIError(V2Error.inputCount(model: model, received: "0")) }
    }

    private func readInput(
        _ reader: inout JSONReader, _ binary: UnsafeRawBufferPointer, hasHeader: Bool, _ taken: inout Int
    ) throws(APIError) -> Tensor {
        var head = InputHead()
        var postponed: JSONReader.Postponed?
        var tensor: Tensor?
        try api { () throws(CodingError) in try reader.beginObject() }
        while let member = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch member {
            case "data":
                if let facts = try head.facts(signature, model: model) {
                    tensor = try api { () throws(CodingError) in
                        try reader.readElements(facts.element, shape: facts.shape)
                    }
                } else {
                    // It can't be read before it is known what it is.
                    postponed = try api { () throws(CodingError) in try reader.postponeValue() }
                }
            case "parameters": try readInputParameters(&reader, &head)
            default: try api { () throws(CodingError) in try head.read(member, &reader) }
            }
        }
        guard let facts = try head.facts(signature, model: model) else {
            throw APIError(V2Error.missing(member: head.missing, of: "an input"))
        }
        if let postponed {
            tensor = try api { () throws(CodingError) in
                try reader.read(postponed) { (reader) throws(CodingError) in
                    try reader.readElements(facts.element, shape: facts.shape)
                }
            }
        }
        guard let size = head.binaryBytes else {
            guard let tensor else { throw APIError(V2Error.noData(input: signature.input)) }
            return tensor
        }
        if tensor != nil { throw APIError(V2Error.dataAndBinary(input: signature.input)) }
        return try api { () throws(V2Error) in
            guard hasHeader else { throw .binaryWithoutHeader(input: signature.input) }
            guard size <= binary.count - taken else {
                throw .byteCount(input: signature.input, expected: size, received: binary.count - taken)
            }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: binary[taken..<taken + size])
            taken += size
            return try unsafe signature.tensor(bytes, of: body, facts.element, facts.shape)
        }
    }

    private func readInputParameters(_ reader: inout JSONReader, _ head: inout InputHead) throws(APIError) {
        try api { () throws(CodingError) in try reader.beginObject() }
        while let name = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch name {
            case "binary_data_size":
                let size = try api { () throws(CodingError) in try reader.readInt() }
                guard size >= 0 else {
                    throw APIError(V2Error.invalidParameter(name, expected: "a number of bytes"))
                }
                head.binaryBytes = size
            case "shared_memory_region": throw APIError(V2Error.sharedMemoryOff)
            default: try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
    }

    // MARK: Outputs

    private mutating func readOutputs(_ reader: inout JSONReader) throws(APIError) {
        var outputs: [V2Answer.Output] = []
        try api { () throws(CodingError) in try reader.beginArray() }
        while try api({ () throws(CodingError) in try reader.nextElement() }) {
            let output = try readOutput(&reader)
            outputNames.append(output.name)
            // A second one is an error that only its name is needed for.
            if outputs.isEmpty { outputs.append(output) }
            if outputNames.count > 1 { outputNames = Array(outputNames.suffix(2)) }
        }
        // None is all of them.
        answer.outputs = outputs.isEmpty ? nil : outputs
    }

    private func readOutput(_ reader: inout JSONReader) throws(APIError) -> V2Answer.Output {
        var name: String?
        var isBinary = false
        var classes: Int?
        try api { () throws(CodingError) in try reader.beginObject() }
        while let member = try api({ () throws(CodingError) in try reader.nextField() }) {
            switch member {
            case "name": name = try api { () throws(CodingError) in try reader.readString() }
            case "parameters":
                try api { () throws(CodingError) in try reader.beginObject() }
                while let parameter = try api({ () throws(CodingError) in try reader.nextField() }) {
                    switch parameter {
                    case "binary_data": isBinary = try api { () throws(CodingError) in try reader.readBool() }
                    case "classification":
                        let count = try api { () throws(CodingError) in try reader.readInt() }
                        guard count >= 0 else {
                            throw APIError(V2Error.invalidParameter(parameter, expected: "how many classes, 1 or more"))
                        }
                        classes = count == 0 ? nil : count
                    case "shared_memory_region": throw APIError(V2Error.sharedMemoryOff)
                    default: try api { () throws(CodingError) in try reader.skipValue() }
                    }
                }
            default: try api { () throws(CodingError) in try reader.skipValue() }
            }
        }
        guard let name else { throw APIError(V2Error.missing(member: "name", of: "an output")) }
        return V2Answer.Output(name: name, isBinary: isBinary, classes: classes)
    }
}

/// What an input's object says besides its data.
private struct InputHead {
    var name: String?
    var datatype: String?
    var shape: [Int]?
    var binaryBytes: Int?

    /// The first member that is missing; empty when none is.
    var missing: String { name == nil ? "name" : shape == nil ? "shape" : datatype == nil ? "datatype" : "" }

    mutating func read(_ member: String, _ reader: inout JSONReader) throws(CodingError) {
        switch member {
        case "name": name = try reader.readString()
        case "datatype": datatype = try reader.readString()
        case "shape":
            var sizes: [Int] = []
            try reader.beginArray()
            while try reader.nextElement() {
                guard sizes.count < 64 else { throw .tooDeep(limit: 32, at: reader.location) }
                sizes.append(try reader.readInt())
            }
            shape = sizes
        default: try reader.skipValue()
        }
    }

    /// What the data is, as soon as all is known that says so.
    func facts(
        _ signature: ModelSignature, model: String
    ) throws(APIError) -> (element: ElementType, shape: Shape)? {
        guard let name, let datatype, let shape else { return nil }
        return try api { () throws(V2Error) in
            try signature.checkInput(name: name, datatype: datatype, shape: shape, model: model)
        }
    }
}
