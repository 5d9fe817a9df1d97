internal import DenseEngine
internal import HTTPServer
internal import ModelStore

/// A request to `POST /dense`.
final class DenseJob: InferenceJob {
    let request: HTTPRequest
    let bodyType: MediaType
    let answerType: MediaType
    let timing: Timing
    let service: Service
    /// Of a binary body whose query names none.
    private let defaultModel: String?

    init(_ request: HTTPRequest, _ service: Service, defaultModel: String? = nil) throws(APIError) {
        self.defaultModel = defaultModel
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

    var bodyBytes: Int { request.body.count }

    /// For JSON an index of up to four bytes a byte, and a float for every two at most; for the other forms a float for every
    /// byte at most.
    var decodingBytes: Int { Service.bytes(request.body.count, times: bodyType == .json ? 6 : 4) }

    var hints: RequestHints { RequestHints(request, as: bodyType) }

    // MARK: Reading

    func prepare() throws(APIError) -> PreparedInference<DenseParameters> {
        try located { () throws(APIError) in
            let started = Instant.now
            let (decoded, target) = try decode()
            let decodeNanoseconds = Instant.now.since(started) + request.decodingNanoseconds
            service.metrics.record(.decode, nanoseconds: decodeNanoseconds)
            switch target {
            case .model(let model):
                let adapter = try adapter(decoded, of: model)
                return .ready(
                    try inference(model.network, model: model, adapter, decoded, decodeNanoseconds))
            case .layers(let layers):
                return .unbuilt(hasAllWeights: layers.hasAllWeights) { [self] () throws(APIError) in
                    let network = try api { () throws(ModelStoreError) in
                        try layers.build(inputShape: decoded.input.shape)
                    }
                    return try inference(network, model: nil, nil, decoded, decodeNanoseconds)
                }
            }
        }
    }

    /// What computes a request.
    private enum Target {
        case model(Model)
        case layers(ModelDocument)

        /// Whether it takes float64 tensors.
        var takesDoubles: Bool {
            switch self {
            case .model(let model): model.network.takesDoubles
            case .layers(let layers): layers.takesDoubles
            }
        }
    }

    /// - Throws: for a form of the answer that cannot hold what is asked for, and what is wrong with the model or the layers.
    private func target(of decoded: DenseRequest) throws(APIError) -> Target {
        if answerType != .json, let name = decoded.parameters.needingJSON {
            throw APIError(ServiceError.parameterNeedsJSON(name))
        }
        switch decoded.source {
        case .model(let name, let version, let label): return .model(try lookup(name, version, label))
        case .layers(let description):
            return .layers(try api { () throws(ModelStoreError) in try description.document() })
        }
    }

    /// The request, its tensors read as what computes them takes them.
    private func decode() throws(APIError) -> (DenseRequest, Target) {
        guard bodyType == .json else {
            let decoded = try DenseRequest(binary: request, as: bodyType, defaultModel: defaultModel) { source in
                guard case .model(let name, let version, let label) = source else { return false }
                return (try? lookup(name, version, label))?.network.takesDoubles ?? false
            }
            return (decoded, try target(of: decoded))
        }
        // A short body is decoded sooner than it is found out what it asks for.
        let isLong = request.body.count > 16 << 10
        let foreseen = isLong && hints.model(in: service.models)?.network.takesDoubles ?? false
        let first: DenseRequest
        do throws(APIError) { first = try decode(readsDoubles: foreseen) } catch {
            // Float64 has numbers that float32 has not.
            guard !foreseen, error.code == Self.outOfRange, let other = try? decode(readsDoubles: true),
                let target = try? self.target(of: other), target.takesDoubles
            else { throw error }
            return (other, target)
        }
        let target = try self.target(of: first)
        guard target.takesDoubles != foreseen else { return (first, target) }
        let again = try decode(readsDoubles: !foreseen)
        return (again, try self.target(of: again))
    }

    private func decode(readsDoubles: Bool) throws(APIError) -> DenseRequest {
        try DenseRequest(
            json: request.body, allowsNonFinite: service.configuration.allowsNonFiniteJSON,
            readsDoubles: readsDoubles)
    }

    private static let outOfRange = "number_out_of_range"

    private func lookup(_ name: String, _ version: Int?, _ label: String?) throws(APIError) -> Model {
        do throws(ModelStoreError) { return try service.models.lookup(name, version: version, label: label) } catch {
            var failure = APIError(error)
            switch error {
            case .unknownVersion where label == nil: failure.pointer = "/version"
            case .unknownVersion, .unknownLabel: failure.pointer = "/label"
            default: failure.pointer = "/model"
            }
            throw failure
        }
    }

    private func adapter(_ request: DenseRequest, of model: Model) throws(APIError) -> Adapter? {
        if request.adapter != nil, request.parameters.returnsLosses { throw APIError(ServiceError.lossesWithAdapter) }
        do throws(ModelStoreError) { return try model.adapter(ifNamed: request.adapter) } catch {
            var failure = APIError(error)
            failure.pointer = "/adapter"
            throw failure
        }
    }

    /// - Throws: what a layer has against the input's shape, and for what would take more memory than a request may.
    private func inference(
        _ network: Sequential, model: Model?, _ adapter: Adapter?, _ request: DenseRequest, _ decodeNanoseconds: Int
    ) throws(APIError) -> Inference<DenseParameters> {
        let inference = try api { () throws(EngineError) in
            try Inference(
                network, model: model, adapter: adapter, request.input, returnsLogits: request.parameters.returnsLogits,
                returnsLosses: request.parameters.returnsLosses, decodeNanoseconds: decodeNanoseconds,
                request.parameters
            ) {
                DenseAnswer.capacity(for: $0, of: network.outputType, as: answerType, request.parameters)
            }
        }
        try service.requireBounded(bytes: inference.estimate.bytes)
        return inference
    }

    // MARK: Answering

    func encode(_ output: ModelOutput, of inference: Inference<DenseParameters>) throws(APIError) -> HTTPResponse {
        let answer = DenseAnswer(
            result: output, parameters: inference.parameters, version: inference.model?.version)
        return try answer.response(as: answerType)
    }

    func error(_ error: EngineError) -> APIError { located(APIError(error)) }

    /// The error has no pointer when there is no JSON for it to lead into.
    private func located(_ error: APIError) -> APIError {
        var error = error
        if bodyType != .json { error.pointer = nil }
        return error
    }

    private func located<Result>(_ body: () throws(APIError) -> Result) throws(APIError) -> Result {
        do throws(APIError) { return try body() } catch { throw located(error) }
    }
}

extension ModelDocument {
    /// Whether no weights have to be made.
    fileprivate var hasAllWeights: Bool {
        layers.allSatisfy { layer in
            layer.configuration.weightNames.allSatisfy { layer.weights?[$0] != nil }
        }
    }
}
