internal import DenseEngine
internal import HTTPServer
internal import ModelStore

// `POST /dense`. Small requests are answered here and now, on the loop's thread; the others, and those that turn out
// large once their model is known, on a worker, together with others for their model.

extension Service {
    func dense(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let job: DenseJob
        do throws(APIError) { job = try DenseJob(request, self) } catch { return answer(responder, error.response) }
        guard Placement(bytes: request.body.count) == .inline else {
            return submit(DenseCall(job, PendingAnswer(responder)))
        }

        var work = InlineDense(job: job)
        workers.sync(&work)
        switch work.step {
        case .answered(let response): answer(responder, response)
        case .postponed(let prepared): submit(DenseCall(job, PendingAnswer(responder), prepared))
        }
    }

    private func submit(_ call: DenseCall) {
        do throws(APIError) {
            try call.enterLine()
            try api { () throws(EngineError) in
                try workers.async(call.options) { reason in call.prepare(reason) }
            }
        } catch {
            call.leaveLine()
            answer(call.pending, error.response)
        }
    }
}

/// What is done with a small body on the loop's thread.
private struct InlineDense: InlineWork {
    enum Step {
        case answered(HTTPResponse)
        /// It is larger than its body.
        case postponed(PreparedDense)
    }

    let job: DenseJob
    private(set) var step = Step.answered(HTTPResponse(.internalServerError))

    init(job: DenseJob) { self.job = job }

    mutating func run() {
        do throws(APIError) {
            let prepared = try job.prepare()
            guard prepared.hasAllWeights else { return step = .postponed(prepared) }
            let built = try job.build(prepared)
            guard built.placement == .inline else { return step = .postponed(.built(built)) }
            step = .answered(try job.finish(built))
        } catch { step = .answered(error.response) }
    }
}
