internal import DenseEngine
internal import GRPCWire
internal import HTTPServer
internal import ModelStore
internal import ProtobufWire
internal import TensorCoding

/// A `ModelInferRequest`, alone or one of a stream.
final class GRPCInferJob: InferenceJob {
    let service: Service
    let timing: Timing
    let hints: RequestHints
    private let message: GRPCMessage
    /// Makes an answer of a framed message; nil for one of a stream, whose answers are no responses of their own.
    private let call: GRPCCall?

    init(_ call: GRPCCall) {
        service = call.service
        timing = call.timing
        message = call.message
        self.call = call
        hints = Self.hints(call.message)
    }

    /// One of a stream: its answer is the message alone.
    init(_ message: GRPCMessage, _ timing: Timing, _ service: Service) {
        self.service = service
        self.timing = timing
        self.message = message
        call = nil
        hints = Self.hints(message)
    }

    private static func hints(_ message: GRPCMessage) -> RequestHints {
        guard !message.isCompressed else { return RequestHints(model: "") }
        return unsafe message.withBytes { bytes in
            let beginning = unsafe InferRequestMessage(beginningOf: bytes)
            var options = V2Options()
            try? options.set(beginning.parameters)
            return RequestHints(
                model: beginning.modelName, version: Int(beginning.modelVersion), priority: options.priority)
        }
    }

    var bodyBytes: Int { message.waitingBytes }
    var decodingBytes: Int { Service.bytes(message.count, times: 4) }

    func prepare() throws(APIError) -> PreparedInference<V2Answer> {
        let started = Instant.now
        try timing.requireInTime()
        let message = try message.plain(limit: service.configuration.maximumBodyBytes)
        return try unsafe message.withBytes { bytes throws(APIError) in
            let request = try protobuf { () throws(ProtobufError) in unsafe try InferRequestMessage(bytes) }
            let model = try service.model(named: request.modelName, version: request.modelVersion)
            var options = V2Options()
            try api { () throws(V2Error) in try options.set(request.parameters) }
            if let limit = options.timeoutMicroseconds { try timing.requireWithin(microseconds: limit) }
            let signature = ModelSignature(model)
            let input = try unsafe GRPCTensor.input(
                of: request, bytes, in: message.body, signature, model: model.name)
            let answer = try GRPCTensor.answer(to: request, signature, model: model.name)
            return try ready(model, input, answer, adapter: options.adapter, decodedSince: started) { shape in
                answer.capacity(for: shape, type: model.network.outputType)
            }
        }
    }

    func encode(_ output: ModelOutput, of inference: Inference<V2Answer>) throws(APIError) -> HTTPResponse {
        guard let model = inference.model else { throw APIError(V2Error.notReady(model: "")) }
        let answer = inference.parameters
        let tensor = output.output
        let classes = answer.outputs?.first?.classes.map { V2Classification(tensor, classes: $0) }
        let head = InferResponseMessage(
            modelName: model.name, modelVersion: String(model.version), id: answer.id ?? "",
            output: ModelSignature(model).output,
            datatype: (classes == nil ? V2Datatype(tensor.type) : .bytes).rawValue,
            shape: (classes?.shape ?? tensor.shape).dimensions)
        let framed =
            classes.map { head.framed($0.octets, inStream: call == nil) }
            ?? (tensor.type == .float32
                ? head.framed(tensor.elements, inStream: call == nil)
                : head.framed(RawTensor.encode(tensor), inStream: call == nil))
        return call?.response(framed: framed) ?? HTTPResponse(.ok, body: framed)
    }

    func response(to error: APIError) -> HTTPResponse {
        guard call == nil else { return GRPCAnswer.error(error) }
        let id = message.isCompressed ? "" : unsafe message.withBytes { unsafe InferRequestMessage(beginningOf: $0).id }
        return HTTPResponse(.ok, body: InferResponseMessage.framed(error: error.message, id: id))
    }
}

extension V2Options {
    /// The one reserved name that clients may use, and Triton's own do: whether they want to be told of the end of a stream of
    /// answers to one request, of which there is never more than one here.
    private static let finalResponse = "triton_enable_empty_final_response"

    /// Takes the parameters of a message.
    ///
    /// - Throws: as for each of them.
    mutating func set(_ parameters: [String: InferParameterValue]) throws(V2Error) {
        for (name, value) in parameters {
            if name == Self.finalResponse {
                guard case .bool = value else { throw .invalidParameter(name, expected: "true or false") }
            } else {
                try set(name, Value(value))
            }
        }
    }
}

extension V2Options.Value {
    init(_ value: InferParameterValue) {
        switch value {
        case .none: self = .other
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(Int(value))
        case .uint(let value): self = Int(exactly: value).map(Self.int) ?? .other
        case .double(let value): self = .double(value)
        case .text(let value): self = .string(value)
        }
    }
}

extension Service {
    /// A model by the names that other servers' protocols have for it: no version, or an empty one, is the newest.
    func model(named name: String, version: String) throws(APIError) -> Model {
        var number: Int?
        if !version.isEmpty {
            guard let parsed = Int(version), parsed > 0 else {
                throw APIError(ServiceError.invalidVersion(String(version.prefix(100))))
            }
            number = parsed
        }
        return try api { () throws(ModelStoreError) in try models.lookup(name, version: number) }
    }
}
