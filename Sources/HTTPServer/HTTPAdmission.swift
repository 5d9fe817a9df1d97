/// What a handler makes of a request's head.
package enum HTTPAdmission: Sendable {
    /// The request goes on: its body is read, if there is one, and it is handled. `client` is what logs call whoever sent
    /// it, nil for somebody unknown.
    case admitted(client: String?)
    /// The request goes on, and its body is handed on as it comes. Only HTTP/2 has such requests: over HTTP/1.1, and for HEAD,
    /// it is as `admitted`.
    case streamed(any HTTPStreamHandler, client: String?)
    /// It is answered with this, and what there is of its body is not wanted.
    case refused(HTTPResponse, client: String? = nil)

    /// Anybody may go on.
    package static let welcome = HTTPAdmission.admitted(client: nil)
}
