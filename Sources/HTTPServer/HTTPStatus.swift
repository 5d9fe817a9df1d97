/// A response's status: its code and the reason phrase of the status line.
package struct HTTPStatus: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The three-digit code.
    package let code: Int
    /// The words after the code; for people only.
    package let reason: String

    /// A status with a reason phrase of its own.
    package init(code: Int, reason: String) {
        self.code = code
        self.reason = reason
    }

    /// The status of this code with its registered reason phrase (RFC 9110, section 15; 507 is RFC 4918's).
    package init(_ code: Int) {
        self.init(code: code, reason: Self.registered[code] ?? "Unknown")
    }

    package init(integerLiteral value: Int) {
        self.init(value)
    }

    /// Whether a response with this status never has a body (RFC 9112, section 6.3).
    var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }

    package static let ok: HTTPStatus = 200
    package static let created: HTTPStatus = 201
    package static let noContent: HTTPStatus = 204
    package static let badRequest: HTTPStatus = 400
    package static let notFound: HTTPStatus = 404
    package static let methodNotAllowed: HTTPStatus = 405
    package static let internalServerError: HTTPStatus = 500
    package static let serviceUnavailable: HTTPStatus = 503

    private static let registered: [Int: String] = [
        100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        499: "Client Closed Request", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        507: "Insufficient Storage",
    ]
}
