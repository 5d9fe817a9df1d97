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
        var capacity = 128 + JSONWriter.capacity(for: output.shape, form: form, type: output.type)
        if let logits { capacity += JSONWriter.capacity(for: logits.shape, form: form, type: logits.type) }
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.name(plain: "output")
        try Self.inMember("output") { () throws(CodingError) in
            try writer.write(output, form: form, nonFinite: nonFinite)
        }
        writer.name(plain: "shape")
        writer.write(output.shape.dimensions)
        writer.name(plain: "dtype")
        writer.write(output.type.rawValue)
        if let logits {
            writer.name(plain: "logits")
            try Self.inMember("logits") { () throws(CodingError) in
                try writer.write(logits, form: form, nonFinite: nonFinite)
            }
        }
        if let losses {
            writer.name(plain: "losses")
            try Self.inMember("losses") { () throws(CodingError) in
                try writer.write(losses, nonFinite: nonFinite)
            }
        }
        if !warnings.isEmpty {
            writer.name(plain: "warnings")
            writer.beginArray()
            for warning in warnings { writer.write(warning) }
            writer.endArray()
        }
        if let version {
            writer.name(plain: "version")
            writer.write(version)
        }
        writer.endObject()
        return writer.bytes
    }

    /// Writes a member's value; the pointer of its error begins with the member's name.
    private static func inMember(
        _ member: String, _ write: () throws(CodingError) -> Void
    ) throws(CodingError) {
        do throws(CodingError) { try write() } catch {
            guard case .nonFiniteElement(let value, let index, let pointer) = error else { throw error }
            throw .nonFiniteElement(value, index: index, pointer: "/\(member)\(pointer)")
        }
    }
}
