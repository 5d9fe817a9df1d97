/// Counts the requests that were not let in.
package struct AccessMetrics: Sendable {
    /// Why one was not.
    package enum Reason: Int, CaseIterable, Sendable {
        case noCredentials, unknownCertificate, unknownToken, tooManyFailures, severalTokens, forbidden,
            openRegistration

        /// The label, in snake case.
        var label: String {
            switch self {
            case .noCredentials: "no_credentials"
            case .unknownCertificate: "unknown_certificate"
            case .unknownToken: "unknown_token"
            case .tooManyFailures: "too_many_failures"
            case .severalTokens: "several_tokens"
            case .forbidden: "forbidden"
            case .openRegistration: "open_registration"
            }
        }
    }

    private let counters = ShardedCounters(count: Reason.allCases.count)

    package init() {}

    func count(_ reason: Reason) { counters.add(1, at: reason.rawValue) }

    /// How many requests were refused for a reason.
    package func refused(_ reason: Reason) -> Int { counters.sum(at: reason.rawValue) }

    /// The families of what is counted here.
    func write(to text: inout PrometheusText) {
        text.family("dense_access_refused_total", .counter, "Requests that were not let in, by reason.")
        for reason in Reason.allCases {
            text.sample("dense_access_refused_total", [("reason", reason.label)], String(refused(reason)))
        }
    }
}
