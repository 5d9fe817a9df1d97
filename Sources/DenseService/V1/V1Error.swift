internal import HTTPServer
internal import ModelStore

/// What is wrong with a request to TensorFlow Serving's REST API, in its words.
enum V1Error: Error {
    case malformedRequest(method: String, path: String)
    case neitherInputsNorInstances
    case inputsAndInstances
    case noInstances
    case instancesNotList
    case unknownSignature(String)
    /// An instance is an object where the first was not, or the other way round.
    case mixedInstances(index: Int, expectsObject: Bool)
    case otherKeys(index: Int, input: String)
    case missingInput(String)
    case otherShape(index: Int, expected: [Int], received: [Int])
    case base64(String)
    case unknownLabel(String)
    case noVersions(model: String)
    case noServable(String)
    // classify and regress
    case noExamples(method: String)
    case noFeature(String, index: Int)
    case exampleNotObject
    case notClassification(model: String, shape: [Int])
    case notRegression(model: String, shape: [Int])
}

extension V1Error: CustomStringConvertible {
    var description: String {
        switch self {
        case .malformedRequest(let method, let path): "Malformed request: \(method) \(path.prefix(500))"
        case .neitherInputsNorInstances: "Missing 'inputs' or 'instances' key"
        case .inputsAndInstances:
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist"
        case .noInstances: "No values in 'instances' array"
        case .instancesNotList: "Expecting 'instances' to be an list/array"
        case .unknownSignature(let name):
            "Serving signature name: \"\(name.prefix(100))\" not found in signature def"
        case .mixedInstances(let index, true): "Expecting object but got list at item \(index) of input list"
        case .mixedInstances(let index, false): "Expecting value/list but got object at item \(index) of input list"
        case .otherKeys(let index, let input):
            "Failed to process element: \(index) of 'instances' list. JSON object: keys must be equal to: \(input)"
        case .missingInput(let name): "Missing named input: \(name) in 'inputs' object."
        case .otherShape(let index, let expected, let received):
            "Failed to process element: \(index) of 'instances' list. Error: Expecting shape \(expected) but got: \(received)"
        case .base64(let input):
            "Input '\(input)' takes numbers, and base64 data are text. Expected numbers of type: float, received an object "
                + "with the key 'b64'."
        case .unknownLabel(let label): "Unrecognized servable version label: \(label.prefix(100))"
        case .noVersions(let model): "Could not find any versions of model \(model.prefix(160))"
        case .noServable(let request): "Servable not found for request: \(request.prefix(200))"
        case .noExamples(let method): "When method is \(method), key 'examples' is expected and was not found"
        case .noFeature(let name, let index):
            "Example \(index) has no feature '\(name)'. Expected one, with the numbers of one input row."
        case .exampleNotObject: "Example must be JSON object"
        case .notClassification(let model, let shape):
            "Expected classification signature outputs to be scores of two classes or more for each example. Model "
                + "'\(model)' gives the shape \(shape)."
        case .notRegression(let model, let shape):
            "Expected regression signature outputs to be one value for each example. Model '\(model)' gives the shape "
                + "\(shape)."
        }
    }
}

extension APIError {
    init(_ error: V1Error) {
        let text = error.description
        switch error {
        case .malformedRequest, .neitherInputsNorInstances, .inputsAndInstances, .noInstances, .instancesNotList,
            .unknownSignature, .mixedInstances, .otherKeys, .missingInput, .otherShape, .base64, .noExamples,
            .noFeature, .exampleNotObject, .notClassification, .notRegression:
            self.init(400, "invalid_argument", text)
        case .unknownLabel, .noVersions, .noServable: self.init(404, "not_found", text)
        }
    }
}

/// Errors as TensorFlow Serving answers them: `{"error": "..."}`, and the status of an `absl::Status`.
enum V1Failure {
    static func response(to error: APIError) -> HTTPResponse {
        error.response(saying: sentence(of: error), HTTPStatus(status(of: error.kind)))
    }

    private static func sentence(of error: APIError) -> String {
        guard let offset = error.offset else { return error.message }
        // As its parser says it.
        if error.code == "invalid_json" { return "JSON Parse error: \(error.message) at offset: \(offset)" }
        return "\(error.message) at offset: \(offset)"
    }

    /// `ToHTTPStatusCode` of TensorFlow Serving's http_server.cc; what it has none for keeps its own.
    static func status(of kind: APIError.Kind) -> Int {
        switch kind {
        case .invalid: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .clientTimeout: 408
        case .conflict: 409
        case .tooLarge: 413
        case .rateLimited: 429
        case .clientGone: 499
        case .serverFault: 500
        case .unimplemented: 501
        case .unavailable: 503
        case .deadlinePassed: 504
        case .storeFull: 507
        }
    }
}

/// Runs `body` with its errors made the API's.
func api<Result>(_ body: () throws(V1Error) -> Result) throws(APIError) -> Result {
    do throws(V1Error) { return try body() } catch { throw APIError(error) }
}
