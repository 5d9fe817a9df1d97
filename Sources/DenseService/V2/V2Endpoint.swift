internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// What the Open Inference Protocol tells of the server and its models.
enum V2Endpoint {
    static let extensions = [
        "classification", "model_repository", "model_repository(unload_dependents)", "schedule_policy",
        "model_configuration", "binary_tensor_data", "parameters", "statistics", "logging",
    ]

    /// What a model runs on, as its metadata and configuration call it.
    static let platform = "keras"

    static func describe(version: String) -> HTTPResponse {
        HTTPResponse(.ok) { writer in
            writer.member("name", "dense-serve")
            writer.member("version", version)
            writer.name("extensions")
            writer.beginArray()
            for name in extensions { writer.write(name) }
            writer.endArray()
        }
    }

    static var live: HTTPResponse { HTTPResponse(.ok) { $0.member("live", true) } }

    static func ready(_ readiness: Service.Readiness) -> HTTPResponse {
        switch readiness {
        case .ready: HTTPResponse(.ok) { $0.member("ready", true) }
        case .starting: V2Failure.response(to: APIError(.starting))
        case .draining: V2Failure.response(to: APIError(.draining))
        }
    }

    static func list(_ models: ModelRegistry) -> HTTPResponse {
        HTTPResponse(.ok) { writer in
            writer.name("models")
            writer.beginArray()
            for model in models.all { writer.write(model.name) }
            writer.endArray()
        }
    }

    static func read(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let model = try model(path, in: models)
        let versions = (try? models.versions(of: model.name)) ?? [model]
        let signature = ModelSignature(model)
        return HTTPResponse(.ok) { writer in
            writer.member("name", path.name)
            writer.name("versions")
            writer.beginArray()
            for version in versions { writer.write(String(version.version)) }
            writer.endArray()
            writer.member("platform", platform)
            write("inputs", signature.input, signature.inputShape, signature.inputType, to: &writer)
            write("outputs", signature.output, signature.outputShape, signature.outputType, to: &writer)
        }
    }

    private static func write(
        _ member: String, _ name: String, _ shape: [Int?], _ type: DType, to writer: inout JSONWriter
    ) {
        writer.name(member)
        writer.beginArray()
        writer.beginObject()
        writer.member("name", name)
        writer.member("datatype", V2Datatype(type).rawValue)
        writer.member("shape", shape.map { $0 ?? -1 })
        writer.endObject()
        writer.endArray()
    }

    /// - Throws: 404 for a model that there is not; Triton has no other way to say that it is not ready, either.
    static func modelReady(
        _ path: PathParameters, in models: ModelRegistry, _ readiness: Service.Readiness
    ) throws(APIError) -> HTTPResponse {
        _ = try model(path, in: models)
        guard readiness == .ready else { throw APIError(readiness == .draining ? .draining : .starting) }
        return HTTPResponse(.ok) { writer in
            writer.member("name", path.name)
            writer.member("ready", true)
        }
    }

    /// Triton's model configuration, as far as it has a meaning here. Only the batch axis is not among `dims`.
    static func configuration(
        _ path: PathParameters, in models: ModelRegistry, _ server: BatchLimits
    ) throws(APIError) -> HTTPResponse {
        let model = try model(path, in: models)
        let signature = ModelSignature(model)
        let limits = model.batching.limits(server)
        return HTTPResponse(.ok) { writer in
            writer.member("name", path.name)
            writer.member("platform", platform)
            writer.member("backend", platform)
            writer.member("max_batch_size", limits.maximumRows)
            write(configured: "input", signature.input, signature.inputShape, signature.inputType, to: &writer)
            write(configured: "output", signature.output, signature.outputShape, signature.outputType, to: &writer)
            writer.name("dynamic_batching")
            writer.beginObject()
            writer.member("max_queue_delay_microseconds", limits.maximumDelay)
            writer.member("priority_levels", WorkOptions.priorities.count)
            writer.member(
                "default_priority_level", WorkOptions.priorities.upperBound + 1 - WorkOptions.defaultPriority)
            writer.endObject()
        }
    }

    private static func write(
        configured member: String, _ name: String, _ shape: [Int?], _ type: DType, to writer: inout JSONWriter
    ) {
        writer.name(member)
        writer.beginArray()
        writer.beginObject()
        writer.member("name", name)
        writer.member("data_type", "TYPE_\(V2Datatype(type).rawValue)")
        writer.member("dims", shape.dropFirst().map { $0 ?? -1 })
        writer.endObject()
        writer.endArray()
    }

    // MARK: Off

    /// As Triton answers when nothing is traced.
    static var trace: HTTPResponse {
        HTTPResponse(.ok) { writer in
            writer.name("trace_level")
            writer.beginArray()
            writer.write("OFF")
            writer.endArray()
            writer.member("trace_rate", "1000")
            writer.member("trace_count", "-1")
            writer.member("log_frequency", "0")
            writer.member("trace_file", "")
            writer.member("trace_mode", "triton")
        }
    }

    /// - Throws: for a level that would trace something.
    static func changeTrace(_ path: PathParameters, _ body: HTTPBody, in models: ModelRegistry) throws(APIError)
        -> HTTPResponse
    {
        try requireModel(path, in: models)
        let settings = try V2Body.object(body)
        guard let level = settings["trace_level"] else { return trace }
        guard level == .null || level == .array([]) || level == .array([.string("OFF")]) else {
            throw APIError(V2Error.tracingOff(level.json))
        }
        return trace
    }

    /// - Throws: for the model of a path that names one, if there is none.
    static func requireModel(_ path: PathParameters, in models: ModelRegistry) throws(APIError) {
        if !path.name.isEmpty { _ = try model(path, in: models) }
    }

    /// No region is ever registered.
    static func sharedMemoryStatus(_ path: PathParameters) throws(APIError) -> HTTPResponse {
        guard path.name.isEmpty else {
            throw APIError(404, "unknown_region", "Unable to find shared memory region: '\(path.name.prefix(100))'")
        }
        return HTTPResponse(
            .ok, headers: [(name: "Content-Type", value: MediaType.json.rawValue)], body: Array("[]".utf8))
    }

    // MARK: Helpers

    /// The model a path names.
    static func model(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> Model {
        let version = try version(path)
        return try api { () throws(ModelStoreError) in try models.lookup(path.name, version: version) }
    }

    /// The version a path names; nil for the newest.
    static func version(_ path: PathParameters) throws(APIError) -> Int? {
        guard !path.version.isEmpty else { return nil }
        guard let number = Int(path.version), number > 0 else { throw APIError(.invalidVersion(path.version)) }
        return number
    }
}

/// Bodies of settings: an object in JSON, or nothing at all.
enum V2Body {
    static func object(_ body: HTTPBody, allowsNonFinite: Bool = false) throws(APIError) -> ConfigObject {
        guard !body.isEmpty else { return ConfigObject() }
        return try unsafe body.withUnsafeBytes { bytes throws(APIError) in
            try api { () throws(CodingError) in
                var reader = try unsafe JSONReader(bytes: bytes, padding: HTTPBody.padding)
                guard try reader.nextKind() == .object else {
                    throw .wrongType(expected: "an object", received: try reader.nextKind(), at: reader.location)
                }
                let value = try reader.readConfigValue()
                try reader.finish()
                guard case .object(let object) = value else { return ConfigObject() }
                return object
            }
        }
    }
}
