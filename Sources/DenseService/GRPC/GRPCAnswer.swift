internal import ContentCoding
internal import GRPCWire
internal import HTTPServer

/// Answers to calls, as HTTP/2 carries them.
enum GRPCAnswer {
    static let contentType = "application/grpc"
    private static let headers = [(name: "Content-Type", value: contentType)]

    /// The head of an answer whose messages follow.
    static func head() -> HTTPResponse {
        HTTPResponse(.ok, headers: headers)
    }

    /// One message with its prefix, and the status OK.
    ///
    /// - Parameters:
    ///   - coding: how the client compressed its own message, which says that it wants the answer so; nil for not.
    ///   - minimum: the smallest message that is compressed.
    static func message(_ framed: [UInt8], _ coding: ContentCoding? = nil, minimum: Int = 0) -> HTTPResponse {
        var response = HTTPResponse(.ok, headers: headers, body: framed)
        if let coding, framed.count >= minimum {
            let message = Array(framed.dropFirst(GRPCFramer.prefixBytes))
            if let coded = ContentEncoder.encode(message, coding) {
                response.headers.append(("grpc-encoding", coding.rawValue))
                response.body = GRPCFramer.prefix(length: coded.count, isCompressed: true) + coded
            }
        }
        response.trailers = GRPCStatus.ok.trailers
        response.innerStatus = GRPCCode.ok.rawValue
        return response
    }

    /// No message, and a status: trailers alone (gRPC's PROTOCOL-HTTP2.md, "Trailers-Only").
    static func status(_ status: GRPCStatus) -> HTTPResponse {
        var extra: [(name: String, value: String)] = []
        if status.code == .unimplemented { extra.append(("grpc-accept-encoding", GRPCEncoding.names)) }
        var response = HTTPResponse(.ok, headers: headers + status.trailers + extra)
        response.innerStatus = status.code.rawValue
        return response
    }

    /// Whatever went wrong.
    static func error(_ error: APIError) -> HTTPResponse {
        var response = status(GRPCStatus(error))
        response.headers += error.headers
        response.turnsAway = error.status == HTTPStatus.serviceUnavailable.code
        response.closesConnection = error.closesConnection
        return response
    }
}
