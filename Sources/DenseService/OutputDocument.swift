package import DenseEngine
package import TensorCoding

extension ModelOutput {
    /// The JSON document that `POST /dense` and `dense-serve predict` answer with.
    ///
    /// - Parameter version: of the registered model that computed it.
    /// - Throws: `CodingError.nonFiniteElement` under the policy `error`; its pointer leads into the document, to the
    ///   first element that is not finite. `CodingError.invalidShape` for nothing but empty rows, and millions of them.
    package func json(
        form: TensorForm, nonFinite: NonFinitePolicy, version: Int? = nil
    ) throws(CodingError) -> [UInt8] {
        var capacity = 128 + JSONWriter.capacity(for: output.shape, form: form)
        if let logits { capacity += JSONWriter.capacity(for: logits.shape, form: form) }
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        try writer.writeMember("output") { writer throws(CodingError) in
            try writer.write(output, form: form, nonFinite: nonFinite)
        }
        writer.name("shape")
        writer.write(output.shape.dimensions)
        writer.name("dtype")
        writer.write(DType.float32.rawValue)
        if let logits {
            try writer.writeMember("logits") { writer throws(CodingError) in
                try writer.write(logits, form: form, nonFinite: nonFinite)
            }
        }
        if let losses {
            try writer.writeMember("losses") { writer throws(CodingError) in
                try writer.write(losses, nonFinite: nonFinite)
            }
        }
        if !warnings.isEmpty {
            writer.name("warnings")
            writer.beginArray()
            for warning in warnings { writer.write(warning) }
            writer.endArray()
        }
        if let version {
            writer.name("version")
            writer.write(version)
        }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes a member; the pointer of its error begins with the member's name.
    fileprivate mutating func writeMember(
        _ member: String, _ body: (inout JSONWriter) throws(CodingError) -> Void
    ) throws(CodingError) {
        name(member)
        do throws(CodingError) { try body(&self) } catch {
            guard case .nonFiniteElement(let value, let index, let pointer) = error else { throw error }
            throw .nonFiniteElement(value, index: index, pointer: "/\(member)\(pointer)")
        }
    }
}
