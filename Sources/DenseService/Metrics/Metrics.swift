internal import HTTPServer

/// What the service counts. Adding is a few relaxed atomic additions to the calling thread's own copy; `GET /metrics` adds
/// the copies up.
package final class Metrics: Sendable {
    /// The parts of a computing request's time.
    enum Phase: Int, CaseIterable {
        case decode, queue, compute, encode
    }

    /// The statuses the service answers with, each a counter for every operation; any other counts as 0, `other`.
    static let statuses = [
        0, 200, 201, 204, 400, 401, 403, 404, 405, 406, 408, 409, 411, 413, 414, 415, 417, 422, 429, 431, 499, 500, 501,
        503,
        504, 505, 507,
    ]

    /// Counters after those of requests and histograms.
    private enum Total: Int, CaseIterable {
        case bytesReceived, bytesSent, started, finished, http10, http11, http2, adapted

        init(_ version: HTTPVersion) {
            switch version {
            case .http10: self = .http10
            case .http11: self = .http11
            case .http2: self = .http2
            }
        }
    }

    private static let slots: [UInt8] = {
        var slots = [UInt8](repeating: 0, count: 600)
        for (slot, status) in statuses.enumerated() { slots[status] = UInt8(slot) }
        return slots
    }()

    /// What requests are counted by.
    private enum Counted {
        case operation(Operation)
        case grpcCall
        case other

        static let all = Operation.allCases.map(Counted.operation) + [.grpcCall, .other]

        var index: Int {
            switch self {
            case .operation(let operation): operation.rawValue
            case .grpcCall: Operation.allCases.count
            case .other: Operation.allCases.count + 1
            }
        }

        /// Bounded whatever clients send: templates, never paths.
        var labels: [(String, String)] {
            let (api, method, endpoint) =
                switch self {
                case .operation(let operation): (operation.api, operation.method.rawValue, operation.path.rawValue)
                case .grpcCall: ("grpc", HTTPMethod.post.rawValue, "grpc")
                case .other: ("other", "other", "other")
                }
            return [("api", api), ("method", method), ("endpoint", endpoint)]
        }
    }

    private static let operationCount = Counted.all.count
    private static let phaseStart = operationCount * statuses.count
    private static let durationStart = phaseStart + Phase.allCases.count * Histogram.width
    private static let totalStart = durationStart + operationCount * Histogram.width

    private let counters = ShardedCounters(count: totalStart + Total.allCases.count)

    /// What is counted of batches and of the queue.
    package let batches = BatchMetrics()

    /// What is counted of requests that were not let in.
    package let access = AccessMetrics()

    /// What is counted of calls by gRPC.
    package let grpc = GRPCMetrics()

    // MARK: Counting

    /// Counts a finished exchange of HTTP: a call by gRPC, an operation, or neither.
    func count(_ operation: Operation?, isCall: Bool, _ record: ExchangeRecord) {
        let index = (operation.map(Counted.operation) ?? (isCall ? .grpcCall : .other)).index
        let slot = record.status >= 0 && record.status < Self.slots.count ? Int(Self.slots[record.status]) : 0
        let row = counters.row
        row.add(1, at: index * Self.statuses.count + slot)
        duration(of: index).record(nanoseconds: record.durationNanoseconds, in: row)
        row.add(record.bytesReceived, at: Self.totalStart + Total.bytesReceived.rawValue)
        row.add(record.bytesSent, at: Self.totalStart + Total.bytesSent.rawValue)
        if let version = record.head?.version { row.add(1, at: Self.totalStart + Total(version).rawValue) }
    }

    func record(_ phase: Phase, nanoseconds: Int) {
        histogram(of: phase).record(nanoseconds: nanoseconds)
    }

    /// A request was handed to the service.
    func requestStarted() { counters.add(1, at: Self.totalStart + Total.started.rawValue) }

    /// The service has answered it.
    func requestFinished() { counters.add(1, at: Self.totalStart + Total.finished.rawValue) }

    /// A request was computed with an adapter.
    func countAdapted() { counters.add(1, at: Self.totalStart + Total.adapted.rawValue) }

    // MARK: Reading

    /// How many requests are being answered.
    package var inFlight: Int { max(total(.started) - total(.finished), 0) }

    /// How many exchanges of an operation ended with a status. `nil` stands for requests that were no operation.
    package func requests(_ operation: Operation?, status: Int) -> Int {
        requests(operation.map(Counted.operation) ?? .other, status: status)
    }

    private func requests(_ counted: Counted, status: Int) -> Int {
        counters.sum(at: counted.index * Self.statuses.count + Int(Self.slots[min(max(status, 0), 599)]))
    }

    /// The families of what is counted here.
    func write(to text: inout PrometheusText) {
        text.family("dense_http_requests_total", .counter, "Requests answered, by API, endpoint and status.")
        for counted in Counted.all {
            for status in Self.statuses {
                let count = requests(counted, status: status)
                guard count > 0 else { continue }
                let code = status == 0 ? "other" : String(status)
                text.sample("dense_http_requests_total", counted.labels + [("status", code)], String(count))
            }
        }
        text.family("dense_http_protocol_requests_total", .counter, "Requests answered, by the protocol's version.")
        for version in HTTPVersion.allCases {
            text.sample(
                "dense_http_protocol_requests_total", [("protocol", version.rawValue)], String(total(Total(version))))
        }
        text.family(
            "dense_http_request_duration_seconds", .histogram,
            "Time from a request's first byte to its answer's last, by API and endpoint.")
        for counted in Counted.all {
            duration(of: counted.index)
                .write("dense_http_request_duration_seconds", labels: counted.labels, to: &text)
        }
        text.family(
            "dense_phase_duration_seconds", .histogram,
            "Time of a computed request spent decoding, waiting for a worker, computing and encoding.")
        for phase in Phase.allCases {
            histogram(of: phase).write(
                "dense_phase_duration_seconds", labels: [("phase", "\(phase)")], to: &text)
        }
        text.single(
            "dense_http_request_bytes_total", .counter, String(total(.bytesReceived)), "Bytes of requests received.")
        text.single(
            "dense_http_response_bytes_total", .counter, String(total(.bytesSent)), "Bytes of responses sent.")
        text.single("dense_http_requests_in_flight", .gauge, String(inFlight), "Requests being answered.")
        text.single(
            "dense_adapter_requests_total", .counter, String(total(.adapted)), "Requests computed with an adapter.")
        batches.write(to: &text)
        access.write(to: &text)
        grpc.write(to: &text)
    }

    private func total(_ total: Total) -> Int { counters.sum(at: Self.totalStart + total.rawValue) }

    private func duration(of operation: Int) -> Histogram {
        Histogram(counters, first: Self.durationStart + operation * Histogram.width)
    }

    private func histogram(of phase: Phase) -> Histogram {
        Histogram(counters, first: Self.phaseStart + phase.rawValue * Histogram.width)
    }
}
