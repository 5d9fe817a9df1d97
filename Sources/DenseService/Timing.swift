internal import DenseEngine
internal import GRPCWire
internal import HTTPServer

/// When a request came, how urgent it is, and until when it is worth beginning.
struct Timing: Sendable {
    let received: Instant
    /// What `X-Request-Priority` says, if it is there.
    let priority: Int?
    private let deadline: Instant
    private let milliseconds: Int

    /// - Parameter limit: the server's own limit in milliseconds; `X-Request-Timeout-Ms` can only shorten it.
    /// - Throws: for a header that is no positive integer, or no priority.
    init(_ request: HTTPRequest, limit: Int) throws(APIError) {
        let headers = request.headers
        var milliseconds = limit
        if let text = headers["X-Request-Timeout-Ms"] {
            guard let wanted = Int(text), wanted > 0 else {
                throw APIError(
                    ServiceError.invalidHeader(
                        name: "X-Request-Timeout-Ms", expected: "a positive integer", received: text))
            }
            milliseconds = min(wanted, limit)
        }
        priority = try headers["X-Request-Priority"].map { text throws(APIError) in
            guard let priority = Int(text), WorkOptions.priorities.contains(priority) else {
                throw APIError(
                    ServiceError.invalidHeader(
                        name: "X-Request-Priority", expected: "an integer from 0 to 9", received: text))
            }
            return priority
        }
        received = Instant(nanoseconds: Int(clamping: request.arrival))
        deadline = received.advanced(milliseconds: milliseconds)
        self.milliseconds = milliseconds
    }

    /// - Throws: when more time than the request itself allows has passed since it came.
    func requireWithin(microseconds: Int) throws(APIError) {
        guard Instant.now >= received.advanced(microseconds: microseconds) else { return }
        throw APIError(ServiceError.deadlinePassed(milliseconds: microseconds / 1000))
    }

    /// When something came, and what a protocol of its own says of the time it has.
    init(arrival: Int, timeout: GRPCTimeout?, limit: Int) {
        received = Instant(nanoseconds: arrival)
        priority = nil
        let (most, overflow) = limit.multipliedReportingOverflow(by: 1_000_000)
        let nanoseconds = min(timeout?.nanoseconds ?? .max, overflow ? .max : most)
        let (end, isLate) = arrival.addingReportingOverflow(nanoseconds)
        deadline = Instant(nanoseconds: isLate ? .max : end)
        milliseconds = nanoseconds / 1_000_000
    }

    /// Now, in nanoseconds of the clock that arrivals are told in.
    static var now: Int { Instant.now.nanoseconds }

    /// - Throws: when it is too late to begin.
    func requireInTime() throws(APIError) {
        guard Instant.now >= deadline else { return }
        throw APIError(ServiceError.deadlinePassed(milliseconds: milliseconds))
    }

    /// What the worker queue is told.
    ///
    /// - Parameter hint: the priority where the header does not say.
    func options(for pending: PendingAnswer, bytes: Int, priority hint: Int? = nil) -> WorkOptions {
        WorkOptions(
            priority: priority ?? hint ?? WorkOptions.defaultPriority, bytes: bytes, deadline: deadline,
            isCancelled: { pending.clientHasGone })
    }

    /// What a request is told that was dropped from the queue.
    func error(_ reason: DropReason) -> APIError {
        switch reason {
        case .deadlinePassed: APIError(ServiceError.deadlinePassed(milliseconds: milliseconds))
        case .cancelled: APIError(ServiceError.clientGone)
        }
    }
}
