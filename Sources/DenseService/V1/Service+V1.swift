internal import HTTPServer

// TensorFlow Serving's REST API, and KServe's V1 protocol, which grew out of it.

extension Service {
    /// `POST /v1/models/{name}:predict` and its kin.
    func v1Infer(
        _ operation: Operation, _ path: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder
    ) {
        let job: V1Job
        do throws(APIError) {
            job = try V1Job(request, operation, try V1Model(path), self)
        } catch { return answer(responder, V1Failure.response(to: error)) }
        infer(job, responder)
    }

    /// What it tells of models.
    func performV1(
        _ operation: Operation, _ path: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder
    ) {
        switch operation {
        case .v1ListModels: manage(responder, errors: .v1) { service in V1Endpoint.list(service.models) }
        case .v1Status:
            manage(responder, errors: .v1) { service throws(APIError) in
                try V1Endpoint.status(path, in: service.models)
            }
        case .v1Metadata:
            manage(responder, errors: .v1) { service throws(APIError) in
                try V1Endpoint.metadata(path, in: service.models)
            }
        default: v1Infer(operation, path, request, responder)
        }
    }

    /// TensorFlow Serving has one answer for all paths under `/v1` that it does not know.
    func malformedV1(_ request: HTTPRequest) -> HTTPResponse? {
        let path = request.target.rawPath
        guard path.lowercased().hasPrefix("/v1/") else { return nil }
        return V1Failure.response(
            to: APIError(V1Error.malformedRequest(method: request.method.rawValue, path: path)))
    }
}
