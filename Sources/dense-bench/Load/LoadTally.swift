/// What one thread, or all of them, counted while it counted.
package struct LoadTally: Sendable {
    /// Answers of status 2xx.
    package var answers = 0
    package var bytesReceived = 0
    package var bytesSent = 0
    /// From when a request was due (open loop) or sent (closed loop) to the end of its answer.
    package var latency = LatencyHistogram()
    /// From when a request was sent; the same as `latency` in a closed loop.
    package var service = LatencyHistogram()

    /// Answers of other statuses.
    package var statuses: [Int: Int] = [:]
    package var connectFailures = 0
    /// Connections that broke, by the requests that were lost with them.
    package var readFailures = 0
    package var timeouts = 0
    /// Requests of an open loop that no connection was free for before the end. They are in `latency` with the time they
    /// had waited by then.
    package var unsent = 0
    package var checked = 0
    package var wrong = 0
    package var firstWrong: WrongAnswer?
    /// When counting ended, by the clock.
    package var end = 0
    /// Why the thread gave up; `nil` when it did not.
    package var failure: LoadError?

    package init() {}

    /// Everything that is not a right answer.
    package var errors: Int {
        statuses.values.reduce(0, +) + connectFailures + readFailures + timeouts + unsent + wrong
    }

    /// Adds what another thread counted.
    package mutating func merge(_ other: LoadTally) {
        answers += other.answers
        bytesReceived += other.bytesReceived
        bytesSent += other.bytesSent
        latency.merge(other.latency)
        service.merge(other.service)
        statuses.merge(other.statuses, uniquingKeysWith: +)
        connectFailures += other.connectFailures
        readFailures += other.readFailures
        timeouts += other.timeouts
        unsent += other.unsent
        checked += other.checked
        wrong += other.wrong
        firstWrong = firstWrong ?? other.firstWrong
        end = max(end, other.end)
        failure = failure ?? other.failure
    }

    /// The errors by kind, for people; empty when there were none.
    package var errorText: String {
        var parts = statuses.sorted { $0.key < $1.key }.map { "\($0.value) of status \($0.key)" }
        for (count, kind) in [
            (connectFailures, "connections refused"), (readFailures, "lost with their connection"),
            (timeouts, "timed out"), (unsent, "not sent in time"), (wrong, "wrong answers"),
        ] where count > 0 {
            parts.append("\(count) \(kind)")
        }
        if let firstWrong { parts.append("the first: \(firstWrong)") }
        return parts.joined(separator: ", ")
    }
}
