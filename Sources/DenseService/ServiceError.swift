internal import HTTPServer

/// What the service itself finds wrong with a request, apart from its tensors, layers and models.
enum ServiceError: Error {
    // MARK: The HTTP side of it

    case noSuchPath
    case methodNotAllowed(HTTPMethod, PathTemplate)
    case lengthRequired
    case unsupportedMediaType(String, supported: [MediaType])
    case noAcceptableCoding(String)
    case notAcceptable(String, supported: [MediaType])
    case missingQueryItem(String)
    case unknownQueryItem(String, allowed: [String])
    /// A query beside a JSON body, which says everything itself.
    case queryBesideJSON(String)
    case invalidQueryItem(name: String, expected: String, received: String)
    case missingHeader(String)
    case invalidHeader(name: String, expected: String, received: String)
    /// A path's version that is no positive integer: there is no such resource.
    case invalidVersion(String)
    /// A body that is not the form its media type says. `reason` is a full sentence.
    case invalidForm(reason: String)

    // MARK: The request's content

    case neitherLayerNorModel
    case bothLayerAndModel(String)
    /// A version's number and a label beside the same model.
    case bothVersionAndLabel
    /// `weights`, `version` or the like beside what they have no meaning for.
    case meaningless(member: String, without: String)
    case missingInput
    /// A request without a model's name, and not exactly one model.
    case noDefaultModel([String])
    /// A parameter with a value it cannot have.
    case invalidParameter(name: String, allowed: [String], received: String)
    /// Penalties of weights, for a request with an adapter, whose factors have none.
    case lossesWithAdapter
    /// A parameter whose result the response's form cannot carry.
    case parameterNeedsJSON(String)
    /// The attribute of a PATCH is missing.
    case nothingToChange
    /// The request would take more memory than a request may.
    case tooLargeToCompute(needed: Int, limit: Int)

    // MARK: Time and state

    case deadlinePassed(milliseconds: Int)
    /// The client left before its work began; only logs and metrics ever see it.
    case clientGone
    case starting
    case draining
}

extension ServiceError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noSuchPath: "There is nothing at this path. GET / lists what there is."
        case .methodNotAllowed(let method, let path):
            "The path does not take this method. Expected one of \(path.allow), received \(method.rawValue)."
        case .lengthRequired:
            "The request needs a body. Expected Content-Length or Transfer-Encoding: chunked, received neither."
        case .unsupportedMediaType(let received, let supported):
            "The body's media type is not understood here. Expected \(Self.list(supported)), received "
                + "'\(received.prefix(200))'."
        case .noAcceptableCoding(let names):
            "No content coding of the answer is acceptable. Expected an Accept-Encoding with one of \(names), or identity."
        case .notAcceptable(let received, let supported):
            "None of the accepted media types can be given. Expected \(Self.list(supported)), received "
                + "'\(received.prefix(200))'."
        case .missingQueryItem(let name):
            "The query item '\(name)' is missing. A body without JSON names its model there: /dense?model=NAME."
        case .unknownQueryItem(let name, let allowed):
            "Unrecognized query item '\(name.prefix(100))'. Expected one of \(allowed.joined(separator: ", "))."
        case .queryBesideJSON(let name):
            "The query item '\(name.prefix(100))' has no meaning with a JSON body. Expected '\(name.prefix(100))' as a key of "
                + "the body or of its 'parameters', and no query."
        case .invalidQueryItem(let name, let expected, let received):
            "The query item '\(name)' has a wrong value. Expected \(expected), received '\(received.prefix(100))'."
        case .missingHeader(let name):
            "The header '\(name)' is missing. Raw octets need their tensor's shape: X-Tensor-Shape: 32,128,256."
        case .invalidHeader(let name, let expected, let received):
            "The header '\(name)' has a wrong value. Expected \(expected), received '\(received.prefix(200))'."
        case .invalidVersion(let received):
            "There is no such version. Expected a positive integer, received '\(received.prefix(100))'."
        case .invalidForm(let reason): "The multipart form cannot be read. \(reason)"
        case .neitherLayerNorModel:
            "The request does not say what to compute. Expected exactly one of 'layer', 'layers' and 'model', received "
                + "none."
        case .bothLayerAndModel(let layer):
            "The request says twice what to compute. Expected exactly one of 'layer', 'layers' and 'model', received "
                + "'\(layer)' and 'model'."
        case .bothVersionAndLabel:
            "The request says twice which version to run. Expected at most one of 'version' and 'label', received both."
        case .meaningless(let member, let without):
            "The key '\(member)' has no meaning here. Expected it beside \(without), received it without."
        case .noDefaultModel(let names):
            "It cannot be told which model is meant. Expected the setting model_name, or exactly one model, received "
                + (names.isEmpty ? "none." : "several.")
        case .missingInput: "The key 'input' is missing. Expected a tensor."
        case .invalidParameter(let name, let allowed, let received):
            "The parameter '\(name)' has a wrong value. Expected one of "
                + "\(allowed.map { "'\($0)'" }.joined(separator: ", ")), received '\(received.prefix(100))'."
        case .lossesWithAdapter:
            "The penalties of a model with an adapter are not defined. Expected at most one of 'adapter' and 'return_losses', "
                + "received both."
        case .parameterNeedsJSON(let name):
            "The parameter '\(name)' needs an answer in JSON. Expected an Accept that allows application/json."
        case .nothingToChange:
            "There is nothing to change. Expected the key 'trainable' or 'batching', received neither."
        case .tooLargeToCompute(let needed, let limit):
            "The request would take too much memory. Expected at most \(limit) bytes (max_queue_bytes), needs "
                + "\(needed)."
        case .deadlinePassed(let milliseconds):
            "The request's deadline passed before it was computed. Expected to begin within \(milliseconds) ms."
        case .clientGone: "The client closed the connection before its request was computed."
        case .starting: "The server is starting. Try again soon."
        case .draining: "The server is shutting down. Try another one."
        }
    }

    private static func list(_ types: [MediaType]) -> String {
        types.count == 1 ? types[0].rawValue : "one of " + types.map(\.rawValue).joined(separator: ", ")
    }
}
