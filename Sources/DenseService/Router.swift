internal import HTTPServer

/// Where a request goes: what its method and path mean together.
enum Route {
    case operation(Operation, PathParameters)
    /// OPTIONS on a path that exists, or on `*`.
    case options(allow: String)
    case methodNotAllowed(PathTemplate)
    case notFound
}

/// The variable segments of a path, percent-decoded.
struct PathParameters {
    var name = ""
    /// As the client wrote it; the endpoint decides whether it is a number. Empty where the path names none.
    var version = ""
    /// Likewise.
    var label = ""
    /// Likewise.
    var adapter = ""
}

/// Paths that a host tells the container to answer at, beside those it has: Vertex AI's `AIP_HEALTH_ROUTE` and
/// `AIP_PREDICT_ROUTE`.
package struct RouteAliases: Sendable {
    private let health: String?
    private let predict: String?

    package static let none = RouteAliases()

    /// Whole paths; nil or empty for none.
    package init(health: String? = nil, predict: String? = nil) {
        self.health = health?.isEmpty == false ? health : nil
        self.predict = predict?.isEmpty == false ? predict : nil
    }

    func match(_ target: HTTPTarget) -> (PathTemplate, PathParameters)? {
        guard health != nil || predict != nil else { return nil }
        let path = target.rawPath
        if path == predict { return (.invocations, PathParameters()) }
        return path == health ? (.ping, PathParameters()) : nil
    }
}

enum Router {
    /// The route of a request. `POST /dense`, the one that matters for speed, costs a comparison of six bytes, and the
    /// inference of the Open Inference Protocol one String.
    ///
    /// - Parameter aliases: further paths that a cloud host chose.
    static func route(_ method: HTTPMethod, _ target: HTTPTarget, _ aliases: RouteAliases = .none) -> Route {
        if method == .post {
            if target.isPath("/dense") { return .operation(.dense, PathParameters()) }
            if let name = target.segment(behind: "/v2/models/", before: "/infer") {
                return .operation(.v2Infer, PathParameters(name: name))
            }
        }
        if target.isAsterisk { return .options(allow: PathTemplate.allowAnywhere) }
        guard let (path, parameters) = aliases.match(target) ?? match(target.segments) else { return .notFound }
        if method == .options { return .options(allow: path.allow) }
        // HEAD is GET without the body, which the server leaves out.
        let wanted = method == .head ? .get : method
        for operation in path.operations where operation.method == wanted { return .operation(operation, parameters) }
        return .methodNotAllowed(path)
    }

    private static func match(_ segments: [String]) -> (PathTemplate, PathParameters)? {
        switch segments[0] {
        case "v2": matchV2(segments.dropFirst())
        case "v1", "V1": matchV1(segments.dropFirst())
        default: matchOwn(segments)
        }
    }

    private static func matchOwn(_ segments: [String]) -> (PathTemplate, PathParameters)? {
        func plain(_ path: PathTemplate) -> (PathTemplate, PathParameters) { (path, PathParameters()) }
        switch segments.count {
        case 1:
            switch segments[0] {
            case "": return plain(.root)
            case "dense": return plain(.dense)
            case "models": return plain(.models)
            case "metrics": return plain(.metrics)
            case "openapi.json": return plain(.openAPI)
            case "ping": return plain(.ping)
            case "invocations": return plain(.invocations)
            default: return nil
            }
        case 2:
            switch (segments[0], segments[1]) {
            case ("health", "live"): return plain(.live)
            case ("health", "ready"): return plain(.ready)
            case ("models", let name) where !name.isEmpty: return (.model, PathParameters(name: name))
            default: return nil
            }
        case 3 where segments[0] == "models" && segments[2] == "labels":
            return (.labels, PathParameters(name: segments[1]))
        case 4 where segments[0] == "models" && segments[2] == "labels":
            return (.label, PathParameters(name: segments[1], label: segments[3]))
        case 3 where segments[0] == "models" && segments[2] == "adapters":
            return (.adapters, PathParameters(name: segments[1]))
        case 4 where segments[0] == "models" && segments[2] == "adapters":
            return (.adapter, PathParameters(name: segments[1], adapter: segments[3]))
        case 5 where segments[0] == "models" && segments[2] == "versions" && segments[4] == "adapters":
            return (.versionAdapters, PathParameters(name: segments[1], version: segments[3]))
        case 6 where segments[0] == "models" && segments[2] == "versions" && segments[4] == "adapters":
            return (
                .versionAdapter, PathParameters(name: segments[1], version: segments[3], adapter: segments[5])
            )
        case 4 where segments[0] == "models" && segments[2] == "versions":
            return (.version, PathParameters(name: segments[1], version: segments[3]))
        case 5 where segments[0] == "models" && segments[2] == "versions" && segments[4] == "file":
            return (.file, PathParameters(name: segments[1], version: segments[3]))
        default:
            return nil
        }
    }
}
