internal import DenseEngine
internal import HTTPServer
internal import ModelStore

/// `POST /dense`, from body to answer, in steps that may run on different threads.
struct DenseJob: Sendable {
    let request: HTTPRequest
    let bodyType: MediaType
    let answerType: MediaType
    let timing: Timing
    let service: Service

    init(_ request: HTTPRequest, _ service: Service) throws(APIError) {
        timing = try Timing(request.headers, limit: service.configuration.requestTimeout)
        guard request.head.announcesBody else { throw APIError(ServiceError.lengthRequired) }
        do throws(ServiceError) {
            bodyType = try MediaType.ofBody(request.headers, supported: MediaType.tensors)
            answerType = try MediaType.ofAnswer(request.headers, preferred: bodyType, supported: MediaType.tensors)
        } catch { throw APIError(error) }
        self.request = request
        self.service = service
    }

    /// Body to tensor and model.
    func prepare() throws(APIError) -> PreparedDense {
        let started = Instant.now
        let decoded =
            bodyType == .json
            ? try DenseRequest(json: request.body, allowsNonFinite: service.configuration.allowsNonFiniteJSON)
            : try DenseRequest(binary: request, as: bodyType)
        service.metrics.record(.decode, nanoseconds: Instant.now.since(started))
        let prepared: PreparedDense
        switch decoded.source {
        case .model(let name, let version):
            do throws(ModelStoreError) {
                prepared = PreparedDense(decoded, .registered(try service.models.lookup(name, version: version)))
            } catch {
                var failure = APIError(error)
                if bodyType == .json { failure.pointer = failure.code == "unknown_version" ? "/version" : "/model" }
                throw failure
            }
        case .layers(let description):
            let layers = try api { () throws(ModelStoreError) in try description.document() }
            prepared = PreparedDense(decoded, .layers(layers))
        }
        if answerType != .json, let name = decoded.parameters.needingJSON {
            throw APIError(ServiceError.parameterNeedsJSON(name))
        }
        return prepared
    }

    /// Tensor to answer.
    func finish(_ prepared: PreparedDense) throws(APIError) -> HTTPResponse {
        let computing = Instant.now
        let result = try prepared.compute(maximumBytes: service.configuration.maximumRequestBytes)
        let encoding = Instant.now
        service.metrics.record(.compute, nanoseconds: encoding.since(computing))
        let answer = DenseAnswer(result: result, parameters: prepared.request.parameters, version: prepared.version)
        let response = try answer.response(as: answerType)
        service.metrics.record(.encode, nanoseconds: Instant.now.since(encoding))
        return response
    }
}

/// A decoded request and what it runs on.
struct PreparedDense: Sendable {
    enum Network {
        case registered(Model)
        /// Layers of the request's own, to be built for its input.
        case layers(ModelDocument)
    }

    let request: DenseRequest
    let network: Network

    init(_ request: DenseRequest, _ network: Network) {
        self.request = request
        self.network = network
    }

    var version: Int? {
        switch network {
        case .registered(let model): model.version
        case .layers: nil
        }
    }

    /// Where the rest of the work belongs.
    var placement: Placement {
        switch network {
        case .registered(let model):
            let estimate = model.network.estimate(for: request.input.shape)
            return Placement(multiplyAdds: estimate.multiplyAdds, elements: estimate.outputElements)
        case .layers(let layers):
            // Weights that must be made may be of any size; those that were given are no larger than the small body.
            let allGiven = layers.layers.allSatisfy { $0.weights != nil }
            return allGiven ? Placement(elements: request.input.elements.count) : .worker
        }
    }

    /// The memory the rest of the work takes, in bytes, as far as it shows before it is done.
    var bytes: Int {
        switch network {
        case .registered(let model): model.network.estimate(for: request.input.shape).bytes
        case .layers: Service.bytes(request.input.elements.count, times: 8)
        }
    }

    /// - Throws: what the engine has against the layers or the input, and for a result larger than `maximumBytes`.
    func compute(maximumBytes: Int) throws(APIError) -> ModelOutput {
        let network: Sequential
        switch self.network {
        case .registered(let model): network = model.network
        case .layers(let layers):
            network = try api { () throws(ModelStoreError) in try layers.build(inputShape: request.input.shape) }
        }
        let needed = network.estimate(for: request.input.shape).bytes
        guard needed <= maximumBytes else {
            throw APIError(ServiceError.tooLargeToCompute(needed: needed, limit: maximumBytes))
        }
        return try api { () throws(EngineError) in
            try network(
                request.input, returnLogits: request.parameters.returnsLogits,
                returnLosses: request.parameters.returnsLosses)
        }
    }
}

extension Service {
    /// Small requests are answered here and now, on the loop's thread; the others, and those that turn out large once
    /// their model is known, on a worker.
    func dense(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let job: DenseJob
        do throws(APIError) { job = try DenseJob(request, self) } catch { return answer(responder, error.response) }
        guard Placement(bytes: request.body.count) == .inline else {
            let pending = PendingAnswer(responder)
            // The body, its tensor, and as much again for what comes of it.
            return enqueue(pending, bytes: Self.bytes(request.body.count, times: 4)) { service throws(APIError) in
                service.metrics.record(.queue, nanoseconds: Instant.now.since(job.timing.received))
                try job.timing.requireWanted(pending)
                let prepared = try job.prepare()
                try job.timing.requireWanted(pending)
                return try job.finish(prepared)
            }
        }

        enum Step {
            case answered(HTTPResponse)
            case postponed(PreparedDense)
        }
        let step = workers.sync { () -> Step in
            do throws(APIError) {
                let prepared = try job.prepare()
                guard prepared.placement == .inline else { return .postponed(prepared) }
                metrics.record(.queue, nanoseconds: 0)
                return .answered(try job.finish(prepared))
            } catch { return .answered(error.response) }
        }
        switch step {
        case .answered(let response): answer(responder, response)
        case .postponed(let prepared):
            let pending = PendingAnswer(responder)
            let postponed = Instant.now
            enqueue(pending, bytes: prepared.bytes) { service throws(APIError) in
                service.metrics.record(.queue, nanoseconds: Instant.now.since(postponed))
                try job.timing.requireWanted(pending)
                return try job.finish(prepared)
            }
        }
    }
}
