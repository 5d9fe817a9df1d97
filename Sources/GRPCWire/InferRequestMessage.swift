package import ProtobufWire

/// `inference.ModelInferRequest`, read where it lies: tensors are ranges of its bytes. Where many floats come, this is what
/// keeps them from being copied more than once.
package struct InferRequestMessage: Sendable {
    /// The most of anything that repeats; tensors' elements and a shape's axes aside.
    package static let limit = 256
    private static let maximumAxes = 64

    package struct Input: Sendable {
        package var name = ""
        package var datatype = ""
        package var shape: [Int] = []
        package var parameters: [String: InferParameterValue] = [:]
        /// Where its `InferTensorContents` lie, usually one or none.
        package var contents: [Range<Int>] = []
    }

    package struct Output: Sendable {
        package var name = ""
        package var parameters: [String: InferParameterValue] = [:]
    }

    package private(set) var modelName = ""
    package private(set) var modelVersion = ""
    package private(set) var id = ""
    package private(set) var parameters: [String: InferParameterValue] = [:]
    package private(set) var inputs: [Input] = []
    package private(set) var outputs: [Output] = []
    /// Where each of `raw_input_contents` lies.
    package private(set) var raw: [Range<Int>] = []

    /// Reads a whole message.
    package init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
        var reader = unsafe ProtobufReader(bytes)
        while let field = try reader.nextField() { try read(field, &reader) }
    }

    /// The names and parameters at its beginning, as far as they are there: what can be told without reading all of it.
    package init(beginningOf bytes: UnsafeRawBufferPointer) {
        var reader = unsafe ProtobufReader(bytes)
        for _ in 0..<16 {
            guard let field = try? reader.nextField(), field.number <= 4 else { return }
            guard (try? read(field, &reader)) != nil else { return }
        }
    }

    /// Where the first of `raw_input_contents` lies in a message of which only the beginning is there; nil where that cannot be
    /// told from it.
    package static func offsetOfRaw(inBeginning bytes: UnsafeRawBufferPointer) -> Int? {
        var reader = unsafe ProtobufReader(bytes)
        while let field = try? reader.nextField() {
            if field.number == 7 { return (try? reader.varint()).map { _ in reader.position } }
            guard (try? reader.skip(field.type)) != nil else { return nil }
        }
        return nil
    }

    private mutating func read(
        _ field: ProtobufReader.Field, _ reader: inout ProtobufReader
    ) throws(ProtobufError) {
        switch (field.number, field.type) {
        case (1, .bytes): modelName = try reader.string()
        case (2, .bytes): modelVersion = try reader.string()
        case (3, .bytes): id = try reader.string()
        case (4, .bytes): try parameters.add(&reader)
        case (5, .bytes): try inputs.add(Input(reader.inner(try reader.delimited())), "inputs")
        case (6, .bytes): try outputs.add(Output(reader.inner(try reader.delimited())), "outputs")
        case (7, .bytes): try raw.add(try reader.delimited(), "raw_input_contents")
        default: try reader.skip(field.type)
        }
    }

    fileprivate static func readShape(
        _ shape: inout [Int], _ type: ProtobufReader.WireType, _ reader: inout ProtobufReader
    ) throws(ProtobufError) {
        var axes = shape
        _ = try reader.varints(type) { value throws(ProtobufError) in
            guard axes.count < maximumAxes else { throw .tooMany("axes", limit: maximumAxes) }
            axes.append(Int(Int64(bitPattern: value)))
        }
        shape = axes
    }
}

extension InferRequestMessage.Input {
    fileprivate init(_ inner: ProtobufReader) throws(ProtobufError) {
        var reader = inner
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): name = try reader.string()
            case (2, .bytes): datatype = try reader.string()
            case (3, _): try InferRequestMessage.readShape(&shape, field.type, &reader)
            case (4, .bytes): try parameters.add(&reader)
            case (5, .bytes): try contents.add(try reader.delimited(), "contents")
            default: try reader.skip(field.type)
            }
        }
    }
}

extension InferRequestMessage.Output {
    fileprivate init(_ inner: ProtobufReader) throws(ProtobufError) {
        var reader = inner
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): name = try reader.string()
            case (2, .bytes): try parameters.add(&reader)
            default: try reader.skip(field.type)
            }
        }
    }
}

/// `inference.InferParameter`.
package enum InferParameterValue: Hashable, Sendable {
    case none
    case bool(Bool)
    case int(Int64)
    case text(String)
    case double(Double)
    case uint(UInt64)

    fileprivate init(_ inner: ProtobufReader) throws(ProtobufError) {
        var reader = inner
        self = .none
        while let field = try reader.nextField() {
            switch (field.number, field.type) {
            case (1, .varint): self = .bool(try reader.varint() != 0)
            case (2, .varint): self = .int(Int64(bitPattern: try reader.varint()))
            case (3, .bytes): self = .text(try reader.string())
            case (4, .fixed64): self = .double(Double(bitPattern: try reader.fixed64()))
            case (5, .varint): self = .uint(try reader.varint())
            default: try reader.skip(field.type)
            }
        }
    }
}

extension [String: InferParameterValue] {
    /// Reads an entry of the map; of those with the same key the last one counts.
    fileprivate mutating func add(_ reader: inout ProtobufReader) throws(ProtobufError) {
        guard count < InferRequestMessage.limit else {
            throw .tooMany("parameters", limit: InferRequestMessage.limit)
        }
        var entry = reader.inner(try reader.delimited())
        var key = ""
        var value = InferParameterValue.none
        while let field = try entry.nextField() {
            switch (field.number, field.type) {
            case (1, .bytes): key = try entry.string()
            case (2, .bytes): value = try InferParameterValue(entry.inner(try entry.delimited()))
            default: try entry.skip(field.type)
            }
        }
        self[key] = value
    }
}

extension Array {
    /// Appends an element, if there may be one more.
    mutating func add(_ element: Element, _ what: String) throws(ProtobufError) {
        guard count < InferRequestMessage.limit else { throw .tooMany(what, limit: InferRequestMessage.limit) }
        append(element)
    }
}
