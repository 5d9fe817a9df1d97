internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// Triton's model repository extension. What a load brings is registered as by `PUT /models/{name}`; what is unloaded is
/// removed, and comes back by a load where its file is in the folder of models.
enum V2Repository {
    static func index(_ body: HTTPBody, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let settings = try V2Body.object(body)
        if let ready = settings["ready"] {
            guard case .bool = ready else {
                throw APIError(V2Error.invalidParameter("ready", expected: "true or false"))
            }
        }
        // All that is registered is ready.
        var writer = JSONWriter(capacity: 1024)
        writer.beginArray()
        for model in models.all.flatMap(\.versions) {
            writer.beginObject()
            writer.member("name", model.name)
            writer.member("version", String(model.version))
            writer.member("state", "READY")
            writer.endObject()
        }
        writer.endArray()
        return HTTPResponse(.ok, json: writer)
    }

    /// - Parameter folder: where models are loaded from that come without a file; nil for nowhere.
    static func load(
        _ path: PathParameters, _ body: HTTPBody, in models: ModelRegistry, folder: String?
    ) throws(APIError) -> HTTPResponse {
        let load = try V2Load(body, model: path.name)
        try load.register(as: path.name, in: models, folder: folder)
        return HTTPResponse(.ok, headers: [(name: "Content-Type", value: MediaType.json.rawValue)])
    }

    static func unload(
        _ path: PathParameters, _ body: HTTPBody, in models: ModelRegistry
    ) throws(APIError) -> HTTPResponse {
        // Nothing depends on a model, so unload_dependents makes no difference.
        _ = try V2Body.object(body)
        try unload(path.name, in: models)
        return HTTPResponse(.ok, headers: [(name: "Content-Type", value: MediaType.json.rawValue)])
    }
}

extension V2Repository {
    /// Removes a model with all its versions. As in Triton, what is not there is as good as unloaded.
    ///
    /// - Throws: when it is there, and stays: because of the data folder, or another process that is about to take over.
    static func unload(_ name: String, in models: ModelRegistry) throws(APIError) {
        do throws(ModelStoreError) { try models.remove(name) } catch {
            if case .unknownModel = error { return }
            throw APIError(error)
        }
    }
}

/// What a client says of the model it wants loaded: perhaps a configuration, perhaps its files, in base64.
struct V2Load {
    private(set) var batching: BatchOptions?
    private(set) var file: [UInt8]?
    /// A Keras configuration, for a file that holds weights only.
    private(set) var configuration: [UInt8]?

    init(_ body: HTTPBody, model: String) throws(APIError) {
        var parameters: [(name: String, text: String)] = []
        if !body.isEmpty { parameters = try Self.parameters(body) }
        var files: [(name: String, content: [UInt8])] = []
        for (name, text) in parameters {
            if name == "config" {
                batching = try Self.batching(text, model: model)
            } else if name.hasPrefix("file:") {
                guard let content = RawTensor.bytes(base64: text) else {
                    throw APIError(V2Error.invalidLoad(model: model, reason: "'\(name.prefix(100))' is not base64."))
                }
                files.append((String(name.dropFirst("file:".count)), content))
            }
        }
        try take(files, model: model)
    }

    /// From a message, whose files are bytes already.
    init(config: String?, files: [(name: String, content: [UInt8])], model: String) throws(APIError) {
        batching = try config.map { text throws(APIError) in try Self.batching(text, model: model) } ?? nil
        try take(files, model: model)
    }

    /// A file is the model; of two, the one that ends in `.json` is the other's configuration.
    private mutating func take(_ files: [(name: String, content: [UInt8])], model: String) throws(APIError) {
        let isConfiguration = { (name: String) in name.lowercased().hasSuffix(".json") }
        let weights = files.filter { !isConfiguration($0.name) }
        let configurations = files.filter { isConfiguration($0.name) }
        guard weights.count <= 1, configurations.count <= 1 else {
            throw APIError(
                V2Error.invalidLoad(
                    model: model,
                    reason:
                        "Expected one model file, and perhaps its configuration in JSON, received \(files.count) files."
                ))
        }
        file = weights.first?.content ?? configurations.first?.content
        configuration = weights.isEmpty ? nil : configurations.first?.content
    }

    private static func parameters(_ body: HTTPBody) throws(APIError) -> [(name: String, text: String)] {
        try unsafe body.withUnsafeBytes { bytes throws(APIError) in
            try api { () throws(CodingError) in
                var parameters: [(name: String, text: String)] = []
                var reader = try unsafe JSONReader(bytes: bytes, padding: HTTPBody.padding)
                try reader.beginObject()
                while let name = try reader.nextField() {
                    guard name == "parameters" else {
                        try reader.skipValue()
                        continue
                    }
                    try reader.beginObject()
                    while let name = try reader.nextField() {
                        if try reader.nextKind() == .string {
                            parameters.append((name, try reader.readString()))
                        } else {
                            try reader.skipValue()
                        }
                    }
                }
                try reader.finish()
                return parameters
            }
        }
    }

    /// What of Triton's model configuration means something here: how requests are batched.
    private static func batching(_ text: String, model: String) throws(APIError) -> BatchOptions? {
        let value: ConfigValue
        do throws(CodingError) { value = try ConfigValue(json: text) } catch {
            throw APIError(V2Error.invalidLoad(model: model, reason: "'config' is not JSON: \(error)"))
        }
        guard case .object(let config) = value else {
            throw APIError(V2Error.invalidLoad(model: model, reason: "'config' is not an object."))
        }
        var options = BatchOptions()
        if case .int(let rows)? = config["max_batch_size"], rows > 0 { options.maximumRows = min(rows, 65_536) }
        if case .object(let batching)? = config["dynamic_batching"] {
            if case .int(let delay)? = batching["max_queue_delay_microseconds"], delay >= 0 {
                options.maximumDelay = min(delay, 1_000_000)
            }
            if case .object(let policy)? = batching["default_queue_policy"],
                case .int(let size)? = policy["max_queue_size"], size > 0
            {
                options.maximumRequests = size
            }
        }
        return options
    }

    /// Registers the file, or the one of the folder. Without either, a model that is there stays as it is.
    func register(as name: String, in models: ModelRegistry, folder: String?) throws(APIError) {
        try api { () throws(ModelStoreError) in try models.requireValid(name: name) }
        do throws(ModelStoreError) {
            if let file {
                var options = ModelFileOptions()
                options.configuration = configuration
                _ = try models.register(name, try ModelDocument(file: file, options))
            } else if let folder, try models.reload(name, from: folder) {
                // Registered anew, or the same as before.
            } else if (try? models.lookup(name)) == nil {
                throw .unknownModel(name: name)
            }
            if let batching { try models.change(name, batching: batching) }
        } catch {
            if case .unknownModel = error { throw APIError(V2Error.loadWithoutConfiguration(model: name)) }
            var failure = APIError(error)
            // What keeps a model from being loaded is the request's fault in Triton, whatever it is.
            failure.message = V2Error.invalidLoad(model: name, reason: failure.message).description
            throw failure
        }
    }
}
