/// What answers requests. One handler serves all loops and connections.
package protocol HTTPHandler: Sendable {
    /// Answers a request whose head and body are complete.
    ///
    /// Called on the event loop's thread, so it must not block: answer at once, or keep `responder` and answer from any
    /// thread, exactly once.
    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder)

    /// Looks at a request's head, once and before its body is read, and lets it go on or refuses it.
    ///
    /// Keeps bodies nobody wants from being received, and answers `Expect: 100-continue`. Called on the event loop's
    /// thread.
    func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission

    /// What is known of a body when its first bytes are there, or not even these, so that it can be used where it lies. Asked
    /// for large ones only, on the event loop's thread.
    func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline

    /// The response for an error the server itself found. The connection closes after most of them.
    ///
    /// - Parameter head: that of the request, if it could be read.
    func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse
}

extension HTTPHandler {
    package func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission { .welcome }

    package func outline(of head: HTTPRequestHead, beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        HTTPBodyOutline()
    }

    package func errorResponse(_ error: HTTPError, to head: HTTPRequestHead?) -> HTTPResponse {
        HTTPResponse(
            error.status,
            headers: [("Content-Type", "text/plain; charset=utf-8")]
                + (error.status.code == 503 ? [("Retry-After", "1")] : []),
            body: Array("\(error)\n".utf8))
    }
}
