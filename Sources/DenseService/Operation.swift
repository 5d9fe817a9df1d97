package import HTTPServer

/// Everything the service does, each a method on a path. This is the only table of them: the router, the `Allow` fields,
/// the metrics' labels and the check of the OpenAPI document are made from it.
package enum Operation: Int, CaseIterable, Sendable {
    case describe
    case dense
    case listModels
    case readModel, registerModel, changeModel, removeModel
    case readVersion, removeVersion
    case downloadVersion
    case live, ready
    case metrics
    case openAPI

    package var method: HTTPMethod {
        switch self {
        case .dense: .post
        case .registerModel: .put
        case .changeModel: .patch
        case .removeModel, .removeVersion: .delete
        case .describe, .listModels, .readModel, .readVersion, .downloadVersion, .live, .ready, .metrics, .openAPI: .get
        }
    }

    package var path: PathTemplate {
        switch self {
        case .describe: .root
        case .dense: .dense
        case .listModels: .models
        case .readModel, .registerModel, .changeModel, .removeModel: .model
        case .readVersion, .removeVersion: .version
        case .downloadVersion: .file
        case .live: .live
        case .ready: .ready
        case .metrics: .metrics
        case .openAPI: .openAPI
        }
    }

    /// Whether the operation reads the request's body.
    var takesBody: Bool {
        switch method {
        case .post, .put, .patch: true
        case .get, .head, .delete, .options, .trace: false
        }
    }
}

/// The paths that exist, as OpenAPI writes them.
package enum PathTemplate: String, CaseIterable, Sendable {
    case root = "/"
    case dense = "/dense"
    case models = "/models"
    case model = "/models/{name}"
    case version = "/models/{name}/versions/{version}"
    case file = "/models/{name}/versions/{version}/file"
    case live = "/health/live"
    case ready = "/health/ready"
    case metrics = "/metrics"
    case openAPI = "/openapi.json"

    /// The operations on this path.
    package var operations: [Operation] { Operation.allCases.filter { $0.path == self } }

    /// The methods the path answers, as the `Allow` field lists them: those of its operations, HEAD with GET, and OPTIONS.
    package var allow: String {
        let methods = operations.map(\.method)
        let implied: [HTTPMethod] = methods.contains(.get) ? [.head, .options] : [.options]
        return (methods + implied).map(\.rawValue).joined(separator: ", ")
    }

    /// The methods of every path together, for `OPTIONS *`.
    static let allowAnywhere: String = {
        let methods = Set(Operation.allCases.map(\.method)).union([.head, .options])
        return HTTPMethod.allCases.filter(methods.contains).map(\.rawValue).joined(separator: ", ")
    }()
}
