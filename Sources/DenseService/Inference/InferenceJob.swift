internal import DenseEngine
internal import HTTPServer
internal import ModelStore

/// A request for a model's output, whatever protocol it came by. A protocol decodes and encodes; all between is the same for
/// every one of them, so that their requests share batches, bounds, deadlines, metrics and timing:
///
///     body ── prepare ──► Inference ── model's line, queue, batch, engine ──► ModelOutput ── encode ──► HTTPResponse
///                            │                                                     ▲
///     model, network, input (float32), estimate, the protocol's own parameters ────┘
///
/// `Service.infer` takes a job on that way and answers its responder once. It is used on a loop's and on workers' threads,
/// one after the other, so what it finds out while it decodes goes into `Parameters`, and never into the job.
/// What has not one HTTP answer (a message of a stream) gives a responder made of a closure.
protocol InferenceJob: AnyObject, Sendable {
    /// What encoding has to know of the request.
    associatedtype Parameters: Sendable

    var service: Service { get }
    /// When it came, what its head says of its priority, and until when it is worth beginning.
    var timing: Timing { get }
    /// What it holds while it waits; small bodies are decoded on the loop's thread.
    var bodyBytes: Int { get }
    /// What decoding takes besides the body.
    var decodingBytes: Int { get }
    /// Its model and priority, as far as they can be told before it is decoded.
    var hints: RequestHints { get }

    /// Body to tensor and model.
    ///
    /// - Throws: what is wrong with the request.
    func prepare() throws(APIError) -> PreparedInference<Parameters>

    /// Output to answer.
    ///
    /// - Throws: for an output that the protocol cannot carry.
    func encode(_ output: ModelOutput, of inference: Inference<Parameters>) throws(APIError) -> HTTPResponse

    /// What the network has against the input, as an error of the request.
    func error(_ error: EngineError) -> APIError

    /// The answer for whatever went wrong, in the protocol's form and with its status.
    func response(to error: APIError) -> HTTPResponse
}

extension InferenceJob {
    func error(_ error: EngineError) -> APIError { APIError(error) }
    func response(to error: APIError) -> HTTPResponse { error.response }

    /// What was decoded, ready to be computed: the end of `prepare` for a registered model, which takes the time of it.
    ///
    /// - Parameters:
    ///   - started: when decoding began, `earlier` nanoseconds of it (those of content codings) not counted.
    ///   - adapter: the name of one of the model's.
    ///   - answerBytes: about the most bytes that the output takes in the answer, by its shape.
    /// - Throws: for an adapter that the model does not have (404), what a layer has against the input's shape (422), and for more memory than a request may ever take (422).
    func ready(
        _ model: Model, _ input: Tensor, _ parameters: Parameters, adapter: String? = nil,
        decodedSince started: Instant, earlier: Int = 0, answerBytes: (Shape) -> Int
    ) throws(APIError) -> PreparedInference<Parameters> {
        let decodeNanoseconds = Instant.now.since(started) + earlier
        service.metrics.record(.decode, nanoseconds: decodeNanoseconds)
        let chosen = try api { () throws(ModelStoreError) in try model.adapter(ifNamed: adapter) }
        let inference = try api { () throws(EngineError) in
            try Inference(
                model.network, model: model, adapter: chosen, input, decodeNanoseconds: decodeNanoseconds, parameters,
                answerBytes: answerBytes)
        }
        try service.requireBounded(bytes: inference.estimate.bytes)
        return .ready(inference)
    }

    /// What the worker queue is told of it.
    func options(for pending: PendingAnswer, _ hints: RequestHints) -> WorkOptions {
        timing.options(for: pending, bytes: bodyBytes, priority: hints.priority)
    }
}

/// A request that was decoded.
enum PreparedInference<Parameters: Sendable>: Sendable {
    case ready(Inference<Parameters>)
    /// Layers of the request's own, which are built where there is time for it. `hasAllWeights` is false where weights have
    /// to be made, which may be of any size; those that are there came with the body.
    case unbuilt(hasAllWeights: Bool, build: @Sendable () throws(APIError) -> Inference<Parameters>)

    /// The decoded request with its layers.
    func built() throws(APIError) -> Inference<Parameters> {
        switch self {
        case .ready(let inference): inference
        case .unbuilt(_, let build): try build()
        }
    }
}

/// A decoded request with the built layers it runs on, and what that will cost.
///
/// A class, because what it holds is much, and each step that copied it would pay for every part.
final class Inference<Parameters: Sendable>: Sendable {
    let network: Sequential
    /// The registered model, if it is one.
    let model: Model?
    /// What of the model's adapters the request has chosen.
    let adapter: Adapter?
    /// Rank 2 or more, whatever type its elements had on the wire.
    let input: Tensor
    let returnsLogits: Bool
    let returnsLosses: Bool
    let estimate: WorkEstimate
    /// What decoding took.
    let decodeNanoseconds: Int
    let parameters: Parameters

    /// - Parameter answerBytes: about the most bytes that the output takes in the answer, by its shape.
    /// - Throws: what a layer has against the input's shape, so that nothing is computed for it.
    init(
        _ network: Sequential, model: Model?, adapter: Adapter? = nil, _ input: Tensor, returnsLogits: Bool = false,
        returnsLosses: Bool = false, decodeNanoseconds: Int, _ parameters: Parameters,
        answerBytes: (Shape) -> Int
    ) throws(EngineError) {
        estimate = try WorkEstimate(
            network, adapter: adapter, input: input.shape, returnsLogits: returnsLogits, answerBytes: answerBytes)
        self.network = network
        self.model = model
        self.adapter = adapter
        // Before it waits, so that no float64 is kept that nobody computes with.
        self.input = input.cast(to: network.inputType)
        self.returnsLogits = returnsLogits
        self.returnsLosses = returnsLosses
        self.decodeNanoseconds = decodeNanoseconds
        self.parameters = parameters
    }

    /// Where the rest of the work belongs.
    var placement: Placement {
        Placement(multiplyAdds: estimate.multiplyAdds, elements: estimate.outputElements)
    }

    /// What it takes as part of a batch: the input and the output once more, among the others' rows.
    var batchBytes: Int {
        let copies = Service.bytes(input.shape.count, times: 2 * max(input.type.size, MemoryLayout<Float>.stride))
        let (sum, overflow) = estimate.bytes.addingReportingOverflow(copies)
        return overflow ? .max : sum
    }
}

extension Model {
    /// The adapter that a request names, if it names one.
    ///
    /// - Throws: `unknownAdapter`.
    func adapter(ifNamed name: String?) throws(ModelStoreError) -> Adapter? {
        guard let name else { return nil }
        return try adapter(named: name).adapter
    }
}
