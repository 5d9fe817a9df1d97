internal import HTTPServer

extension Service {
    /// `POST /dense`.
    func dense(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let job: DenseJob
        do throws(APIError) { job = try DenseJob(request, self) } catch { return answer(responder, error.response) }
        infer(job, responder)
    }
}
