internal import HTTPServer

/// When a request came and until when it is worth beginning.
struct Timing: Sendable {
    let received: Instant
    private let deadline: Instant
    private let milliseconds: Int

    /// - Parameter limit: the server's own limit in milliseconds; `X-Request-Timeout-Ms` can only shorten it.
    /// - Throws: for a header that is no positive integer.
    init(_ headers: HTTPHeaders, limit: Int) throws(APIError) {
        var milliseconds = limit
        if let text = headers["X-Request-Timeout-Ms"] {
            guard let wanted = Int(text), wanted > 0 else {
                throw APIError(
                    ServiceError.invalidHeader(
                        name: "X-Request-Timeout-Ms", expected: "a positive integer", received: text))
            }
            milliseconds = min(wanted, limit)
        }
        received = .now
        deadline = received.advanced(milliseconds: milliseconds)
        self.milliseconds = milliseconds
    }

    /// - Throws: when the deadline has passed, or the client has gone: there is nobody to compute for.
    func requireWanted(clientHasGone: Bool = false) throws(APIError) {
        if clientHasGone { throw APIError(ServiceError.clientGone) }
        guard Instant.now < deadline else { throw APIError(ServiceError.deadlinePassed(milliseconds: milliseconds)) }
    }

    func requireWanted(_ pending: PendingAnswer) throws(APIError) {
        try requireWanted(clientHasGone: pending.clientHasGone)
    }
}
