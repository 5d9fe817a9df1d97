internal import DenseEngine
internal import HTTPServer
internal import ModelStore

// `PUT` of an adapter. Its factors are laid out on a worker.

extension Service {
    func registerAdapter(_ path: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let registration: AdapterRegistration
        let timing: Timing
        do throws(APIError) {
            registration = try AdapterRegistration(path, request, models)
            timing = try Timing(request, limit: configuration.requestTimeout)
        } catch { return answer(responder, error.response) }
        let pending = PendingAnswer(responder)
        do throws(EngineError) {
            try workers.async(timing.options(for: pending, bytes: request.body.count)) { [self] reason in
                if let reason {
                    metrics.batches.count(reason)
                    return answer(pending, timing.error(reason).response)
                }
                build(registration, pending)
            }
        } catch { answer(pending, APIError(error).response) }
    }

    /// On a worker.
    private func build(_ registration: AdapterRegistration, _ pending: PendingAnswer) {
        register(
            bytes: registration.request.body.count,
            build: { () throws(APIError) in
                try registration.build(allowsNonFinite: configuration.allowsNonFiniteJSON)
            },
            store: { adapter throws(APIError) in try registration.store(adapter) },
            finish: { [self] result in
                answer(pending, response(.own) { () throws(APIError) in try result.get() })
            })
    }
}

/// What a `PUT` of an adapter asks for.
private struct AdapterRegistration: Sendable {
    let request: HTTPRequest
    private let name: String
    private let model: Model
    private let models: ModelRegistry
    private let alpha: Double?

    /// - Throws: for what can be told without the body.
    init(_ path: PathParameters, _ request: HTTPRequest, _ models: ModelRegistry) throws(APIError) {
        var alpha: Double?
        for (item, value) in request.target.queryItems {
            guard item == "lora_alpha" else {
                throw APIError(ServiceError.unknownQueryItem(item, allowed: ["lora_alpha"]))
            }
            guard let number = Double(value), number.isFinite else {
                throw APIError(ServiceError.invalidQueryItem(name: item, expected: "a number", received: value))
            }
            alpha = number
        }
        guard ModelRegistry.isValid(name: path.adapter) else {
            throw APIError(ModelStoreError.invalidAdapter(path.adapter))
        }
        name = path.adapter
        model = try AdapterEndpoint.model(path, in: models)
        self.alpha = alpha
        self.request = request
        self.models = models
    }

    /// Body to terms.
    func build(allowsNonFinite: Bool) throws(APIError) -> ModelAdapter {
        _ = try api { () throws(ServiceError) in
            try MediaType.ofBody(request.headers, supported: MediaType.adapters)
        }
        return try unsafe request.body.withUnsafeBytes { bytes throws(APIError) in
            try api { () throws(ModelStoreError) in
                // JSON is read where it lies; everything else is copied once.
                var document =
                    if unsafe FileKind.of(bytes) == .json {
                        try unsafe AdapterDocument(
                            json: bytes, padding: HTTPBody.padding, allowsNonFinite: allowsNonFinite)
                    } else {
                        unsafe try AdapterDocument(file: Array(bytes), allowsNonFinite: allowsNonFinite)
                    }
                if let alpha { document.alpha = alpha }
                return try document.build(name, for: model.network)
            }
        }
    }

    /// Terms to an adapter. 201 for a new one, 200 for the one the version already has.
    func store(_ built: ModelAdapter) throws(APIError) -> HTTPResponse {
        let (model, adapter, isNew) = try api { () throws(ModelStoreError) in
            try models.register(built, of: self.model)
        }
        var response = HTTPResponse(isNew ? .created : .ok, json: AdapterEndpoint.json(adapter, of: model))
        response.headers.append(
            (
                name: "Location",
                value: "/models/\(model.name)/versions/\(model.version)/adapters/\(adapter.name)"
            ))
        return response
    }
}
