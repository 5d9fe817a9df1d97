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
        try located { () throws(APIError) in
            let started = Instant.now
            let decoded =
                bodyType == .json
                ? try DenseRequest(json: request.body, allowsNonFinite: service.configuration.allowsNonFiniteJSON)
                : try DenseRequest(binary: request, as: bodyType)
            service.metrics.record(.decode, nanoseconds: Instant.now.since(started))
            if answerType != .json, let name = decoded.parameters.needingJSON {
                throw APIError(ServiceError.parameterNeedsJSON(name))
            }
            switch decoded.source {
            case .model(let name, let version):
                let model = try lookup(name, version)
                return .built(try built(model.network, version: model.version, decoded))
            case .layers(let description):
                let layers = try api { () throws(ModelStoreError) in try description.document() }
                return .described(decoded, layers)
            }
        }
    }

    private func lookup(_ name: String, _ version: Int?) throws(APIError) -> Model {
        do throws(ModelStoreError) { return try service.models.lookup(name, version: version) } catch {
            var failure = APIError(error)
            failure.pointer = failure.code == "unknown_version" ? "/version" : "/model"
            throw failure
        }
    }

    /// Builds the request's own layers for its input, where it has some.
    func build(_ prepared: PreparedDense) throws(APIError) -> BuiltDense {
        switch prepared {
        case .built(let built): return built
        case .described(let request, let layers):
            let network = try api { () throws(ModelStoreError) in try layers.build(inputShape: request.input.shape) }
            return try built(network, version: nil, request)
        }
    }

    /// - Throws: what a layer has against the input's shape, and for what would take more memory than a request may.
    private func built(
        _ network: Sequential, version: Int?, _ request: DenseRequest
    ) throws(APIError) -> BuiltDense {
        let estimate = try api { () throws(EngineError) in
            try WorkEstimate(network, input: request.input.shape, answer: answerType, request.parameters)
        }
        try service.requireBounded(bytes: estimate.bytes)
        return BuiltDense(request: request, network: network, estimate: estimate, version: version)
    }

    /// The whole of it from the body, on a worker. The memory it takes is counted while it takes it.
    func answer(_ pending: PendingAnswer) throws(APIError) -> HTTPResponse {
        try timing.requireWanted(pending)
        let prepared = try service.holding(bytes: decodingBytes, prepare)
        try timing.requireWanted(pending)
        return try answer(prepared)
    }

    /// The rest of it, on a worker.
    func answer(_ prepared: PreparedDense) throws(APIError) -> HTTPResponse {
        let started = Instant.now
        let built = try build(prepared)
        return try service.holding(bytes: built.estimate.bytes) { () throws(APIError) in
            try finish(built, started: started)
        }
    }

    /// Tensor to answer.
    func finish(_ built: BuiltDense, started: Instant = .now) throws(APIError) -> HTTPResponse {
        let result = try located { () throws(APIError) in try built.compute() }
        let encoding = Instant.now
        service.metrics.record(.compute, nanoseconds: encoding.since(started))
        let answer = DenseAnswer(result: result, parameters: built.request.parameters, version: built.version)
        let response = try answer.response(as: answerType)
        service.metrics.record(.encode, nanoseconds: Instant.now.since(encoding))
        return response
    }

    /// What reading the body takes besides it: for JSON an index of up to four bytes a byte, and a float for every two
    /// at most; for the other forms a float for every byte at most.
    private var decodingBytes: Int { Service.bytes(request.body.count, times: bodyType == .json ? 6 : 4) }

    /// Runs `body`; its error has no pointer when there is no JSON for it to lead into.
    private func located<Result>(_ body: () throws(APIError) -> Result) throws(APIError) -> Result {
        do throws(APIError) { return try body() } catch {
            var failure = error
            if bodyType != .json { failure.pointer = nil }
            throw failure
        }
    }
}

/// A decoded request and what it runs on.
enum PreparedDense: Sendable {
    case built(BuiltDense)
    /// Layers of the request's own, to be built for its input.
    case described(DenseRequest, ModelDocument)

    /// Whether no weights have to be made, which may be of any size; those that are there came with the body.
    var hasAllWeights: Bool {
        switch self {
        case .built: true
        case .described(_, let document):
            document.layers.allSatisfy { layer in
                layer.configuration.weightNames.allSatisfy { layer.weights?[$0] != nil }
            }
        }
    }
}

/// A request with the built layers it runs on, and what that will cost.
struct BuiltDense: Sendable {
    let request: DenseRequest
    let network: Sequential
    let estimate: WorkEstimate
    /// The version, when it is a registered model's.
    let version: Int?

    /// Where the rest of the work belongs.
    var placement: Placement {
        Placement(multiplyAdds: estimate.multiplyAdds, elements: estimate.outputElements)
    }

    /// - Throws: what the engine has against the input.
    func compute() throws(APIError) -> ModelOutput {
        try api { () throws(EngineError) in
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
            return enqueue(pending, bytes: request.body.count) { service throws(APIError) in
                service.metrics.record(.queue, nanoseconds: Instant.now.since(job.timing.received))
                return try job.answer(pending)
            }
        }

        enum Step {
            case answered(HTTPResponse)
            case postponed(PreparedDense)
        }
        let step = workers.sync { () -> Step in
            do throws(APIError) {
                let prepared = try job.prepare()
                guard prepared.hasAllWeights else { return .postponed(prepared) }
                let built = try job.build(prepared)
                guard built.placement == .inline else { return .postponed(.built(built)) }
                metrics.record(.queue, nanoseconds: 0)
                return .answered(try job.finish(built))
            } catch { return .answered(error.response) }
        }
        switch step {
        case .answered(let response): answer(responder, response)
        case .postponed(let prepared):
            let pending = PendingAnswer(responder)
            let postponed = Instant.now
            enqueue(pending, bytes: request.body.count) { service throws(APIError) in
                service.metrics.record(.queue, nanoseconds: Instant.now.since(postponed))
                try job.timing.requireWanted(pending)
                return try job.answer(prepared)
            }
        }
    }
}
