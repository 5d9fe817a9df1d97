internal import HTTPServer
internal import ModelStore

/// What is wrong with a request of the Open Inference Protocol, by REST or gRPC, besides its text and its model.
enum V2Error: Error {
    case missing(member: String, of: String)
    case inputCount(model: String, received: String)
    case unexpectedInput(String, expected: String, model: String)
    case unexpectedOutput(String, expected: String, model: String)
    case repeatedOutput(String)
    case unknownDatatype(String, input: String)
    case bytesInput(String)
    case invalidShape([Int], input: String)
    case byteCount(input: String, expected: Int?, received: Int)
    case outOfRange(input: String, index: Int)
    case dataAndBinary(input: String)
    case noData(input: String)
    case binaryWithoutHeader(input: String)
    case extraBinary(Int, model: String)
    case headerLength(String, body: Int)
    case rawShape(model: String, shape: [Int?])
    case rawByteCount(received: Int, row: Int)
    case sharedMemoryOff
    case reservedParameter(String)
    case invalidParameter(String, expected: String)
    case tracingOff(String)
    case repositoryName
    case loadWithoutConfiguration(model: String)
    case invalidLoad(model: String, reason: String)
    case invalidSetting(String, expected: String)
    case fixedSetting(String)
    case notReady(model: String)
}

extension V2Error: CustomStringConvertible {
    var description: String {
        switch self {
        case .missing(let member, let owner):
            "The key '\(member)' of \(owner) is missing or has the wrong type."
        case .inputCount(let model, let received):
            "Model '\(model)' has one input. Expected 1 inputs, received \(received)."
        case .unexpectedInput(let name, let expected, let model):
            "Model '\(model)' has no such input. Expected '\(expected)', received '\(name.prefix(100))'."
        case .unexpectedOutput(let name, let expected, let model):
            "Model '\(model)' has no such output. Expected '\(expected)', received '\(name.prefix(100))'."
        case .repeatedOutput(let name): "The output '\(name.prefix(100))' is asked for twice. Expected it once."
        case .unknownDatatype(let name, let input):
            "The datatype of input '\(input.prefix(100))' is unknown. Expected one of "
                + V2Datatype.allCases.filter { $0 != .bytes }.map(\.rawValue).joined(separator: ", ")
                + ", received '\(name.prefix(100))'."
        case .bytesInput(let input):
            "The input '\(input.prefix(100))' has datatype BYTES, and this server computes with numbers. Expected one of "
                + V2Datatype.allCases.filter { $0 != .bytes }.map(\.rawValue).joined(separator: ", ")
                + ", received BYTES."
        case .invalidShape(let shape, let input):
            "The shape of input '\(input.prefix(100))' is not usable. Expected at most 32 axes of zero or more, whose product "
                + "fits 63 bits; received \(shape)."
        case .byteCount(let input, let expected, let received):
            "unexpected size for input '\(input.prefix(100))'. Expected \(expected.map { "\($0)" } ?? "fewer than 2^63") bytes "
                + "by its shape and datatype, received \(received)."
        case .outOfRange(let input, let index):
            "Element \(index) of input '\(input.prefix(100))' is out of range for float32, in which this server computes. "
                + "Expected at most 3.4028235e38 in magnitude, received more."
        case .dataAndBinary(let input):
            "The input '\(input.prefix(100))' has its data twice. Expected 'data' or the parameter 'binary_data_size', received "
                + "both."
        case .noData(let input):
            "The input '\(input.prefix(100))' has no data. Expected 'data' or the parameter 'binary_data_size', received "
                + "neither."
        case .binaryWithoutHeader(let input):
            "The input '\(input.prefix(100))' is binary, and the request does not say where its JSON ends. Expected the header "
                + "Inference-Header-Content-Length, received none."
        case .extraBinary(let count, let model):
            "unexpected additional input data for model '\(model)'. Expected the body to end with its inputs, received "
                + "\(count) more bytes."
        case .headerLength(let received, let body):
            "The header Inference-Header-Content-Length has a wrong value. Expected an integer from 0 to \(body), the length of "
                + "the body, received '\(received.prefix(100))'."
        case .rawShape(let model, let shape):
            "A raw body needs a model whose input has at most one axis of any size. Model '\(model)' takes "
                + "\(shape.map { $0 ?? -1 })."
        case .rawByteCount(let received, let row):
            "A raw body has to be whole rows of the model's input. Expected a multiple of \(row) bytes, received \(received)."
        case .sharedMemoryOff:
            "Client shared memory is disabled: tensors come in the request's body."
        case .reservedParameter(let name):
            "Parameters that begin with 'triton_' are reserved. Expected another name, received '\(name.prefix(100))'."
        case .invalidParameter(let name, let expected):
            "The parameter '\(name.prefix(100))' has a wrong value. Expected \(expected)."
        case .tracingOff(let setting):
            "Tracing is off and cannot be switched on. Expected trace_level [\"OFF\"] or null, received '\(setting.prefix(100))'."
        case .repositoryName: "'repository_name' specification is not supported: there is one repository."
        case .loadWithoutConfiguration(let model):
            "failed to load '\(model.prefix(160))': there is no model file of this name. Expected the file in the request "
                + "('file:1/model.keras', base64) or in the folder of models, received neither."
        case .invalidLoad(let model, let reason): "failed to load '\(model.prefix(160))': \(reason)"
        case .invalidSetting(let name, let expected):
            "The setting '\(name.prefix(100))' has a wrong value. Expected \(expected)."
        case .fixedSetting(let name):
            "The setting '\(name)' can not be updated through network protocol: it is fixed while the server runs."
        case .notReady(let model): "Model '\(model.prefix(160))' is not ready."
        }
    }
}

extension APIError {
    /// In Triton's terms: INVALID_ARG is 400, NOT_FOUND 404, UNSUPPORTED 501, UNAVAILABLE 503.
    init(_ error: V2Error) {
        let text = error.description
        switch error {
        case .missing, .inputCount, .unexpectedInput, .unexpectedOutput, .repeatedOutput, .unknownDatatype, .bytesInput,
            .invalidShape, .byteCount, .outOfRange, .dataAndBinary, .noData, .binaryWithoutHeader, .extraBinary,
            .headerLength, .rawShape, .rawByteCount, .reservedParameter, .invalidParameter, .loadWithoutConfiguration,
            .invalidLoad, .invalidSetting:
            self.init(400, "invalid_argument", text)
        case .sharedMemoryOff, .tracingOff, .repositoryName, .fixedSetting: self.init(501, "unsupported", text)
        case .notReady: self.init(503, "model_not_ready", text)
        }
    }
}

/// Errors as Triton answers them: `{"error": "..."}` and a status of few.
enum V2Failure {
    static func response(to error: APIError) -> HTTPResponse {
        error.response(saying: sentence(of: error), HTTPStatus(status(of: error.kind)))
    }

    /// With where in the body it is, as there is no other field to say it.
    static func sentence(of error: APIError) -> String {
        guard let offset = error.offset, !error.message.contains("(byte ") else { return error.message }
        return "\(error.message) (byte \(offset))"
    }

    /// Triton's statuses; what it has none for keeps its own, so that proxies and clients can tell who is to act.
    static func status(of kind: APIError.Kind) -> Int {
        switch kind {
        case .invalid: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .clientTimeout: 408
        // ALREADY_EXISTS is 400 there.
        case .conflict: 400
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
func api<Result>(_ body: () throws(V2Error) -> Result) throws(APIError) -> Result {
    do throws(V2Error) { return try body() } catch { throw APIError(error) }
}
