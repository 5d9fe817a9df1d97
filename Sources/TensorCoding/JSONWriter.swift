package import DenseEngine

/// Writes one JSON document, from front to back, into one buffer. Commas are the writer's; a name must precede every
/// value inside an object, and whatever is begun must be ended.
///
///     var writer = JSONWriter(capacity: JSONWriter.capacity(for: output.shape, form: .nested) + 256)
///     writer.beginObject()
///     writer.name("output")
///     try writer.write(output, form: .nested, nonFinite: .error)
///     writer.name("shape")
///     writer.write(output.shape.dimensions)
///     writer.endObject()
///     return writer.bytes
package struct JSONWriter {
    /// The document so far.
    package internal(set) var bytes: [UInt8] = []

    /// Whether a comma has to come before the next value or name.
    private var isBehindValue = false

    /// What large tensors may take.
    let threads: CodingThreads

    /// - Parameters:
    ///   - capacity: bytes to reserve. The buffer grows when that was too little.
    ///   - threads: what large tensors may take.
    package init(capacity: Int = 0, threads: CodingThreads = .all) {
        self.threads = threads
        bytes.reserveCapacity(capacity)
    }

    // MARK: Objects and arrays

    package mutating func beginObject() { begin("{") }
    package mutating func endObject() { end("}") }
    package mutating func beginArray() { begin("[") }
    package mutating func endArray() { end("]") }

    /// A member's name; its value comes next.
    package mutating func name(_ name: String) {
        beginValue()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        isBehindValue = false
    }

    /// A member's name that needs no escapes; its value comes next.
    package mutating func name(plain name: StaticString) {
        beginValue()
        append(quoted: name)
        bytes.append(UInt8(ascii: ":"))
        isBehindValue = false
    }

    private mutating func begin(_ bracket: Unicode.Scalar) {
        beginValue()
        bytes.append(UInt8(ascii: bracket))
        isBehindValue = false
    }

    private mutating func end(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        isBehindValue = true
    }

    /// Every value begins with this.
    mutating func beginValue() {
        if isBehindValue { bytes.append(UInt8(ascii: ",")) }
        isBehindValue = true
    }

    // MARK: Scalars

    package mutating func write(_ value: String) {
        beginValue()
        appendQuoted(value)
    }

    /// A text that needs no escapes.
    package mutating func write(plain value: StaticString) {
        beginValue()
        append(quoted: value)
    }

    package mutating func write(_ value: Int) {
        // Sizes, mostly.
        guard (0..<10).contains(value) else { return append(String(value)) }
        beginValue()
        bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value))
    }

    package mutating func write(_ value: Bool) { append(value ? "true" : "false") }

    package mutating func writeNull() { append("null") }

    /// The shortest decimal that reads back to the same float32, or to the same value of a 16-bit type; `null` when it is not
    /// finite.
    package mutating func write(_ value: Float, type: DType = .float32) {
        guard value.isFinite else { return writeNull() }
        beginValue()
        bytes.append(addingCapacity: FloatText.workingCount) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
                count =
                    unsafe FloatText.withTables(type) {
                        unsafe FloatText.write(value, to: start, tables: $0) - start
                    } ?? 0
            }
        }
    }

    /// The same, but NaN, Infinity or -Infinity when it is not finite: no JSON, but what Python reads.
    package mutating func write(token value: Float, type: DType = .float32) {
        guard !value.isFinite else { return write(value, type: type) }
        append(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
    }

    /// The shortest decimal that reads back to the same float64; `null` when it is not finite.
    package mutating func write(_ value: Double) { append(value.isFinite ? value.description : "null") }

    /// An array of integers, as shapes are.
    package mutating func write(_ values: [Int]) {
        beginArray()
        for value in values { write(value) }
        endArray()
    }

    package mutating func write(_ value: ConfigValue) {
        switch value {
        case .null: writeNull()
        case .bool(let value): write(value)
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements):
            beginArray()
            for element in elements { write(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                name(member.name)
                write(member.value)
            }
            endObject()
        }
    }

    mutating func append(_ text: String) {
        beginValue()
        bytes.append(contentsOf: text.utf8)
    }

    // MARK: Strings

    private mutating func append(quoted text: StaticString) {
        bytes.append(UInt8(ascii: "\""))
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
    }

    /// Quotes, backslashes and control characters are escaped, everything else is written as it is.
    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { buffer in
            let isPlain = unsafe buffer.allSatisfy { byte in
                byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            }
            if isPlain {
                unsafe bytes.append(contentsOf: buffer)
            } else {
                unsafe buffer.forEach { appendEscaped($0) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            bytes.append(Array("0123456789abcdef".utf8)[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}
