/// Decides what counts: nothing of the warm-up, and nothing twice.
package struct LoadAccount: Sendable {
    /// What is counted so far.
    package private(set) var tally = LoadTally()
    /// No more requests are sent; answers that are still due come in.
    package var isClosing = false

    private let start: Int
    private let isOpenLoop: Bool
    private let requestSize: Int
    private let check: AnswerCheck?
    /// The body of an answer that was compared and found right: one with the same bytes is right, too.
    private var rightBody: [UInt8] = []

    /// - Parameter start: when counting begins, by the clock.
    package init(start: Int, isOpenLoop: Bool, request: LoadRequest) {
        self.start = start
        self.isOpenLoop = isOpenLoop
        requestSize = request.bytes.count
        check = request.check
    }

    /// A request was answered. Throughput is of the answers that came while it was counted; the latency of an open loop
    /// is of the requests that were due then, however late their answers.
    package mutating func answer(to request: RequestTimes, status: Int, at now: Int) {
        guard (200..<300).contains(status) else {
            if now >= start { tally.statuses[status, default: 0] += 1 }
            return
        }
        let isInTime = now >= start && !isClosing
        if isInTime {
            tally.answers += 1
            tally.bytesSent += requestSize
        }
        guard isOpenLoop ? request.due >= start : isInTime else { return }
        tally.latency.record(now - request.due)
        tally.service.record(now - request.sent)
    }

    /// A request of an open loop could not be sent before the end. It has waited until now at least.
    package mutating func unsent(due: Int, at now: Int) {
        guard due >= start else { return }
        tally.unsent += 1
        tally.latency.record(now - due)
    }

    /// An answer came that belongs to no request.
    package mutating func unasked(status: Int, at now: Int) {
        if now >= start { tally.statuses[status, default: 0] += 1 }
    }

    /// Bytes came in.
    package mutating func received(_ bytes: Int, at now: Int) {
        if now >= start, !isClosing { tally.bytesReceived += bytes }
    }

    /// A connection could not be made.
    package mutating func refused(at now: Int) {
        if now >= start { tally.connectFailures += 1 }
    }

    /// A connection broke with requests in flight.
    package mutating func lost(_ requests: Int, at now: Int) {
        if now >= start { tally.readFailures += requests }
    }

    /// Requests were waited for in vain.
    package mutating func timedOut(_ requests: Int, at now: Int) {
        if now >= start { tally.timeouts += requests }
    }

    /// Compares an answer's body with the right one.
    package mutating func compare(_ body: [UInt8]) {
        guard let check else { return }
        tally.checked += 1
        guard body != rightBody else { return }
        if let fault = check.fault(of: body) {
            tally.wrong += 1
            tally.firstWrong = tally.firstWrong ?? fault
        } else {
            rightBody = body
        }
    }

    /// The load cannot go on. The first reason is kept.
    package mutating func fail(_ error: LoadError) { tally.failure = tally.failure ?? error }

    /// Counting ends.
    package mutating func end(at time: Int) { tally.end = time }
}
