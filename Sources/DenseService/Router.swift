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
    /// As the client wrote it; the endpoint decides whether it is a number.
    var version = ""
}

enum Router {
    /// The route of a request. `POST /dense`, the one that matters for speed, costs a comparison of six bytes.
    static func route(_ method: HTTPMethod, _ target: HTTPTarget) -> Route {
        if method == .post, target.isPath("/dense") { return .operation(.dense, PathParameters()) }
        if target.isAsterisk { return .options(allow: PathTemplate.allowAnywhere) }
        guard let (path, parameters) = match(target.segments) else { return .notFound }
        if method == .options { return .options(allow: path.allow) }
        // HEAD is GET without the body, which the server leaves out.
        let wanted = method == .head ? .get : method
        for operation in path.operations where operation.method == wanted { return .operation(operation, parameters) }
        return .methodNotAllowed(path)
    }

    private static func match(_ segments: [String]) -> (PathTemplate, PathParameters)? {
        func plain(_ path: PathTemplate) -> (PathTemplate, PathParameters) { (path, PathParameters()) }
        switch segments.count {
        case 1:
            switch segments[0] {
            case "": return plain(.root)
            case "dense": return plain(.dense)
            case "models": return plain(.models)
            case "metrics": return plain(.metrics)
            case "openapi.json": return plain(.openAPI)
            default: return nil
            }
        case 2:
            switch (segments[0], segments[1]) {
            case ("health", "live"): return plain(.live)
            case ("health", "ready"): return plain(.ready)
            case ("models", let name) where !name.isEmpty: return (.model, PathParameters(name: name))
            default: return nil
            }
        case 4 where segments[0] == "models" && segments[2] == "versions":
            return (.version, PathParameters(name: segments[1], version: segments[3]))
        case 5 where segments[0] == "models" && segments[2] == "versions" && segments[4] == "file":
            return (.file, PathParameters(name: segments[1], version: segments[3]))
        default:
            return nil
        }
    }
}
