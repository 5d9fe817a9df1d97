/// What the server itself finds wrong with a request or connection, each with its status.
package enum HTTPError: Error, Hashable, Sendable {
    /// The bytes are no HTTP request as RFC 9112 has it: 400.
    case malformed(MalformedRequest)
    /// HTTP in clear text where TLS is spoken: 400.
    case unexpectedClearText
    /// TLS where HTTP is spoken in clear text: 400.
    case unexpectedTLS
    /// The client ended its side in the middle of a request: 400.
    case truncated(expectedBodyBytes: Int?, receivedBodyBytes: Int)
    /// The head did not arrive in time: 408.
    case headTimeout(milliseconds: Int)
    /// The body did not arrive in time: 408.
    case bodyTimeout(milliseconds: Int)
    /// The body is larger than the limit; `announced` is its `Content-Length`, if that was told: 413.
    case bodyTooLarge(limit: Int, announced: Int?)
    /// The target is longer than the limit: 414.
    case targetTooLong(limit: Int)
    /// An expectation other than `100-continue`: 417.
    case expectationFailed(String)
    /// The head, or the trailers, are larger than the limit: 431.
    case headTooLarge(limit: Int)
    /// There are more header fields than the limit: 431.
    case tooManyFields(limit: Int)
    /// The handler dropped the request without an answer: 500.
    case unanswered
    /// A method that is not known: 501.
    case unknownMethod(String)
    /// A transfer coding other than chunked: 501.
    case unsupportedTransferCoding(String)
    /// There are too many connections already: 503.
    case tooManyConnections(limit: Int)
    /// There are too many connections from the client's address already: 503.
    case tooManyFromAddress(limit: Int)
    /// Bodies and answers fill the memory that there is for them: 503.
    case noRoom(limit: Int)
    /// A version other than HTTP/1.0 and 1.1: 505.
    case unsupportedVersion(String)
}

extension HTTPError {
    /// The status this error is answered with.
    package var status: HTTPStatus {
        switch self {
        case .malformed, .unexpectedClearText, .unexpectedTLS, .truncated: 400
        case .headTimeout, .bodyTimeout: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .expectationFailed: 417
        case .headTooLarge, .tooManyFields: 431
        case .unanswered: 500
        case .unknownMethod, .unsupportedTransferCoding: 501
        case .tooManyConnections, .tooManyFromAddress, .noRoom: 503
        case .unsupportedVersion: 505
        }
    }

    /// A short name that stays the same, for programs to compare.
    package var code: String {
        switch self {
        case .malformed: "malformed_request"
        case .unexpectedClearText: "unexpected_clear_text"
        case .unexpectedTLS: "unexpected_tls"
        case .truncated: "truncated_request"
        case .headTimeout: "head_timeout"
        case .bodyTimeout: "body_timeout"
        case .bodyTooLarge: "body_too_large"
        case .targetTooLong: "target_too_long"
        case .expectationFailed: "expectation_failed"
        case .headTooLarge: "head_too_large"
        case .tooManyFields: "too_many_header_fields"
        case .unanswered: "internal_error"
        case .unknownMethod: "unknown_method"
        case .unsupportedTransferCoding: "unsupported_transfer_coding"
        case .tooManyConnections: "too_many_connections"
        case .tooManyFromAddress: "too_many_connections_from_address"
        case .noRoom: "buffers_full"
        case .unsupportedVersion: "unsupported_http_version"
        }
    }
}

extension HTTPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let reason): reason.description
        case .unexpectedClearText:
            "The request came in clear text. Expected https on this port, received http."
        case .unexpectedTLS: "The connection began with TLS. Expected http on this port, received https."
        case .truncated(let expected?, let received):
            "The request ended too early. Expected \(expected) body bytes, received \(received)."
        case .truncated(nil, let received):
            "The request ended too early. Expected more of the head or of a chunked body, received the end of the "
                + "stream (after \(received) body bytes)."
        case .headTimeout(let milliseconds):
            "The request head took too long. Expected it within \(milliseconds) ms, received only a part."
        case .bodyTimeout(let milliseconds):
            "The request body took too long. Expected its end or a good part of it (min_body_rate) every \(milliseconds) ms, received less."
        case .bodyTooLarge(let limit, let announced):
            "The request body is too large. Expected at most \(limit) bytes, received "
                + (announced.map { "\($0)." } ?? "more.")
        case .targetTooLong(let limit):
            "The request target is too long. Expected at most \(limit) bytes, received more."
        case .expectationFailed(let expectation):
            "The expectation cannot be met. Expected 100-continue, received \(expectation)."
        case .headTooLarge(let limit):
            "The request head is too large. Expected at most \(limit) bytes, received more."
        case .tooManyFields(let limit):
            "The request has too many header fields. Expected at most \(limit), received more."
        case .unanswered: "The server failed to answer this request."
        case .unknownMethod(let method):
            "The method is not implemented. Expected one of "
                + HTTPMethod.allCases.map(\.rawValue).joined(separator: ", ") + ", received \(method)."
        case .unsupportedTransferCoding(let coding):
            "The transfer coding is not implemented. Expected chunked, received \(coding)."
        case .tooManyConnections(let limit):
            "There are too many connections. Expected at most \(limit) at once, received one more."
        case .tooManyFromAddress(let limit):
            "There are too many connections from your address. Expected at most \(limit) at once "
                + "(max_connections_per_address), received one more."
        case .noRoom(let limit):
            "There is no room for this request now. Expected all bodies and answers to fit into \(limit) bytes "
                + "(max_buffer_bytes), received more. Try again soon."
        case .unsupportedVersion(let version):
            "The HTTP version is not supported. Expected HTTP/1.1 or HTTP/1.0, received \(version)."
        }
    }
}
