/// A request's line and header fields, already found to be well-formed.
///
/// A class: a request on its way is handed on and kept by many, and each copy of a structure would count every part of it.
package final class HTTPRequestHead: Sendable {
    /// How the body is delimited (RFC 9112, section 6).
    package enum Framing: Hashable, Sendable {
        /// There is no body.
        case none
        /// `Content-Length`: this many bytes.
        case length(Int)
        /// `Transfer-Encoding: chunked`, or in HTTP/2 a body that ends with its stream.
        case chunked
    }

    /// The request method.
    package let method: HTTPMethod
    /// The version of HTTP it came in.
    package let version: HTTPVersion
    /// The path, the query and what else the target holds.
    package let target: HTTPTarget
    /// The header fields.
    package let headers: HTTPHeaders
    /// How the body is delimited.
    package let framing: Framing
    /// Whether the client asked to be told before it sends the body (`Expect: 100-continue`).
    package let expectsContinue: Bool
    /// Whether the client lets the connection live on after this request (RFC 9112, section 9.3).
    package let keepsAlive: Bool
    /// The TLS session it came over; nil in clear text.
    package let tls: TLSDetails?

    init(
        method: HTTPMethod, version: HTTPVersion, target: HTTPTarget, headers: HTTPHeaders, framing: Framing,
        expectsContinue: Bool, keepsAlive: Bool, tls: TLSDetails?
    ) {
        self.method = method
        self.version = version
        self.target = target
        self.headers = headers
        self.framing = framing
        self.expectsContinue = expectsContinue
        self.keepsAlive = keepsAlive
        self.tls = tls
    }

    /// Whether a body was announced, an empty one with `Content-Length: 0` included.
    package var announcesBody: Bool { framing != .none }

    /// Who the client proved to be by its certificate; nil without one, and in clear text.
    package var clientCertificate: ClientCertificate? { tls?.clientCertificate }
}
