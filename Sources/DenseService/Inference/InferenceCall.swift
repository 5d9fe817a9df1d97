internal import DenseEngine
internal import HTTPServer
internal import Locks
internal import ModelStore

/// A request on its way through the worker queue. Made on a loop's thread, prepared and answered on workers' threads, one
/// after the other.
final class InferenceCall<Job: InferenceJob>: Sendable {
    let pending: PendingAnswer
    let options: WorkOptions
    private let job: Job
    /// The decoded request, where the loop has decoded it already.
    private let decoded: PreparedInference<Job.Parameters>?
    private let hints: RequestHints
    /// The model's line that counts the request.
    private let line = Lock<BatchLine?>(nil)

    init(_ job: Job, _ pending: PendingAnswer, _ decoded: PreparedInference<Job.Parameters>? = nil) {
        self.job = job
        self.pending = pending
        self.decoded = decoded
        hints = job.hints
        options = job.options(for: pending, hints)
    }

    private var service: Service { job.service }

    // MARK: The model's own bounds

    /// Counts the request with its model's others before it waits, where the model can be told without decoding.
    ///
    /// - Throws: when the model allows no more.
    func enterLine() throws(APIError) {
        if case .ready(let inference)? = decoded {
            if let model = inference.model { try enter(model) }
        } else if let model = hints.model(in: service.models) {
            try enter(model)
        }
    }

    private func enter(_ model: Model) throws(APIError) {
        try line.withLock { line throws(APIError) in
            guard line == nil else { return }
            try api { () throws(EngineError) in
                try model.line.enter(bytes: options.bytes, model.batching.limits(service.configuration.batching))
            }
            line = model.line
        }
    }

    /// Ends the counting.
    private func leaveLine() {
        line.withLock { $0.take() }?.leave(bytes: options.bytes)
    }

    // MARK: On a worker

    /// Body to tensor; what is wrong with it is answered at once.
    func prepare(_ reason: DropReason?) -> WorkerQueue.Preparation {
        if let reason {
            drop(reason)
            return .nothing
        }
        do throws(APIError) {
            let prepared: PreparedInference<Job.Parameters>
            if let decoded {
                prepared = decoded
            } else {
                prepared = try service.holding(bytes: decodingBytes) { () throws(APIError) in try job.prepare() }
            }
            switch prepared {
            case .ready(let inference): return .request(try batchRequest(inference))
            case .unbuilt: return .work { [self] reason in answerAlone(prepared, reason) }
            }
        } catch {
            fail(error)
            return .nothing
        }
    }

    /// Of a model that takes float64 three times as much: each number takes the place of three float32.
    private var decodingBytes: Int {
        let isDouble = hints.model(in: service.models)?.network.takesDoubles ?? false
        return isDouble ? Service.bytes(job.decodingBytes, times: 3) : job.decodingBytes
    }

    private func batchRequest(_ inference: Inference<Job.Parameters>) throws(APIError) -> BatchRequest {
        if let model = inference.model { try enter(model) }
        let bytes = inference.batchBytes
        try service.requireBounded(bytes: inference.estimate.bytes)
        try api { () throws(EngineError) in try service.workers.hold(bytes: bytes) }
        return BatchRequest(
            inference.network, inference.input, returnsLogits: inference.returnsLogits,
            returnsLosses: inference.returnsLosses, adapter: inference.adapter, line: inference.model?.line,
            limits: inference.model?.batching.limits(service.configuration.batching) ?? BatchLimits()
        ) { [self] outcome in
            finish(inference, outcome)
            service.workers.release(bytes: bytes)
        }
    }

    private func finish(_ inference: Inference<Job.Parameters>, _ outcome: BatchOutcome) {
        switch outcome {
        case .computed(let output, let facts):
            if facts.position == 0 { service.metrics.batches.count(facts) }
            let queued = facts.started.since(job.timing.received) - inference.decodeNanoseconds
            answer(with: inference.model) { () throws(APIError) in
                try service.encode(output, facts, of: inference, job, queued: queued)
            }
        case .failed(let error): fail(job.error(error))
        case .dropped(let reason): drop(reason)
        }
    }

    /// Builds and computes layers of the request's own. The memory it takes is counted while it takes it.
    private func answerAlone(_ prepared: PreparedInference<Job.Parameters>, _ reason: DropReason?) {
        if let reason { return drop(reason) }
        answer(with: nil) { () throws(APIError) in
            let started = Instant.now
            let inference = try prepared.built()
            return try service.holding(bytes: inference.estimate.bytes) { () throws(APIError) in
                try service.compute(
                    inference, job, started: started,
                    queued: started.since(job.timing.received) - inference.decodeNanoseconds)
            }
        }
    }

    // MARK: Answering

    private func answer(with model: Model?, _ body: () throws(APIError) -> HTTPResponse) {
        let response: HTTPResponse
        do throws(APIError) { response = try body() } catch { response = service.failure(error, of: job, model) }
        leaveLine()
        service.answer(pending, response)
    }

    /// Answers with what went wrong.
    func fail(_ error: APIError) {
        let model = hints.model(in: service.models)
        answer(with: model) { () throws(APIError) in throw error }
    }

    private func drop(_ reason: DropReason) {
        service.metrics.batches.count(reason)
        fail(job.timing.error(reason))
    }
}
