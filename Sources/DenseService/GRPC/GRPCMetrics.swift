internal import GRPCWire
internal import HTTPServer

/// Counts finished calls, by method and status.
package struct GRPCMetrics: Sendable {
    private static let codes = GRPCCode.allCases.count
    /// Methods, and one more for calls of none.
    private static let methods = GRPCMethod.allCases.count + 1
    private static let indices = Dictionary(
        uniqueKeysWithValues: GRPCMethod.allCases.enumerated().map { ($1, $0) })

    private let counters = ShardedCounters(count: methods * codes)

    package init() {}

    /// Counts an exchange, if it was a call. One that got no status was given up by its client.
    ///
    /// - Returns: whether it was one.
    func count(_ record: ExchangeRecord, _ head: HTTPRequestHead) -> Bool {
        guard head.version == .http2 else { return false }
        let method = GRPCMethod(head.target)
        if let code = record.innerStatus.flatMap(GRPCCode.init) {
            counters.add(1, at: Self.index(method, code))
        } else if method != nil, record.status == 499 {
            counters.add(1, at: Self.index(method, .cancelled))
        } else {
            return false
        }
        return true
    }

    /// How many calls of a method ended so; nil stands for unknown methods.
    package func calls(_ method: GRPCMethod?, code: Int) -> Int {
        GRPCCode(rawValue: code).map { counters.sum(at: Self.index(method, $0)) } ?? 0
    }

    private static func index(_ method: GRPCMethod?, _ code: GRPCCode) -> Int {
        (method.flatMap { indices[$0] } ?? methods - 1) * codes + code.rawValue
    }

    /// The families of what is counted here.
    func write(to text: inout PrometheusText) {
        text.family("dense_grpc_calls_total", .counter, "Calls by gRPC, by method and status.")
        for method in GRPCMethod.allCases + [nil] as [GRPCMethod?] {
            for code in GRPCCode.allCases {
                let count = counters.sum(at: Self.index(method, code))
                guard count > 0 else { continue }
                let name = method.map { String($0.rawValue.dropFirst()) } ?? "other"
                text.sample("dense_grpc_calls_total", [("method", name), ("code", code.name)], String(count))
            }
        }
    }
}
