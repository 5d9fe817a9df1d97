/// The answer to a request.
///
/// `Content-Length`, `Date`, `Connection` and `X-Request-Id` are the server's: fields of these names are left out, as are
/// bytes that would break a header line. To a HEAD request the body is counted but not sent.
package struct HTTPResponse: Sendable {
    /// The status line's code and reason.
    package var status: HTTPStatus
    /// The header fields, in the order they are sent.
    package var headers: [(name: String, value: String)]
    /// Fields sent behind those.
    package var moreFields: (any HTTPFieldSource)?
    /// The body, sent from where it lies.
    package var body: [UInt8]
    /// Fields sent behind the body over HTTP/2, nil for none. HTTP/1.1 leaves them out: they would need a chunked body, and
    /// RFC 9110, section 6.5.1, lets a sender do without.
    package var trailers: [(name: String, value: String)]?
    /// What a protocol above HTTP calls the outcome, for those who are told of it; not sent.
    package var innerStatus: Int?
    /// Whether it refuses the request for want of room, as 503 does; a protocol above HTTP may have its own way to say so.
    package var turnsAway: Bool
    /// Whether the connection ends after this response.
    package var closesConnection = false

    /// A response from its parts.
    package init(_ status: HTTPStatus, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
        turnsAway = status == .serviceUnavailable
    }
}
