internal import DenseEngine
internal import ModelStore
internal import TensorCoding

/// How models are described in JSON.
enum ModelDescription {
    /// One model: its name, its versions, and the facts of the latest.
    ///
    /// - Parameter versions: ascending, not empty.
    static func write(versions: [Model], layers: Bool, to writer: inout JSONWriter) {
        guard let latest = versions.last else { return writer.writeNull() }
        writer.beginObject()
        writer.name("name")
        writer.write(latest.name)
        writer.name("versions")
        writer.write(versions.map(\.version))
        writeFacts(latest, to: &writer)
        if layers { writeLayers(latest, to: &writer) }
        writer.endObject()
    }

    /// One version, with its layers' configurations.
    static func write(_ model: Model, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("name")
        writer.write(model.name)
        writeFacts(model, to: &writer)
        writeLayers(model, to: &writer)
        writer.endObject()
    }

    private static func writeFacts(_ model: Model, to writer: inout JSONWriter) {
        writer.name("version")
        writer.write(model.version)
        writer.name("parameters")
        writer.write(model.network.parameterCount)
        writer.name("bytes")
        writer.write(model.network.byteCount)
        writer.name("memory_bytes")
        writer.write(model.content.byteCount)
        writer.name("sha256")
        writer.write(model.content.digest.hexadecimal)
        writer.name("input_shape")
        write(shape: model.network.inputShape, to: &writer)
        writer.name("output_shape")
        write(shape: model.network.outputShape, to: &writer)
        writer.name("batching")
        writer.beginObject()
        for member in BatchOptions.members {
            guard let value = model.batching[member.name] else { continue }
            writer.name(member.name)
            writer.write(value)
        }
        writer.endObject()
    }

    private static func writeLayers(_ model: Model, to writer: inout JSONWriter) {
        writer.name("layers")
        writer.beginArray()
        for configuration in model.layerConfigurations { writer.write(configuration) }
        writer.endArray()
    }

    /// `null` for a size that may be any, as Keras writes it; `null` altogether where nothing is known.
    private static func write(shape: [Int?]?, to writer: inout JSONWriter) {
        guard let shape else { return writer.writeNull() }
        writer.beginArray()
        for size in shape {
            if let size { writer.write(size) } else { writer.writeNull() }
        }
        writer.endArray()
    }
}
