/// What answers requests. One handler serves all loops and connections.
package protocol HTTPHandler: Sendable {
    /// Answers a request whose head and body are complete.
    ///
    /// Called on the event loop's thread, so it must not block: answer at once, or keep `responder` and answer from any
    /// thread, exactly once.
    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder)

    /// Looks at a head before its body is read: nil to go on, or a response that refuses the request.
    ///
    /// Keeps bodies nobody wants from being received, and answers `Expect: 100-continue`. Called on the event loop's
    /// thread, only for requests that announce a body.
    func refuse(_ head: HTTPRequestHead) -> HTTPResponse?

    /// The response for an error the server itself found. The connection closes after most of them.
    func errorResponse(_ error: HTTPError) -> HTTPResponse
}

extension HTTPHandler {
    package func refuse(_ head: HTTPRequestHead) -> HTTPResponse? { nil }

    package func errorResponse(_ error: HTTPError) -> HTTPResponse {
        HTTPResponse(
            error.status,
            headers: [("Content-Type", "text/plain; charset=utf-8")]
                + (error.status.code == 503 ? [("Retry-After", "1")] : []),
            body: Array("\(error)\n".utf8))
    }
}
