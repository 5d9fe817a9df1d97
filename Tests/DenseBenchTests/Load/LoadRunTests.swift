import DenseEngine
import DenseService
import HTTPServer
import Locks
import Logging
import ModelStore
import TensorCoding
import Testing
import dense_bench

/// Loads against servers of the tests' own process. Slow and busy machines make them slower, never wrong: they are
/// bounded by counts.
@Suite("A load")
struct LoadRunTests {
    @Test("every answer of the server is right, in every format, and all are counted", arguments: TensorFormat.allCases)
    func closedLoop(_ format: TensorFormat) throws {
        let server = try DenseServer()
        var session = LoadSession(address: server.address)
        session.shapes = [.a, .b]
        session.format = format
        session.plan = { _ in plan(requests: 200, connections: 4, threads: 2) }
        var results: [LoadResult] = []
        try session.run { results.append($0) }
        #expect(results.map(\.name) == ["A \(format.rawValue)", "B \(format.rawValue)"])
        for result in results {
            let tally = result.tally
            // Answers that arrive together with the last one are counted, too.
            #expect((200...240).contains(tally.answers) && tally.errors == 0, "\(tally.errorText)")
            #expect(tally.latency.count == tally.answers && tally.latency.percentile(50) > 0)
            #expect(tally.checked >= 4 && tally.bytesReceived > 0 && tally.bytesSent > 0)
            #expect(result.processes.count == 1 && result.after.residentBytes > 0)
        }
    }

    @Test("several requests are in flight on a connection")
    func pipeline() throws {
        let server = try DenseServer()
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.plan = { _ in
            var plan = plan(requests: 300, connections: 2)
            plan.pipeline = 8
            return plan
        }
        try session.run { #expect($0.tally.answers >= 300 && $0.tally.errors == 0, "\($0.tally.errorText)") }
    }

    @Test("a crowd stands around while a load is measured, and leaves")
    func crowd() throws {
        let server = try DenseServer()
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.crowd.idle = 3
        session.crowd.idleHTTP2 = 4
        session.crowd.slow = 5
        session.plan = { _ in plan(requests: 10, connections: 1) }
        try session.run { result in
            #expect(result.tally.answers >= 10 && result.tally.errors == 0, "\(result.tally.errorText)")
            // Those of the load itself may be gone already.
            #expect(server.openConnections >= 12)
        }
    }

    @Test("an open loop sends what is due")
    func openLoop() throws {
        let server = try DenseServer()
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.plan = { _ in
            var plan = plan(requests: 200, connections: 3)
            plan.rate = 2000
            return plan
        }
        try session.run { result in
            #expect(result.tally.answers >= 200 && result.tally.errors == result.tally.unsent)
            #expect(result.tally.latency.percentile(50) >= result.tally.service.percentile(50))
        }
    }

    @Test("a server that is not there is told so")
    func refused() throws {
        let address = try LoadAddress(url: "http://127.0.0.1:1")
        #expect {
            try LoadSession(address: address).run { _ in }
        } throws: {
            "\($0)" == "The server at http://127.0.0.1:1 does not answer: Connection refused."
        }
    }

    @Test("a server that refuses the model is told with its own words")
    func notFound() throws {
        let server = try PlainServer { _ in HTTPResponse(.notFound, body: Array("no such thing".utf8)) }
        #expect {
            try LoadSession(address: server.address).run { _ in }
        } throws: {
            "\($0)".hasSuffix("to PUT /models/load-a, received 404: no such thing")
        }
    }

    @Test("a wrong first answer ends it")
    func wrongFirst() throws {
        let server = try PlainServer { _ in HTTPResponse(.ok, body: Array(#"{"output":[[[1,2,3,4]]]}"#.utf8)) }
        #expect {
            try LoadSession(address: server.address).run { _ in }
        } throws: { error in
            guard case LoadError.wrongAnswer("POST /dense", .element) = error else { return false }
            return true
        }
    }

    @Test("answers that turn wrong, and other statuses, are counted")
    func errors() throws {
        let right = try LoadModel(.a).answer
        let count = Lock(0)
        let server = try PlainServer { request in
            guard request.target.rawPath == "/dense" else { return HTTPResponse(.created) }
            let number = count.withLock { count in
                count += 1
                return count
            }
            switch number {
            case 1: return HTTPResponse(.ok, body: right)
            case _ where number % 2 == 0: return HTTPResponse(.serviceUnavailable)
            default: return HTTPResponse(.ok, body: Array(#"{"output":[[[1,2,3,4]]]}"#.utf8))
            }
        }
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.plan = { _ in plan(requests: 100, connections: 1) }
        try session.run { result in
            #expect(result.tally.statuses[503] ?? 0 > 20 && result.tally.wrong > 0)
            #expect(result.tally.firstWrong != nil && result.tally.errorText.contains("wrong answers"))
        }
    }

    @Test("a server that closes every connection is connected to again")
    func closing() throws {
        let right = try LoadModel(.a).answer
        let server = try PlainServer { _ in
            var response = HTTPResponse(.ok, body: right)
            response.closesConnection = true
            return response
        }
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.plan = { _ in plan(requests: 50, connections: 2) }
        try session.run { #expect($0.tally.answers >= 50 && $0.tally.errors == 0, "\($0.tally.errorText)") }
    }

    @Test("a server that dies ends the load, with what was counted and why")
    func dying() throws {
        let server = try DenseServer()
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.plan = { _ in
            var plan = plan(requests: 1_000_000_000, connections: 2)
            plan.seconds = 600
            return plan
        }
        var result: LoadResult?
        var isStopped = false
        try session.run(
            progress: { line in
                guard line.contains("requests/s"), !line.contains(" 0.0 requests/s"), !isStopped else { return }
                isStopped = true
                server.stop()
            }, report: { result = $0 })
        let tally = try #require(result?.tally)
        #expect(tally.answers > 0)
        guard case .unreachable? = tally.failure else {
            Issue.record("it did not end for that: \(tally.errorText)")
            return
        }
    }

    @Test("a file of the user's own is sent to a path of theirs")
    func file() throws {
        let server = try PlainServer { request in
            let isRight = request.target.rawPath == "/base/echo" && request.headers["Content-Type"] == "text/plain"
            return HTTPResponse(isRight && request.body.count == 3 ? .ok : .badRequest)
        }
        var session = LoadSession(address: try LoadAddress(url: "\(server.address)/base"))
        session.endpoint = "/echo"
        session.file = LoadSession.File(bytes: [1, 2, 3], mediaType: "text/plain")
        session.plan = { _ in plan(requests: 50, connections: 2) }
        try session.run { #expect($0.name == "/echo" && $0.tally.answers >= 50 && $0.tally.errors == 0) }
    }

    @Test("the report has a row for each load, and its JSON the same figures")
    func report() throws {
        let server = try DenseServer()
        var session = LoadSession(address: server.address)
        session.shapes = [.a]
        session.plan = { _ in plan(requests: 50, connections: 2) }
        var results: [LoadResult] = []
        try session.run { results.append($0) }
        let report = LoadReport(server: "mine", url: "\(server.address)", results: results)
        let lines = report.text.split(separator: "\n")
        #expect(lines.count >= 2 && lines[0].contains("requests/s") && lines[1].hasPrefix("A json "))
        guard case .object(let object) = try ConfigValue(json: report.json), case .array(let rows) = object["results"],
            case .object(let row) = rows.first, case .object(let latency) = row["latency"]
        else {
            Issue.record("no results")
            return
        }
        let tally = try #require(results.first).tally
        #expect(object["server"] == .string("mine") && row["answers"] == .int(tally.answers))
        #expect(latency["count"] == .int(tally.latency.count))
        #expect(latency["p99"] == .double(Double(tally.latency.percentile(99)) / 1e9))
    }

    /// Bounded by a count, and by a time that only a stuck load reaches.
    private func plan(requests: Int, connections: Int, threads: Int = 1) -> LoadPlan {
        var plan = LoadPlan(connections: connections)
        plan.threads = threads
        plan.requests = requests
        plan.warmup = 0
        plan.seconds = 300
        plan.timeout = 60
        return plan
    }
}

/// The whole service on a free port.
private final class DenseServer {
    let address: LoadAddress
    private let server: Server

    init() throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        let models = ModelRegistry(maximumBytes: 1 << 24)
        let workers = WorkerQueue(width: 2, maximumRequests: 64, maximumBytes: 1 << 28)
        let service = Service(
            configuration: ServiceConfiguration(), models: models, workers: workers, logger: Logger(label: "test"))
        server = Server(configuration: configuration, handler: service, observer: service)
        let port = try #require(try server.start().first?.port)
        address = try LoadAddress(url: "http://127.0.0.1:\(port)")
        service.setReady()
    }

    deinit { stop() }

    var openConnections: Int { server.counters.openConnections }

    func stop() {
        server.stop(drainTimeout: 0)
        server.wait()
    }
}

/// A server that answers what it is told to.
private final class PlainServer {
    private struct Handler: HTTPHandler {
        let answer: @Sendable (HTTPRequest) -> HTTPResponse

        func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) { responder.respond(answer(request)) }
    }

    private struct Observer: HTTPExchangeObserver {
        func exchangeFinished(_ record: ExchangeRecord) {}
    }

    let address: LoadAddress
    private let server: Server

    init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        server = Server(configuration: configuration, handler: Handler(answer: answer), observer: Observer())
        let port = try #require(try server.start().first?.port)
        address = try LoadAddress(url: "http://127.0.0.1:\(port)")
    }

    deinit {
        server.stop(drainTimeout: 0)
        server.wait()
    }
}
