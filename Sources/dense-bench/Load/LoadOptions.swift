import ArgumentParser
import FoundationEssentials

extension TensorFormat: ExpressibleByArgument {}
extension AnswerCheck.Strictness: ExpressibleByArgument {}

/// The options of `dense-bench load`.
struct LoadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A, B, C, D, some with commas between them, or all.", valueName: "shapes"))
    var shape = "all"

    @Option(help: "The format of requests and answers: json, octets or npy.")
    var format = TensorFormat.json

    @Option(help: "How many connections; A and D have 64, B 16 and C 4 unless given.")
    var connections: Int?

    @Option(help: "Requests a second that are due (open loop); without it the next is sent when an answer has come.")
    var rate: Double?

    @Option(help: "Requests in flight on a connection.")
    var pipeline = 1

    @Option(help: "Other connections that have had one answer and keep still.")
    var idleConnections = 0

    @Option(help: "The same over HTTP/2.")
    var idleHttp2Connections = 0

    @Option(help: "Other connections that send a head a byte every five seconds.")
    var slowConnections = 0

    @Option(help: "Threads of the generator.")
    var threads = 1

    @Option(help: "Seconds that are counted, for each shape.")
    var seconds = 5.0

    @Option(help: "Seconds before them.")
    var warmup = 1.0

    @Option(help: "Stop counting after so many answers.")
    var requests: Int?

    @Option(help: "Seconds an answer may take.")
    var timeout = 30.0

    @Option(help: "How answers are compared: exact, close (other servers add up in another order) or none.")
    var check = AnswerCheck.Strictness.exact

    @Flag(inversion: .prefixedNo, help: "Register the models first.")
    var register = true

    @Option(help: "The target, instead of /dense.")
    var endpoint: String?

    @Option(help: "A file to send instead of the shapes' requests. Nothing is registered or compared.")
    var body: String?

    @Option(help: "The file's media type.")
    var contentType = "application/json"

    @Option(help: "The server's process; found by its port unless given.")
    var pid: Int?

    func validate() throws {
        try expect("connections", connections ?? 1, 1...20_000)
        try expect("rate", rate ?? 1, 0.01...10_000_000)
        try expect("pipeline", pipeline, 1...1024)
        try expect("threads", threads, 1...64)
        try expect("idle-connections", idleConnections, 0...100_000)
        try expect("idle-http2-connections", idleHttp2Connections, 0...100_000)
        try expect("slow-connections", slowConnections, 0...100_000)
        try expect("seconds", seconds, 0.01...86_400)
        try expect("warmup", warmup, 0...3600)
        try expect("requests", requests ?? 1, 1...1_000_000_000_000)
        try expect("timeout", timeout, 0.01...3600)
        if let connections, connections < threads {
            throw ValidationError("--threads is too large. Expected at most --connections, received \(threads).")
        }
        _ = try shapes()
        if body != nil, endpoint == nil { throw ValidationError("--body needs --endpoint.") }
        if let endpoint, !endpoint.hasPrefix("/") {
            throw ValidationError("--endpoint is no path. Expected /..., received \(endpoint).")
        }
    }

    private func expect<Value: Comparable>(_ name: String, _ value: Value, _ range: ClosedRange<Value>) throws {
        guard !range.contains(value) else { return }
        throw ValidationError(
            "--\(name) is out of range. Expected \(range.lowerBound) to \(range.upperBound), received \(value).")
    }

    private func shapes() throws -> [LoadShape] {
        if shape == "all" { return LoadShape.allCases }
        return try shape.split(separator: ",").map { name in
            guard let shape = LoadShape(rawValue: name.uppercased()) else {
                throw ValidationError("--shape is unknown. Expected A, B, C, D or all, received \(name).")
            }
            return shape
        }
    }

    /// What is to be done with the server at an address.
    func session(_ address: LoadAddress) throws(LoadError) -> LoadSession {
        var session = LoadSession(address: address)
        session.format = format
        session.strictness = check
        session.registers = register
        session.endpoint = endpoint
        session.shapes = (try? shapes()) ?? []
        session.crowd.idle = idleConnections
        session.crowd.idleHTTP2 = idleHttp2Connections
        session.crowd.slow = slowConnections
        if let body {
            guard let data = try? Data(contentsOf: URL(filePath: body)) else {
                throw .unreadable(file: body, reason: "it does not exist, or may not be read")
            }
            session.file = LoadSession.File(bytes: Array(data), mediaType: contentType)
        }
        if let pid { session.process = pid }
        session.plan = { shape in
            var plan = LoadPlan(connections: connections ?? max(shape?.connections ?? 16, threads))
            plan.threads = threads
            plan.pipeline = pipeline
            plan.rate = rate
            plan.warmup = warmup
            plan.seconds = seconds
            plan.requests = requests
            plan.timeout = timeout
            return plan
        }
        return session
    }
}
