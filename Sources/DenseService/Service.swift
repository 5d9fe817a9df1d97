internal import Dispatch
package import DenseEngine
package import HTTPServer
internal import Locks
package import Logging
package import ModelStore
internal import Synchronization

/// Answers the API's requests. One service stands behind all loops and connections; it holds the models, the workers and
/// the counters, and nothing of a single request.
package final class Service: HTTPHandler, HTTPExchangeObserver {
    let configuration: ServiceConfiguration
    let models: ModelRegistry
    let workers: WorkerQueue
    package let metrics = Metrics()
    private let logger: Logger

    /// For what is not computing, so that it is answered while the workers are full; never a loop's own thread, because
    /// a list of many models takes its time.
    private let management = DispatchQueue(label: "dense.management", qos: .utility)
    /// For what waits for a disk.
    let registrations = DispatchQueue(label: "dense.registration", qos: .utility)
    private let state = Atomic<Readiness>(.starting)
    let readinessWatchers = ReadinessWatchers()
    private let serverCounters = Lock<(@Sendable () -> ServerCounters?)?>(nil)

    /// - Parameter logger: gets the errors that are the server's fault.
    package init(configuration: ServiceConfiguration, models: ModelRegistry, workers: WorkerQueue, logger: Logger) {
        self.configuration = configuration
        self.models = models
        self.workers = workers
        self.logger = logger
    }

    // MARK: Readiness

    enum Readiness: UInt8, AtomicRepresentable {
        case starting, ready, draining
    }

    var readiness: Readiness { state.load(ordering: .relaxed) }

    /// The start-up models are loaded: `GET /health/ready` turns 200.
    package func setReady() {
        _ = state.compareExchange(expected: .starting, desired: .ready, ordering: .relaxed)
        readinessWatchers.tell()
    }

    /// Whether `GET /health/ready` is 200.
    var isReady: Bool { readiness == .ready }

    /// The end is near: `GET /health/ready` turns 503 for good, everything else is still answered.
    package func beginDraining() {
        state.store(.draining, ordering: .relaxed)
        readinessWatchers.tell()
    }

    // MARK: HTTPHandler

    package func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        metrics.requestStarted()
        switch Router.route(request.method, request.target, configuration.aliases) {
        case .operation(.dense, _):
            dense(request, responder)
        case .operation(.v2Infer, let parameters):
            v2Infer(parameters, request, responder)
        case .operation(let operation, let parameters) where operation.isV1:
            performV1(operation, parameters, request, responder)
        case .operation(let operation, let parameters):
            if operation.takesBody, let error = Self.objection(to: request.head, operation) {
                return answer(responder, error.response)
            }
            perform(operation, parameters, request, responder)
        case .options(let allow):
            answer(responder, HTTPResponse(.noContent, headers: [(name: "Allow", value: allow)]))
        case .methodNotAllowed(let path):
            let error = APIError(.methodNotAllowed(request.method, path))
            answer(responder, ErrorForm(path: request.target.rawPath).response(to: error))
        case .notFound:
            let form = ErrorForm(path: request.target.rawPath)
            answer(responder, malformedV1(request) ?? form.response(to: APIError(.noSuchPath)))
        }
    }

    /// Refuses, before their bodies are read, the requests whose heads already say that they cannot be answered.
    package func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        // Without a body there is nothing to be spared.
        guard head.announcesBody else { return .welcome }
        let error: APIError? =
            switch Router.route(head.method, head.target, configuration.aliases) {
            case .operation(let operation, _):
                operation.takesBody ? Self.objection(to: head, operation) ?? fullQueue(for: head) : nil
            case .options: nil
            case .methodNotAllowed(let path): APIError(.methodNotAllowed(head.method, path))
            // TensorFlow Serving's paths have an answer of their own, which wants no body to be spared.
            case .notFound: head.target.rawPath.lowercased().hasPrefix("/v1/") ? nil : APIError(.noSuchPath)
            }
        return error.map { .refused(ErrorForm(path: head.target.rawPath).response(to: $0)) } ?? .welcome
    }

    package func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        HTTPBodyOutline(numbersOffset: V2BodyForm.headerLength(head.headers) ?? 0)
    }

    package func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        APIError(error).response
    }

    /// What the worker queue would say to a request that has to go there, so that its body need not be received first.
    private func fullQueue(for head: HTTPRequestHead) -> APIError? {
        guard case .length(let length) = head.framing, Placement(bytes: length) != .inline else { return nil }
        return workers.objection(to: length).map { APIError($0) }
    }

    /// What is wrong with the head of a request that needs a body.
    private static func objection(to head: HTTPRequestHead, _ operation: Operation) -> APIError? {
        do throws(ServiceError) {
            guard operation.needsBody else { return nil }
            guard head.announcesBody else { throw .lengthRequired }
            switch operation {
            case .dense:
                let type = try MediaType.ofBody(head.headers, supported: MediaType.tensors)
                _ = try MediaType.ofAnswer(head.headers, preferred: type, supported: MediaType.tensors)
            case .registerModel: _ = try MediaType.ofBody(head.headers, supported: MediaType.models)
            case .registerAdapter: _ = try MediaType.ofBody(head.headers, supported: MediaType.adapters)
            case .changeModel, .setLabel: _ = try MediaType.ofBody(head.headers, supported: [.json])
            // Clients of other servers send what they like.
            default: break
            }
            return nil
        } catch { return APIError(error) }
    }

    private func perform(
        _ operation: Operation, _ parameters: PathParameters, _ request: HTTPRequest,
        _ responder: consuming HTTPResponder
    ) {
        switch operation {
        case .describe: answer(responder, Description.response(version: configuration.version))
        case .openAPI: answer(responder, OpenAPIDocument.response(version: configuration.version))
        case .live: answer(responder, HealthEndpoint.live)
        case .ready: answer(responder, HealthEndpoint.ready(readiness))
        case .metrics: manage(responder) { service in service.metricsResponse() }
        case .listModels: manage(responder) { service in ModelEndpoint.list(service.models) }
        case .readModel:
            manage(responder) { service throws(APIError) in try ModelEndpoint.read(parameters, in: service.models) }
        case .changeModel:
            change(responder) { service throws(APIError) in
                try ModelEndpoint.change(parameters, request.body, in: service.models)
            }
        case .readVersion:
            manage(responder) { service throws(APIError) in
                try ModelEndpoint.readVersion(parameters, in: service.models)
            }
        case .removeModel:
            change(responder) { service throws(APIError) in try ModelEndpoint.remove(parameters, in: service.models) }
        case .removeVersion:
            change(responder) { service throws(APIError) in
                try ModelEndpoint.removeVersion(parameters, in: service.models)
            }
        case .listLabels:
            manage(responder) { service throws(APIError) in try LabelEndpoint.list(parameters, in: service.models) }
        case .setLabel:
            change(responder) { service throws(APIError) in
                try LabelEndpoint.set(parameters, request.body, in: service.models)
            }
        case .removeLabel:
            change(responder) { service throws(APIError) in try LabelEndpoint.remove(parameters, in: service.models) }
        case .listAdapters:
            manage(responder) { service throws(APIError) in try AdapterEndpoint.list(parameters, in: service.models) }
        case .readAdapter:
            manage(responder) { service throws(APIError) in try AdapterEndpoint.read(parameters, in: service.models) }
        case .registerAdapter: registerAdapter(parameters, request, responder)
        case .removeAdapter:
            change(responder) { service throws(APIError) in
                try AdapterEndpoint.remove(parameters, in: service.models)
            }
        case .registerModel: register(parameters, request, responder)
        case .downloadVersion:
            download(parameters, request, responder)
        case .dense: dense(request, responder)
        case .ping: answer(responder, HealthEndpoint.ready(readiness))
        case .invocations: invoke(request, responder)
        default: performV2(operation, parameters, request, responder)
        }
    }

    private func download(
        _ parameters: PathParameters, _ request: HTTPRequest, _ responder: consuming HTTPResponder
    ) {
        do throws(APIError) {
            let file = try ModelFile(parameters, request.target, in: models)
            work(request, responder, bytes: file.byteCount) { _ throws(APIError) in try file.response() }
        } catch {
            answer(responder, error.response)
        }
    }

    // MARK: Answering

    /// Answers from the management queue.
    func manage(
        _ responder: consuming HTTPResponder, errors form: ErrorForm = .own,
        _ body: @escaping @Sendable (Service) throws(APIError) -> HTTPResponse
    ) {
        respond(responder, on: management, form, body)
    }

    /// Answers from the queue of what waits for a disk, so that whoever only looks does not wait with it.
    func change(
        _ responder: consuming HTTPResponder, errors form: ErrorForm = .own,
        _ body: @escaping @Sendable (Service) throws(APIError) -> HTTPResponse
    ) {
        respond(responder, on: registrations, form, body)
    }

    private func respond(
        _ responder: consuming HTTPResponder, on queue: DispatchQueue, _ form: ErrorForm,
        _ body: @escaping @Sendable (Service) throws(APIError) -> HTTPResponse
    ) {
        let pending = PendingAnswer(responder)
        queue.async { [self] in answer(pending, response(form) { () throws(APIError) in try body(self) }) }
    }

    /// Answers from a worker, or refuses at once when there is no room for `bytes` in the queue. What its client has left,
    /// or whose deadline has passed, is dropped unstarted.
    func work(
        _ request: HTTPRequest, _ responder: consuming HTTPResponder, bytes: Int, errors form: ErrorForm = .own,
        _ body: @escaping @Sendable (Service) throws(APIError) -> HTTPResponse
    ) {
        let pending = PendingAnswer(responder)
        let timing: Timing
        do throws(APIError) {
            timing = try Timing(request, limit: configuration.requestTimeout)
        } catch { return answer(pending, form.response(to: error)) }
        do throws(EngineError) {
            try workers.async(timing.options(for: pending, bytes: bytes)) { [self] reason in
                if let reason {
                    metrics.batches.count(reason)
                    return answer(pending, form.response(to: timing.error(reason)))
                }
                answer(pending, response(form) { () throws(APIError) in try body(self) })
            }
        } catch { answer(pending, form.response(to: APIError(error))) }
    }

    /// Runs `body` while the worker queue counts `bytes` more.
    ///
    /// - Throws: for more than a request may ever take (422), or than there is room for now (503).
    func holding<Result>(
        bytes: Int, _ body: () throws(APIError) -> Result
    ) throws(APIError) -> Result {
        try requireBounded(bytes: bytes)
        try api { () throws(EngineError) in try workers.hold(bytes: bytes) }
        defer { workers.release(bytes: bytes) }
        return try body()
    }

    /// - Throws: for more memory than a request may ever take (422).
    func requireBounded(bytes: Int) throws(APIError) {
        let limit = configuration.maximumRequestBytes
        guard bytes <= limit else { throw APIError(ServiceError.tooLargeToCompute(needed: bytes, limit: limit)) }
    }

    /// The only place where the failure of what is no inference becomes an answer.
    func response(_ form: ErrorForm, _ body: () throws(APIError) -> HTTPResponse) -> HTTPResponse {
        do throws(APIError) { return try body() } catch {
            log(error)
            return form.response(to: error)
        }
    }

    /// Logs what is the server's own fault.
    func log(_ error: APIError) {
        if error.status == 500 { logger.error("A request failed: \(error.message)") }
    }

    func answer(_ responder: consuming HTTPResponder, _ response: consuming HTTPResponse) {
        metrics.requestFinished()
        responder.respond(response)
    }

    func answer(_ pending: PendingAnswer, _ response: consuming HTTPResponse) {
        metrics.requestFinished()
        pending.respond(response)
    }

    /// A size times a factor, bounded instead of overflowing.
    static func bytes(_ count: Int, times factor: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    // MARK: Metrics

    /// Tells the service where the HTTP server's own counters are.
    ///
    /// - Parameter counters: must hold the server weakly, because the server holds the service; `nil` once it is gone.
    package func setServerCounters(_ counters: @escaping @Sendable () -> ServerCounters?) {
        serverCounters.withLock { $0 = counters }
    }

    package func exchangeFinished(_ record: ExchangeRecord) {
        var operation: Operation?
        if let head = record.head,
            case .operation(let routed, _) = Router.route(head.method, head.target, configuration.aliases)
        {
            operation = routed
        }
        var isCall = false
        if operation == nil, let head = record.head { isCall = metrics.grpc.count(record, head) }
        metrics.count(operation, isCall: isCall, record)
    }

    /// Whether no large body, answer or computation is there.
    var isQuiet: Bool {
        workers.depth.bytes == 0 && serverCounters.withLock { $0 }?()?.bufferBytes ?? 0 == 0
    }

    private func metricsResponse() -> HTTPResponse {
        let counters = serverCounters.withLock { $0 }?()
        return MetricsEndpoint.response(
            metrics, models: models, workers: workers, server: counters, version: configuration.version)
    }
}
