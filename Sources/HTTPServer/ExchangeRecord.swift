/// What is known about one finished exchange, for access logs and metrics.
package struct ExchangeRecord: Sendable {
    /// The request's head; nil when none could be read.
    package let head: HTTPRequestHead?
    /// The status sent, or 499 when the client left before its answer was.
    package let status: Int
    /// The answer's `HTTPResponse.innerStatus`, if all of it was sent.
    package let innerStatus: Int?
    /// Bytes of the request, head and body as they came over the wire.
    package let bytesReceived: Int
    /// Bytes of the response, head and body.
    package let bytesSent: Int
    /// From the arrival of the request's first byte to the end of sending, in nanoseconds.
    package let durationNanoseconds: Int
    /// The client's address as text.
    package let remoteAddress: String
    /// What the handler calls the client, nil for somebody unknown.
    package let client: String?
    /// The exchange's `X-Request-Id`.
    package let id: RequestID

    /// The protocol's version, or `-` when no head could be read.
    package var version: String { head?.version.rawValue ?? "-" }
    /// The method, or `-` when no head could be read.
    package var method: String { head?.method.rawValue ?? "-" }
    /// The path as the client wrote it, or `-` when no head could be read.
    package var path: String { head?.target.rawPath ?? "-" }
}

/// What is told about every finished exchange.
package protocol HTTPExchangeObserver: Sendable {
    /// Called on the event loop's thread after the response was handed to the system: must not block.
    func exchangeFinished(_ record: ExchangeRecord)
}
