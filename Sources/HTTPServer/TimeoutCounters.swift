/// How often clients took too long.
package enum ClientTimeout: String, CaseIterable, Sendable {
    /// To send the rest of a head.
    case head
    /// To send a good part of a body.
    case body
    /// To take a good part of an answer.
    case answer
    /// To send another request.
    case idle
}

/// Counts what clients took too long for, on all loops together.
final class TimeoutCounters: Sendable {
    private let counters = ClientTimeout.allCases.map { _ in Counter() }

    subscript(_ timeout: ClientTimeout) -> Counter {
        switch timeout {
        case .head: counters[0]
        case .body: counters[1]
        case .answer: counters[2]
        case .idle: counters[3]
        }
    }

    var values: [ClientTimeout: Int] {
        Dictionary(uniqueKeysWithValues: ClientTimeout.allCases.map { ($0, self[$0].value) })
    }
}
