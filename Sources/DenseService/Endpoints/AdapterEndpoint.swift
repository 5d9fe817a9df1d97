internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// `/models/{name}/adapters`, `/models/{name}/versions/{version}/adapters` and what is below them.
enum AdapterEndpoint {
    static func list(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try model(path, in: models)
        return HTTPResponse(.ok) { writer in
            writer.member("name", model.name)
            writer.member("version", model.version)
            writer.name("adapters")
            writer.beginArray()
            for (_, adapter) in model.adapters.sorted(by: { $0.key < $1.key }) {
                write(adapter, of: model, to: &writer)
            }
            writer.endArray()
        }
    }

    static func read(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try model(path, in: models)
        let adapter = try api { () throws(ModelStoreError) in try model.adapter(named: path.adapter) }
        return HTTPResponse(.ok, json: json(adapter, of: model))
    }

    static func remove(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let version = try version(path)
        try api { () throws(ModelStoreError) in
            try models.removeAdapter(path.adapter, of: path.name, version: version)
        }
        return HTTPResponse(.noContent)
    }

    /// The version a path names: the latest where it says none.
    static func model(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> Model {
        let version = try version(path)
        return try api { () throws(ModelStoreError) in try models.adaptable(path.name, version) }
    }

    private static func version(_ path: PathParameters) throws(APIError) -> Int? {
        path.version.isEmpty ? nil : try ModelEndpoint.versionNumber(path)
    }

    /// What is told of one adapter.
    static func json(_ adapter: ModelAdapter, of model: Model) -> JSONWriter {
        var writer = JSONWriter()
        write(adapter, of: model, to: &writer)
        return writer
    }

    private static func write(_ adapter: ModelAdapter, of model: Model, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", adapter.name)
        writer.member("model", model.name)
        writer.member("version", model.version)
        writer.member("parameters", adapter.adapter.parameterCount)
        writer.member("bytes", adapter.adapter.byteCount)
        writer.member("memory_bytes", adapter.byteCount)
        writer.member("sha256", adapter.digest.hexadecimal)
        writer.name("layers")
        writer.beginObject()
        for (layer, term) in adapter.adapter.terms {
            writer.name(layer)
            writer.beginObject()
            writer.member("lora_rank", term.rank)
            writer.member("lora_alpha", Int(exactly: term.alpha).map(ConfigValue.int) ?? .double(term.alpha))
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}
