/// A response's status: its code, and the reason phrase of the status line.
package struct HTTPStatus: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The three-digit code.
    package let code: Int

    /// The status of this code.
    package init(_ code: Int) {
        self.code = code
    }

    package init(integerLiteral value: Int) {
        self.init(value)
    }

    /// Whether a response with this status never has a body (RFC 9112, section 6.3).
    var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }

    package static var ok: HTTPStatus { 200 }
    package static var created: HTTPStatus { 201 }
    package static var accepted: HTTPStatus { 202 }
    package static var noContent: HTTPStatus { 204 }
    package static var badRequest: HTTPStatus { 400 }
    package static var notFound: HTTPStatus { 404 }
    package static var methodNotAllowed: HTTPStatus { 405 }
    package static var internalServerError: HTTPStatus { 500 }
    package static var serviceUnavailable: HTTPStatus { 503 }

    /// The words after the code, for people only: the registered phrase (RFC 9110, section 15; 507 is RFC 4918's).
    package var reason: StaticString {
        switch code {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 499: "Client Closed Request"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: "Unknown"
        }
    }
}
