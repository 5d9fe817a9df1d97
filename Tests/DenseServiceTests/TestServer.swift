import DenseEngine
import DenseService
import Glibc
import HTTPServer
import Locks
import Logging
import ModelStore
import TensorCoding
import Testing

/// A server on a free port with everything behind it, stopped when the last reference to it goes.
final class TestServer: Sendable {
    let service: Service
    let models: ModelRegistry
    let workers: WorkerQueue
    let port: UInt16
    let records: Records
    private let server: Server

    init(
        _ configuration: ServiceConfiguration = ServiceConfiguration(), server settings: ServerConfiguration? = nil,
        maximumModelBytes: Int = 1 << 24, maximumRequests: Int = 64, maximumBytes: Int = 1 << 28, ready: Bool = true,
        gate: AccessGate? = nil, policy: CORSPolicy? = nil, clock: @escaping @Sendable () -> Instant = { .now }
    ) throws {
        var settings = settings ?? Self.patient
        settings.port = 0
        models = ModelRegistry(maximumBytes: maximumModelBytes)
        workers = WorkerQueue(width: 2, maximumRequests: maximumRequests, maximumBytes: maximumBytes, clock: clock)
        service = Service(
            configuration: configuration, models: models, workers: workers, logger: Logger(label: "test"))
        var handler: any HTTPHandler = ContentCodingHandler(service)
        if let gate { handler = AccessHandler(gate, metrics: service.metrics.access, next: handler) }
        if let policy { handler = CORSHandler(policy, next: handler) }
        records = Records(next: service)
        server = Server(configuration: settings, handler: handler, observer: records)
        let addresses = try server.start()
        port = try #require(addresses.first?.port)
        let server = server
        service.setServerCounters { [weak server] in server?.counters }
        if ready { service.setReady() }
    }

    deinit {
        server.stop(drainTimeout: 1000)
        server.wait()
    }

    /// Clients have all the time that a slow and busy machine may need.
    static var patient: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.headTimeout = 3_600_000
        configuration.bodyTimeout = 3_600_000
        configuration.sendTimeout = 3_600_000
        configuration.idleTimeout = 3_600_000
        return configuration
    }

    /// A clock for the workers that stands still, so that nothing depends on how long a request waits.
    static let stillClock: @Sendable () -> Instant = { Instant(nanoseconds: 0) }

    var openConnections: Int { server.counters.openConnections }

    func client() throws -> HTTPClient { try HTTPClient(port: port) }

    /// One request over a connection of its own.
    func request(
        _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil
    ) throws -> HTTPClient.Response {
        try client().request(method, path, headers: headers, body: body.map { Array($0.utf8) })
    }

    /// `POST /dense` in JSON.
    func dense(_ body: String, headers: [String: String] = [:]) throws -> HTTPClient.Response {
        try request("POST", "/dense", headers: headers, body: body)
    }

    /// `PUT /models/{name}`.
    @discardableResult
    func register(_ name: String, _ body: String = TestServer.model) throws -> HTTPClient.Response {
        try request("PUT", "/models/\(name)", body: body)
    }

    /// `Dense(2)` over two features: the input times ten, and the sum.
    static let model = #"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[10,1],[0,1]],"bias":[0,0]}}]}"#
}

/// Keeps what is told of finished exchanges.
final class Records: HTTPExchangeObserver {
    private let all = Lock<[ExchangeRecord]>([])
    private let next: any HTTPExchangeObserver

    init(next: any HTTPExchangeObserver) { self.next = next }

    func exchangeFinished(_ record: ExchangeRecord) {
        all.withLock { $0.append(record) }
        next.exchangeFinished(record)
    }

    /// Waits for so many records, and gives them.
    func wait(for count: Int) -> [ExchangeRecord] {
        _ = eventually { all.withLock { $0.count >= count } }
        return all.withLock { $0 }
    }
}

extension HTTPClient.Response {
    /// The body as JSON.
    var json: ConfigObject {
        get throws {
            guard case .object(let object) = try ConfigValue(json: body) else { return [:] }
            return object
        }
    }

    /// The error's code; empty when there is none.
    var code: String {
        guard case .string(let code)? = try? json["code"] else { return "" }
        return code
    }

    /// The error's pointer; empty when there is none.
    var pointer: String {
        guard case .string(let pointer)? = try? json["pointer"] else { return "" }
        return pointer
    }

    /// The error's sentence; empty when there is none.
    var error: String {
        guard case .string(let error)? = try? json["error"] else { return "" }
        return error
    }
}

/// Waits for a condition that another thread brings about; false when it takes longer than a minute.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<60_000 {
        if condition() { return true }
        usleep(1000)
    }
    return false
}
