internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

// `PUT /models/{name}`. The layers are built on a worker. With `?wait=false` the answer is given before all that, and the
// model's status tells how it goes on.

extension Service {
    func register(_ path: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let registration: Registration
        let timing: Timing
        do throws(APIError) {
            registration = try Registration(path, request, models)
            timing = try Timing(request, limit: configuration.requestTimeout)
        } catch { return answer(responder, error.response) }
        let pending = PendingAnswer(responder)
        let options =
            registration.waits
            ? timing.options(for: pending, bytes: request.body.count)
            // Whoever is told 202 may go; the work is wanted whenever its turn comes.
            : WorkOptions(priority: timing.priority ?? WorkOptions.defaultPriority, bytes: request.body.count)
        models.loads.begin(registration.source, of: registration.name)
        do throws(EngineError) {
            try workers.async(options) { [self] reason in
                if let reason {
                    models.loads.forget(registration.source, of: registration.name)
                    metrics.batches.count(reason)
                    return answer(pending, timing.error(reason).response)
                }
                build(registration, pending)
            }
        } catch {
            models.loads.forget(registration.source, of: registration.name)
            return answer(pending, APIError(error).response)
        }
        if !registration.waits { answer(pending, registration.acceptance) }
    }

    /// On a worker.
    private func build(_ registration: Registration, _ pending: PendingAnswer) {
        register(
            bytes: registration.request.body.count,
            build: { () throws(APIError) in
                try registration.build(allowsNonFinite: configuration.allowsNonFiniteJSON)
            },
            store: { built throws(APIError) in try registration.store(built) },
            finish: { [self] result in finish(registration, pending, result) })
    }

    private func finish(
        _ registration: Registration, _ pending: PendingAnswer, _ result: Result<HTTPResponse, APIError>
    ) {
        let response = response(.own) { () throws(APIError) in try result.get() }
        if case .failure(let error) = result { registration.end(error) } else { registration.end(nil) }
        if registration.waits { answer(pending, response) }
    }
}

/// What `PUT /models/{name}` asks for.
struct Registration: Sendable {
    let name: String
    let request: HTTPRequest
    /// Whether the answer is given when the model is registered, and not before.
    let waits: Bool
    let source: ModelLoads.Source
    private let models: ModelRegistry
    private let options: ModelFileOptions

    /// - Throws: for what can be told without the body.
    init(_ path: PathParameters, _ request: HTTPRequest, _ models: ModelRegistry) throws(APIError) {
        var options = ModelFileOptions()
        var waits = true
        for (name, value) in request.target.queryItems {
            switch name {
            case "activations": options.activations = ModelFileOptions.names(value)
            case "quantize": try api { () throws(ModelStoreError) in try options.setQuantization(value) }
            case "wait":
                guard let flag = Bool(value) else {
                    throw APIError(
                        ServiceError.invalidQueryItem(name: name, expected: "true or false", received: value))
                }
                waits = flag
            default:
                throw APIError(ServiceError.unknownQueryItem(name, allowed: ["activations", "quantize", "wait"]))
            }
        }
        try api { () throws(ModelStoreError) in try models.requireValid(name: path.name) }
        name = path.name
        self.request = request
        self.waits = waits
        self.models = models
        self.options = options
        source = .upload(request.id.description)
    }

    /// The answer to who does not wait: where to look.
    var acceptance: HTTPResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", name)
        writer.member("upload", request.id.description)
        writer.member("state", "loading")
        writer.endObject()
        var response = HTTPResponse(.accepted, json: writer)
        response.headers.append((name: "Location", value: "/models/\(name)"))
        return response
    }

    /// Body to layers.
    func build(allowsNonFinite: Bool) throws(APIError) -> BuiltModel {
        var options = options
        options.allowsNonFinite = allowsNonFinite
        let document = try ModelEndpoint.document(request, options)
        models.loads.advance(source, of: name, to: 0.4)
        let content = try api { () throws(ModelStoreError) in ModelContent(try document.build()) }
        models.loads.advance(source, of: name, to: 0.8)
        return BuiltModel(content: content, batching: document.batching)
    }

    /// Layers to a version. 201 for a new one, 200 for content the model already has.
    func store(_ built: BuiltModel) throws(APIError) -> HTTPResponse {
        let (model, isNew) = try api { () throws(ModelStoreError) in
            try models.register(name, built.content, batching: built.batching)
        }
        var writer = JSONWriter()
        ModelDescription.write(model, to: &writer)
        var response = HTTPResponse(isNew ? .created : .ok, json: writer)
        response.headers.append((name: "Location", value: "/models/\(model.name)/versions/\(model.version)"))
        return response
    }

    /// Tells the model's status. Who waits is told in the answer.
    func end(_ failure: APIError?) {
        guard let failure else { return models.loads.succeed(source, of: name) }
        if waits { models.loads.forget(source, of: name) } else { models.loads.fail(source, of: name, failure.message) }
    }
}

/// A model on its way to the registry.
struct BuiltModel: Sendable {
    let content: ModelContent
    let batching: BatchOptions?
}
