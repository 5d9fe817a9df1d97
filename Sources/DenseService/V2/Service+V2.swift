internal import DenseEngine
internal import HTTPServer

// The Open Inference Protocol.

extension Service {
    /// `POST /v2/models/{name}[/versions/{version}]/infer`
    func v2Infer(_ path: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let job: V2Job
        do throws(APIError) {
            guard request.head.announcesBody else { throw APIError(ServiceError.lengthRequired) }
            job = try V2Job(request, name: path.name, version: try V2Endpoint.version(path), self)
        } catch { return answer(responder, V2Failure.response(to: error)) }
        infer(job, responder)
    }

    /// Everything else of it.
    func performV2(
        _ operation: Operation, _ path: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder
    ) {
        switch operation {
        case .v2Describe: answer(responder, V2Endpoint.describe(version: configuration.version))
        case .v2Live: answer(responder, V2Endpoint.live)
        case .v2Ready: answer(responder, V2Endpoint.ready(readiness))
        case .v2ListModels: manage(responder, errors: .v2) { service in V2Endpoint.list(service.models) }
        case .v2ReadModel:
            manage(responder, errors: .v2) { service throws(APIError) in try V2Endpoint.read(path, in: service.models) }
        case .v2ModelReady:
            manage(responder, errors: .v2) { service throws(APIError) in
                try V2Endpoint.modelReady(path, in: service.models, service.readiness)
            }
        case .v2Configuration:
            manage(responder, errors: .v2) { service throws(APIError) in
                try V2Endpoint.configuration(path, in: service.models, service.configuration.batching)
            }
        case .v2Statistics:
            manage(responder, errors: .v2) { service throws(APIError) in
                try V2Statistics.response(path, in: service.models)
            }
        case .v2Index:
            manage(responder, errors: .v2) { service throws(APIError) in
                try V2Repository.index(request.body, in: service.models)
            }
        case .v2Load:
            work(request, responder, bytes: request.body.count, errors: .v2) { service throws(APIError) in
                // The texts, the files they stand for, their tensors and packed copies.
                try service.holding(bytes: Self.bytes(request.body.count, times: 10)) { () throws(APIError) in
                    try V2Repository.load(
                        path, request.body, in: service.models, folder: service.configuration.modelFolder)
                }
            }
        case .v2Unload:
            change(responder, errors: .v2) { service throws(APIError) in
                try V2Repository.unload(path, request.body, in: service.models)
            }
        case .v2ReadLogging: answer(responder, V2Logging(configuration.logging.level).response)
        case .v2ChangeLogging:
            manage(responder, errors: .v2) { service throws(APIError) in
                let settings = try V2Body.object(request.body)
                var logging = V2Logging(service.configuration.logging.level)
                try api { () throws(V2Error) in try logging.change(settings) }
                service.configuration.logging.level = logging.level
                return V2Logging(logging.level).response
            }
        case .v2ReadTrace:
            manage(responder, errors: .v2) { service throws(APIError) in
                try V2Endpoint.requireModel(path, in: service.models)
                return V2Endpoint.trace
            }
        case .v2ChangeTrace:
            manage(responder, errors: .v2) { service throws(APIError) in
                try V2Endpoint.changeTrace(path, request.body, in: service.models)
            }
        case .v2SharedMemoryStatus:
            manage(responder, errors: .v2) { _ throws(APIError) in try V2Endpoint.sharedMemoryStatus(path) }
        default: answer(responder, V2Failure.response(to: APIError(V2Error.sharedMemoryOff)))
        }
    }
}
