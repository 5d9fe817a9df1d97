internal import DenseEngine
internal import HTTPServer
internal import Locks
internal import ModelStore

/// A request to `POST /dense` on its way through the worker queue. Made on a loop's thread, prepared and answered on
/// workers' threads, one after the other.
final class DenseCall: Sendable {
    let pending: PendingAnswer
    let options: WorkOptions
    private let job: DenseJob
    /// The decoded request, where the loop has decoded it already.
    private let decoded: PreparedDense?
    private let hints: RequestHints
    /// The model's line that counts the request.
    private let line = Lock<BatchLine?>(nil)

    init(_ job: DenseJob, _ pending: PendingAnswer, _ decoded: PreparedDense? = nil) {
        self.job = job
        self.pending = pending
        self.decoded = decoded
        hints = RequestHints(job.request, as: job.bodyType)
        options = job.timing.options(for: pending, bytes: job.request.body.count, priority: hints.priority)
    }

    private var service: Service { job.service }

    // MARK: The model's own bounds

    /// Counts the request with its model's others before it waits, where the model can be told without decoding.
    ///
    /// - Throws: when the model allows no more.
    func enterLine() throws(APIError) {
        if case .built(let built)? = decoded {
            if let model = built.model { try enter(model) }
        } else if let name = hints.model, let model = try? service.models.lookup(name, version: hints.version) {
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
    func leaveLine() {
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
            let prepared: PreparedDense
            if let decoded {
                prepared = decoded
            } else {
                prepared = try service.holding(bytes: job.decodingBytes) { () throws(APIError) in try job.prepare() }
            }
            switch prepared {
            case .built(let built): return .request(try batchRequest(built))
            case .described: return .work { [self] reason in answerAlone(prepared, reason) }
            }
        } catch {
            answer { () throws(APIError) in throw error }
            return .nothing
        }
    }

    private func batchRequest(_ built: BuiltDense) throws(APIError) -> BatchRequest {
        if let model = built.model { try enter(model) }
        let bytes = built.batchBytes
        try service.requireBounded(bytes: built.estimate.bytes)
        try api { () throws(EngineError) in try service.workers.hold(bytes: bytes) }
        return BatchRequest(
            built.network, built.request.input, returnsLogits: built.request.parameters.returnsLogits,
            returnsLosses: built.request.parameters.returnsLosses, line: built.model?.line,
            limits: built.model?.batching.limits(service.configuration.batching) ?? BatchLimits()
        ) { [self] outcome in
            finish(built, outcome)
            service.workers.release(bytes: bytes)
        }
    }

    private func finish(_ built: BuiltDense, _ outcome: BatchOutcome) {
        switch outcome {
        case .computed(let output, let facts):
            if facts.position == 0 { service.metrics.batches.count(facts) }
            let queued = facts.started.since(job.timing.received) - built.decodeNanoseconds
            answer { () throws(APIError) in try job.encode(output, facts, of: built, queued: queued) }
        case .failed(let error):
            answer { () throws(APIError) in try job.located { () throws(APIError) in throw APIError(error) } }
        case .dropped(let reason): drop(reason)
        }
    }

    /// Builds and computes layers of the request's own.
    private func answerAlone(_ prepared: PreparedDense, _ reason: DropReason?) {
        if let reason { return drop(reason) }
        answer { () throws(APIError) in try job.answer(prepared) }
    }

    // MARK: Answering

    private func answer(_ body: () throws(APIError) -> HTTPResponse) {
        let response = service.response(body)
        leaveLine()
        service.answer(pending, response)
    }

    private func drop(_ reason: DropReason) {
        leaveLine()
        service.drop(pending, job.timing, reason)
    }
}

extension BuiltDense {
    /// What it takes as part of a batch: the input and the output once more, among the others' rows.
    fileprivate var batchBytes: Int {
        let copies = Service.bytes(request.input.shape.count, times: 2 * MemoryLayout<Float>.stride)
        let (sum, overflow) = estimate.bytes.addingReportingOverflow(copies)
        return overflow ? .max : sum
    }
}
