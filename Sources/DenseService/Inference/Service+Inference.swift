internal import DenseEngine
internal import HTTPServer
internal import ModelStore

// What all protocols' requests for outputs go through. Small ones are answered here and now, on the loop's thread; the
// others, and those that turn out large once their model is known, on a worker, together with others for their model.

extension Service {
    /// Answers a request for a model's output.
    func infer<Job: InferenceJob>(_ job: Job, _ responder: consuming HTTPResponder) {
        guard Placement(bytes: job.bodyBytes) == .inline else {
            return submit(InferenceCall(job, PendingAnswer(responder)))
        }
        var work = InlineInference(job: job)
        workers.sync(&work)
        // Taken, not copied: every small answer comes this way.
        if let response = work.response.take() {
            answer(responder, response)
        } else {
            submit(InferenceCall(job, PendingAnswer(responder), work.postponed))
        }
    }

    private func submit(_ call: InferenceCall<some InferenceJob>) {
        do throws(APIError) {
            try call.enterLine()
            try api { () throws(EngineError) in
                try workers.async(call.options) { reason in call.prepare(reason) }
            }
        } catch { call.fail(error) }
    }

    /// Tensor to answer, by itself.
    ///
    /// - Parameter queued: nanoseconds that the request waited.
    func compute<Job: InferenceJob>(
        _ inference: Inference<Job.Parameters>, _ job: Job, started: Instant = .now, queued: Int = 0
    ) throws(APIError) -> HTTPResponse {
        let output: ModelOutput
        do throws(EngineError) {
            output = try inference.network(
                inference.input, returnLogits: inference.returnsLogits, returnLosses: inference.returnsLosses,
                adapters: inference.adapter.map(AdapterRows.init(all:)))
        } catch { throw job.error(error) }
        let facts = BatchFacts(rows: inference.input.shape.rowCount, requests: 1, started: started, ended: .now)
        return try encode(output, facts, of: inference, job, queued: queued)
    }

    /// Output to answer.
    ///
    /// - Parameter queued: nanoseconds that the request waited.
    func encode<Job: InferenceJob>(
        _ output: ModelOutput, _ facts: BatchFacts, of inference: Inference<Job.Parameters>, _ job: Job, queued: Int
    ) throws(APIError) -> HTTPResponse {
        let computing = facts.ended.since(facts.started)
        metrics.record(.queue, nanoseconds: max(queued, 0))
        metrics.record(.compute, nanoseconds: computing)
        let encoding = Instant.now
        var response = try job.encode(output, of: inference)
        let ended = Instant.now
        let encoded = ended.since(encoding)
        metrics.record(.encode, nanoseconds: encoded)
        if inference.adapter != nil { metrics.countAdapted() }
        inference.model?.statistics.record(
            ModelStatistics.Success(
                rows: inference.input.shape.rowCount, batchRows: facts.rows, countsBatch: facts.position == 0,
                total: ended.since(job.timing.received), queue: max(queued, 0), decode: inference.decodeNanoseconds,
                compute: computing, encode: encoded, ended: ended.nanoseconds))
        if configuration.sendsTiming {
            response.moreFields = AnswerTimes(
                decode: inference.decodeNanoseconds, queue: max(queued, 0), compute: computing, encode: encoded,
                rows: facts.rows, requests: facts.requests)
        }
        return response
    }

    /// The only place where the failure of such a request becomes an answer.
    ///
    /// - Parameter model: counts it.
    func failure(_ error: APIError, of job: some InferenceJob, _ model: Model?) -> HTTPResponse {
        log(error)
        model?.statistics.recordFailure(nanoseconds: Instant.now.since(job.timing.received))
        return job.response(to: error)
    }
}

/// What is done with a small body on the loop's thread.
private struct InlineInference<Job: InferenceJob>: InlineWork {
    let job: Job
    var response: HTTPResponse?
    /// What is larger than its body, and has no response yet.
    private(set) var postponed: PreparedInference<Job.Parameters>?

    init(job: Job) { self.job = job }

    mutating func run() {
        do throws(APIError) {
            let prepared = try job.prepare()
            if case .unbuilt(hasAllWeights: false, _) = prepared { return postponed = prepared }
            let inference = try prepared.built()
            guard inference.placement == .inline else { return postponed = .ready(inference) }
            response = try job.service.compute(inference, job)
        } catch {
            let hints = job.hints
            let model = hints.model(in: job.service.models)
            response = job.service.failure(error, of: job, model)
        }
    }
}
