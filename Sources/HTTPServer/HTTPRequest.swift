/// One whole request: head and body.
package struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    package let head: HTTPRequestHead
    /// The body, with the transfer coding removed; empty when there is none.
    package let body: HTTPBody
    /// The trailers of an HTTP/2 request; HTTP/1.1's are dropped (RFC 9110, section 6.5.1).
    package let trailers: HTTPHeaders
    /// What `X-Request-Id` the response will carry.
    package let id: RequestID
    /// Where it came from.
    package let peer: HTTPPeer
    /// When it was complete, in nanoseconds of the monotonic clock.
    package let arrival: UInt64
    /// What undoing the content codings of its body took, in nanoseconds.
    package let decodingNanoseconds: Int

    /// A request from its parts. It has arrived now, unless that is said.
    package init(
        head: HTTPRequestHead, body: HTTPBody, trailers: HTTPHeaders = .none, id: RequestID, peer: HTTPPeer,
        arrival: UInt64? = nil, decodingNanoseconds: Int = 0
    ) {
        self.arrival = arrival ?? LoopState.clock()
        self.decodingNanoseconds = decodingNanoseconds
        self.head = head
        self.body = body
        self.trailers = trailers
        self.id = id
        self.peer = peer
    }

    /// The request method.
    package var method: HTTPMethod { head.method }
    /// The path and the query.
    package var target: HTTPTarget { head.target }
    /// The header fields.
    package var headers: HTTPHeaders { head.headers }
}

extension HTTPRequest {
    /// The request these bytes hold, as a client would send it: to call a handler without a server.
    package init(
        parsing bytes: [UInt8], limits: HTTP1RequestParser.Limits = HTTP1RequestParser.Limits(),
        peer: HTTPPeer = HTTPPeer(address: "127.0.0.1:0", isLocal: true), tls: TLSDetails? = nil
    ) throws(HTTPError) {
        var numbers = RequestNumbers()
        var parser = HTTP1RequestParser(limits: limits, tls: tls)
        var head: HTTPRequestHead?
        let body = HTTPBody()
        var rest = bytes.span
        while true {
            let step = parser.next(rest)
            switch step.event {
            case .head(let value): head = value
            case .body(let range):
                guard unsafe rest.extracting(range).withUnsafeBytes({ unsafe body.append($0) }) else {
                    throw .noRoom(limit: limits.maxBodyBytes)
                }
            case .failed(let error): throw error
            case .partial: throw .truncated(expectedBodyBytes: nil, receivedBodyBytes: body.count)
            case .end:
                guard let head else { throw .malformed(.requestLine) }
                self.init(
                    head: head, body: body,
                    id: RequestID(client: head.headers.bytes("x-request-id"), numbers: &numbers),
                    peer: peer)
                return
            }
            rest = rest.extracting(step.consumed..<rest.count)
        }
    }
}
