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
        HTTPResponse(.ok) { $0.member("status", status) }
    }
}
