internal import HTTPServer
internal import TensorCoding

/// `/health/live` and `/health/ready`.
enum HealthEndpoint {
    static var live: HTTPResponse { status("live") }

    static func ready(_ readiness: Service.Readiness) -> HTTPResponse {
        switch readiness {
        case .ready: status("ready")
        case .starting: APIError(.starting).response
        case .draining: APIError(.draining).response
        }
    }

    private static func status(_ status: String) -> HTTPResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("status", status)
        writer.endObject()
        return HTTPResponse(.ok, json: writer)
    }
}

extension HTTPResponse {
    /// An answer in JSON.
    init(_ status: HTTPStatus, json writer: JSONWriter) {
        self.init(status, headers: [(name: "Content-Type", value: MediaType.json.rawValue)], body: writer.bytes)
    }
}
