internal import HTTPServer

/// Whose form an error is answered in.
enum ErrorForm: Sendable {
    case own, v1, v2

    /// The form of a path's protocol.
    init(path: String) {
        self = path == "/v2" || path.hasPrefix("/v2/") ? .v2 : path.lowercased().hasPrefix("/v1/") ? .v1 : .own
    }

    func response(to error: APIError) -> HTTPResponse {
        switch self {
        case .own: error.response
        case .v1: V1Failure.response(to: error)
        case .v2: V2Failure.response(to: error)
        }
    }
}
