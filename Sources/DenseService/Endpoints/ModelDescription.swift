internal import DenseEngine
internal import ModelStore
internal import TensorCoding

/// How models are described in JSON.
enum ModelDescription {
    /// One model: its name, its versions, its labels, its loads, and the facts of the latest version, if there is one.
    ///
    /// - Parameter layers: whether with the latest version's layers.
    static func write(_ model: RegisteredModel, layers: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", model.name)
        writer.member("versions", model.versions.map(\.version))
        write(labels: model.labels, to: &writer)
        write(loads: model.loads, to: &writer)
        if let latest = model.versions.last {
            writeFacts(latest, to: &writer)
            if layers { writeLayers(latest, to: &writer) }
        }
        writer.endObject()
    }

    /// One version, with its layers' configurations.
    static func write(_ model: Model, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", model.name)
        writeFacts(model, to: &writer)
        writeLayers(model, to: &writer)
        writer.endObject()
    }

    /// The member `labels`: the version each leads to.
    static func write(labels: [(label: String, version: Int)], to writer: inout JSONWriter) {
        writer.name("labels")
        writer.beginObject()
        for (label, version) in labels {
            writer.member(label, version)
        }
        writer.endObject()
    }

    /// The member `loading`: what is being loaded, and what could not be.
    private static func write(loads: [ModelLoads.Load], to writer: inout JSONWriter) {
        writer.name("loading")
        writer.beginArray()
        for load in loads {
            writer.beginObject()
            switch load.source {
            case .file(let path):
                writer.member("file", path)
            case .stored(let version?):
                writer.member("version", version)
            case .stored(nil):
                writer.member("file", "manifest")
            case .upload(let request):
                writer.member("upload", request)
            }
            writer.member("state", load.error == nil ? "loading" : "failed")
            writer.member("progress", load.progress)
            if let error = load.error {
                writer.member("error", error)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func writeFacts(_ model: Model, to writer: inout JSONWriter) {
        writer.member("version", model.version)
        writer.member("parameters", model.network.parameterCount)
        writer.member("bytes", model.network.byteCount)
        writer.member("memory_bytes", model.content.byteCount)
        writer.member("sha256", model.content.digest.hexadecimal)
        writer.name("input_shape")
        write(shape: model.network.inputShape, to: &writer)
        writer.name("output_shape")
        write(shape: model.network.outputShape, to: &writer)
        writer.name("batching")
        writer.beginObject()
        for member in BatchOptions.members {
            guard let value = model.batching[member.name] else { continue }
            writer.member(member.name, value)
        }
        writer.endObject()
        writer.name("adapters")
        writer.beginArray()
        for name in model.adapters.keys.sorted() { writer.write(name) }
        writer.endArray()
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
