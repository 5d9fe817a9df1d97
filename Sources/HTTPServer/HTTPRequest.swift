/// One whole request: head and body.
package struct HTTPRequest: Sendable {
    /// The request line and the header fields.
    package let head: HTTPRequestHead
    /// The body, with the transfer coding removed; empty when there is none.
    package let body: HTTPBody
    /// What `X-Request-Id` the response will carry.
    package let id: RequestID
    /// The client's address, as text: `127.0.0.1:50312`, `[::1]:50312`, or `unix`.
    package let remoteAddress: String

    /// A request from its parts.
    package init(head: HTTPRequestHead, body: HTTPBody, id: RequestID, remoteAddress: String) {
        self.head = head
        self.body = body
        self.id = id
        self.remoteAddress = remoteAddress
    }

    /// The request method.
    package var method: HTTPMethod { head.method }
    /// The path and the query.
    package var target: HTTPTarget { head.target }
    /// The header fields.
    package var headers: HTTPHeaders { head.headers }
}
