internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// A request to `POST /v2/models/{name}[/versions/{version}]/infer`.
final class V2Job: InferenceJob {
    let service: Service
    let timing: Timing
    private let request: HTTPRequest
    private let name: String
    private let version: Int?
    private let form: V2BodyForm

    init(_ request: HTTPRequest, name: String, version: Int?, _ service: Service) throws(APIError) {
        timing = try Timing(request, limit: service.configuration.requestTimeout)
        form = try V2BodyForm(request)
        self.request = request
        self.name = name
        self.version = version
        self.service = service
    }

    var bodyBytes: Int { request.body.count }

    /// For JSON an index of up to four bytes a byte, and a float for every two at most; for binary a float for every byte.
    var decodingBytes: Int { Service.bytes(request.body.count, times: form.headerLength == nil ? 6 : 4) }

    var hints: RequestHints { RequestHints(model: name, version: version, priority: earlyPriority) }

    /// The priority as far as it can be told before the request is decoded: from the JSON before binary tensors, or from
    /// `parameters` that come first.
    private var earlyPriority: Int? {
        guard timing.priority == nil, form.headerLength != 0 else { return nil }
        guard let length = form.headerLength else {
            return RequestHints(request, as: .json).priority.flatMap(V2Options.priority(triton:))
        }
        guard length <= 64 << 10 else { return nil }
        return unsafe request.body.withUnsafeBytes { bytes in
            unsafe V2RequestReader.priority(in: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        }
    }

    func prepare() throws(APIError) -> PreparedInference<V2Answer> {
        let started = Instant.now
        let model = try api { () throws(ModelStoreError) in try service.models.lookup(name, version: version) }
        let decoded = try V2RequestReader.read(
            request.body, headerLength: form.headerLength, ModelSignature(model), model: name)
        if let limit = decoded.options.timeoutMicroseconds { try timing.requireWithin(microseconds: limit) }
        return try ready(
            model, decoded.input, decoded.answer, adapter: decoded.options.adapter, decodedSince: started,
            earlier: request.decodingNanoseconds
        ) { shape in decoded.answer.capacity(for: shape, type: model.network.outputType) }
    }

    func encode(_ output: ModelOutput, of inference: Inference<V2Answer>) throws(APIError) -> HTTPResponse {
        guard let model = inference.model else { throw APIError(V2Error.notReady(model: name)) }
        return try inference.parameters.response(output.output, model, ModelSignature(model), form)
    }

    func response(to error: APIError) -> HTTPResponse { V2Failure.response(to: error) }
}

/// Where a body's JSON ends, and how its sender says so.
struct V2BodyForm: Sendable {
    /// Nil for a body that is JSON alone, 0 for one that is a tensor alone.
    let headerLength: Int?
    /// Whether it is told in the media type, as SageMaker does.
    let isSageMaker: Bool

    static let header = "Inference-Header-Content-Length"
    static let sageMakerType = "application/vnd.sagemaker-triton.binary+json"
    private static let sageMakerParameter = "json-header-size="

    /// What the header says, right or wrong.
    static func headerLength(_ headers: HTTPHeaders) -> Int? { headers[header].flatMap { Int($0) } }

    init(_ request: HTTPRequest) throws(APIError) {
        var text = request.headers[Self.header]
        let type = request.headers["Content-Type"] ?? ""
        isSageMaker = type.lowercased().hasPrefix(Self.sageMakerType)
        if isSageMaker, text == nil {
            let parameters = type.split(separator: ";").dropFirst().map { $0.filter { $0 != " " }.lowercased() }
            text =
                parameters.first { $0.hasPrefix(Self.sageMakerParameter) }?.dropFirst(Self.sageMakerParameter.count)
                .description ?? "none"
        }
        guard let text else {
            headerLength = nil
            return
        }
        guard let length = Int(text), (0...request.body.count).contains(length) else {
            throw APIError(V2Error.headerLength(text, body: request.body.count))
        }
        headerLength = length
    }
}
