internal import DenseEngine
internal import HTTPServer
internal import ModelStore

/// A request to `POST /dense`, from body to answer, in steps that may run on different threads.
///
/// A class, as `BuiltDense` is one: what they hold is much, and each step that copied it would pay for every part.
final class DenseJob: Sendable {
    let request: HTTPRequest
    let bodyType: MediaType
    let answerType: MediaType
    let timing: Timing
    let service: Service

    init(_ request: HTTPRequest, _ service: Service) throws(APIError) {
        timing = try Timing(request, limit: service.configuration.requestTimeout)
        guard request.head.announcesBody else { throw APIError(ServiceError.lengthRequired) }
        do throws(ServiceError) {
            bodyType = try MediaType.ofBody(request.headers, supported: MediaType.tensors)
            answerType = try MediaType.ofAnswer(request.headers, preferred: bodyType, supported: MediaType.tensors)
            if bodyType == .json, request.target.hasQuery, let item = request.target.queryItems.first {
                throw .queryBesideJSON(item.name)
            }
        } catch { throw APIError(error) }
        self.request = request
        self.service = service
    }

    // MARK: Reading

    /// Body to tensor and model.
    func prepare() throws(APIError) -> PreparedDense {
        try located { () throws(APIError) in
            let started = Instant.now
            var decoded =
                bodyType == .json
                ? try DenseRequest(json: request.body, allowsNonFinite: service.configuration.allowsNonFiniteJSON)
                : try DenseRequest(binary: request, as: bodyType)
            decoded.decodeNanoseconds = Instant.now.since(started) + request.decodingNanoseconds
            service.metrics.record(.decode, nanoseconds: decoded.decodeNanoseconds)
            if answerType != .json, let name = decoded.parameters.needingJSON {
                throw APIError(ServiceError.parameterNeedsJSON(name))
            }
            switch decoded.source {
            case .model(let name, let version):
                let model = try lookup(name, version)
                return .built(try built(model.network, model: model, decoded))
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
            return try built(network, model: nil, request)
        }
    }

    /// - Throws: what a layer has against the input's shape, and for what would take more memory than a request may.
    private func built(
        _ network: Sequential, model: Model?, _ request: DenseRequest
    ) throws(APIError) -> BuiltDense {
        let estimate = try api { () throws(EngineError) in
            try WorkEstimate(network, input: request.input.shape, answer: answerType, request.parameters)
        }
        try service.requireBounded(bytes: estimate.bytes)
        return BuiltDense(request: request, network: network, estimate: estimate, model: model)
    }

    /// What reading the body takes besides it: for JSON an index of up to four bytes a byte, and a float for every two
    /// at most; for the other forms a float for every byte at most.
    var decodingBytes: Int { Service.bytes(request.body.count, times: bodyType == .json ? 6 : 4) }

    // MARK: Computing by itself

    /// Layers of the request's own to their answer, on a worker. The memory it takes is counted while it takes it.
    func answer(_ prepared: PreparedDense) throws(APIError) -> HTTPResponse {
        let started = Instant.now
        let built = try build(prepared)
        return try service.holding(bytes: built.estimate.bytes) { () throws(APIError) in
            try finish(built, started: started, queued: started.since(timing.received) - built.decodeNanoseconds)
        }
    }

    /// Tensor to answer.
    ///
    /// - Parameter queued: nanoseconds that the request waited.
    func finish(_ built: BuiltDense, started: Instant = .now, queued: Int = 0) throws(APIError) -> HTTPResponse {
        let result = try located { () throws(APIError) in
            try api { () throws(EngineError) in
                try built.network(
                    built.request.input, returnLogits: built.request.parameters.returnsLogits,
                    returnLosses: built.request.parameters.returnsLosses)
            }
        }
        let facts = BatchFacts(rows: built.rowCount, requests: 1, started: started, ended: .now)
        return try encode(result, facts, of: built, queued: queued)
    }

    // MARK: Answering

    /// Output to answer.
    ///
    /// - Parameter queued: nanoseconds that the request waited.
    func encode(
        _ result: ModelOutput, _ facts: BatchFacts, of built: BuiltDense, queued: Int
    ) throws(APIError) -> HTTPResponse {
        let computing = facts.ended.since(facts.started)
        service.metrics.record(.queue, nanoseconds: max(queued, 0))
        service.metrics.record(.compute, nanoseconds: computing)
        let encoding = Instant.now
        let answer = DenseAnswer(
            result: result, parameters: built.request.parameters, version: built.model?.version)
        var response = try answer.response(as: answerType)
        let encoded = Instant.now.since(encoding)
        service.metrics.record(.encode, nanoseconds: encoded)
        if service.configuration.sendsTiming {
            response.moreFields = AnswerTimes(
                decode: built.decodeNanoseconds, queue: max(queued, 0), compute: computing, encode: encoded,
                rows: facts.rows, requests: facts.requests)
        }
        return response
    }

    /// Runs `body`; its error has no pointer when there is no JSON for it to lead into.
    func located<Result>(_ body: () throws(APIError) -> Result) throws(APIError) -> Result {
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
final class BuiltDense: Sendable {
    let request: DenseRequest
    let network: Sequential
    let estimate: WorkEstimate
    /// The registered model, if it is one.
    let model: Model?

    init(request: DenseRequest, network: Sequential, estimate: WorkEstimate, model: Model?) {
        self.request = request
        self.network = network
        self.estimate = estimate
        self.model = model
    }

    var decodeNanoseconds: Int { request.decodeNanoseconds }
    var rowCount: Int { request.input.shape.rowCount }

    /// Where the rest of the work belongs.
    var placement: Placement {
        Placement(multiplyAdds: estimate.multiplyAdds, elements: estimate.outputElements)
    }
}
