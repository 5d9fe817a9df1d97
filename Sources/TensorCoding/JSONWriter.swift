package import DenseEngine

/// How a tensor is written.
package enum TensorForm: String, Hashable, Sendable, CaseIterable {
    /// `[[1.0, 2.0]]`
    case nested
    /// `{"shape": [1, 2], "data": [1.0, 2.0]}`
    case flat
    /// `{"shape": [1, 2], "dtype": "float32", "b64": "AACAPwAAAEA="}`
    case base64
}

/// What becomes of NaN and the infinities, which JSON cannot say.
package enum NonFinitePolicy: String, Hashable, Sendable, CaseIterable {
    /// `CodingError.nonFiniteElement`
    case error
    /// `NaN`, `Infinity`, `-Infinity`: not JSON, but what Python writes and reads.
    case token
    case null
    /// `"NaN"`, `"Infinity"`, `"-Infinity"`
    case string
}

/// Writes one JSON document, from front to back, into one buffer. Commas are the writer's; a name must precede every
/// value inside an object, and whatever is begun must be ended.
///
///     var writer = JSONWriter(capacity: JSONWriter.capacity(for: output, form: .nested) + 256)
///     writer.beginObject()
///     writer.name("output")
///     try writer.write(output, form: .nested, nonFinite: .error)
///     writer.name("shape")
///     writer.write(output.shape.dimensions)
///     writer.endObject()
///     return writer.bytes
package struct JSONWriter {
    /// The document so far.
    package private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: bytes to reserve. The buffer grows when that was too little.
    package init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// The most bytes a tensor can take.
    package static func capacity(for tensor: Tensor, form: TensorForm) -> Int { 0 }

    package mutating func beginObject() {}
    package mutating func endObject() {}
    package mutating func beginArray() {}
    package mutating func endArray() {}
    /// A member's name.
    package mutating func name(_ name: String) {}
    package mutating func write(_ value: String) {}
    package mutating func write(_ value: Int) {}
    package mutating func write(_ value: Bool) {}
    package mutating func writeNull() {}
    /// The shortest decimal that reads back to the same float32; `null` when not finite.
    package mutating func write(_ value: Float) {}
    /// The shortest decimal that reads back to the same float64; `null` when not finite.
    package mutating func write(_ value: Double) {}
    /// An array of integers.
    package mutating func write(_ values: [Int]) {}
    package mutating func write(_ value: ConfigValue) {}
    package mutating func write(_ values: [Float], nonFinite: NonFinitePolicy) throws(CodingError) {}
    /// - Throws: `CodingError.nonFiniteElement` under the policy `error`.
    package mutating func write(_ tensor: Tensor, form: TensorForm, nonFinite: NonFinitePolicy) throws(CodingError) {}
}
