internal import AccessControl
internal import ContentCoding
internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

// Where every module's errors become statuses. The switches are total on purpose: a new error does not compile until it
// has its place in the API.

extension APIError {
    init(_ error: ServiceError) {
        let text = error.description
        switch error {
        case .noSuchPath: self.init(404, "not_found", text)
        case .methodNotAllowed(_, let path):
            self.init(405, "method_not_allowed", text)
            headers = [("Allow", path.allow)]
        case .lengthRequired: self.init(411, "length_required", text)
        case .unsupportedMediaType(let received, let supported):
            self.init(
                415, "unsupported_media_type", text, expected: .names(supported.map(\.rawValue)),
                received: .string(received))
            headers = [("Accept-Post", supported.map(\.rawValue).joined(separator: ", "))]
        case .noAcceptableCoding: self.init(406, "not_acceptable", text)
        case .notAcceptable(let received, let supported):
            self.init(
                406, "not_acceptable", text, expected: .names(supported.map(\.rawValue)), received: .string(received))
        case .missingQueryItem: self.init(400, "missing_query_item", text)
        case .unknownQueryItem(let name, let allowed):
            self.init(400, "unknown_query_item", text, expected: .names(allowed), received: .string(name))
        case .queryBesideJSON(let name): self.init(400, "query_beside_json", text, received: .string(name))
        case .invalidQueryItem(_, let expected, let received):
            self.init(400, "invalid_query_item", text, expected: .string(expected), received: .string(received))
        case .missingHeader: self.init(400, "missing_header", text)
        case .invalidHeader(_, let expected, let received):
            self.init(400, "invalid_header", text, expected: .string(expected), received: .string(received))
        case .invalidVersion(let received): self.init(404, "unknown_version", text, received: .string(received))
        case .invalidForm: self.init(400, "invalid_form", text)
        case .neitherLayerNorModel: self.init(400, "layer_or_model_missing", text)
        case .bothLayerAndModel: self.init(400, "layer_and_model", text, pointer: "/model")
        case .bothVersionAndLabel: self.init(400, "version_and_label", text, pointer: "/label")
        case .meaningless(let member, _): self.init(400, "unexpected_field", text, pointer: "/" + member)
        case .noDefaultModel(let names):
            // None yet is the server's state; several are the client's to choose from.
            if names.isEmpty {
                self.init(unavailable: "no_model", text)
            } else {
                self.init(400, "ambiguous_model", text)
            }
        case .missingInput: self.init(400, "missing_field", text, pointer: "/input")
        case .invalidParameter(let name, let allowed, let received):
            self.init(
                400, "invalid_parameter", text, pointer: "/parameters/" + name, expected: .names(allowed),
                received: .string(received))
        case .lossesWithAdapter:
            self.init(400, "conflicting_fields", text, pointer: "/parameters/return_losses")
        case .parameterNeedsJSON(let name):
            self.init(400, "parameter_needs_json", text, pointer: "/parameters/" + name)
        case .nothingToChange: self.init(400, "missing_field", text, pointer: "")
        case .tooLargeToCompute(let needed, let limit):
            self.init(422, "too_large_to_compute", text, expected: .int(limit), received: .int(needed))
        case .deadlinePassed(let milliseconds):
            self.init(504, "deadline_passed", text, expected: .int(milliseconds))
        case .clientGone: self.init(499, "client_gone", text)
        case .starting: self.init(unavailable: "starting", text)
        case .draining: self.init(unavailable: "draining", text)
        }
    }

    init(_ error: CodingError) {
        let status =
            switch error.category {
            case .malformed: 400
            case .impossible: 422
            case .exhausted: 503
            }
        self.init(
            status, error.code, error.description, pointer: error.location?.pointer, offset: error.location?.offset)
        if status == 503 { headers = [Self.retryAfter] }
        switch error {
        case .ragged(let expected, let received, _):
            self.expected = .int(expected)
            self.received = .int(received)
        case .tooDeep(let limit, _), .tooManyValues(let limit, _): expected = .int(limit)
        case .documentTooLarge(let limit, let size):
            expected = .int(limit)
            received = .int(size)
        case .unknownField(let name, let allowed, _):
            expected = .names(allowed)
            received = .string(name)
        case .unknownDType(let name, _):
            expected = .names(DType.allCases.map(\.rawValue))
            received = .string(name)
        case .notAnInteger(let text, _), .numberOutOfRange(let text, _, _), .nonFiniteToken(let text, _):
            received = .string(text)
        case .integerOutOfRange(let value, let allowed, _):
            expected = .sizes([allowed.lowerBound, allowed.upperBound])
            received = .int(value)
        case .elementCountMismatch(let shape, let count, _):
            expected = .int(shape.count)
            received = .int(count)
        case .invalidShape(let sizes, _): received = .sizes(sizes)
        case .nonFiniteElement(let value, _, let place):
            pointer = place
            received = .string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        case .invalidJSON, .wrongType, .duplicateField, .missingField, .mixedNesting, .byteCountMismatch,
            .invalidBase64,
            .invalidNumPyFile, .outOfMemory:
            break
        }
    }

    /// - Parameter input: where the tensor that met the layer is in the request.
    init(_ error: EngineError, input: String = "/input") {
        let text = error.description
        switch error {
        case .invalidShape(let dimensions): self.init(422, "invalid_shape", text, received: .sizes(dimensions))
        case .elementCountMismatch(let shape, let received):
            self.init(422, "element_count_mismatch", text, expected: .int(shape.count), received: .int(received))
        case .rankTooLow(_, let minimum, let shape):
            self.init(
                422, "input_rank_too_low", text, pointer: input, expected: .sizes(Array(repeating: -1, count: minimum)),
                received: .sizes(shape.dimensions))
        case .lastAxisMismatch(_, let expected, let shape):
            let axes = Array(repeating: -1, count: max(shape.rank - 1, 0)) + [expected]
            self.init(
                422, "input_shape_mismatch",
                "The last axis of the input must equal the kernel's input dimension. Expected \(expected), received "
                    + "\(shape.lastAxis) (input shape \(shape.dimensions)).",
                pointer: input, expected: .sizes(axes), received: .sizes(shape.dimensions))
        case .incompatibleInput(_, let shape, _):
            self.init(422, "incompatible_input", text, pointer: input, received: .sizes(shape.dimensions))
        case .tooLarge(_, _, let shape, let maximum):
            self.init(
                422, "too_large_to_compute", text, expected: .int(maximum), received: .sizes(shape.dimensions))
        case .weightShapeMismatch(_, _, let expected, let received):
            self.init(
                422, "weight_shape_mismatch", text, expected: .sizes(expected), received: .sizes(received.dimensions))
        case .missingWeight(_, let weight): self.init(422, "missing_weight", text, expected: .string(weight))
        case .weightOutOfRange(_, _, let expected, let received):
            self.init(
                422, "weight_out_of_range", text, expected: .string(expected), received: .double(Double(received)))
        case .unexpectedWeight(_, let weight, let expected):
            self.init(422, "unexpected_weight", text, expected: .names(expected), received: .string(weight))
        case .unknownInputShape: self.init(422, "unknown_input_shape", text)
        case .unknownConfigKey(let path, _, _, let allowed):
            self.init(
                422, "unknown_config_key", text, pointer: Self.pointer(path), expected: .names(allowed),
                received: path.last.map(ConfigValue.string))
        case .missingConfigKey(let path, _):
            self.init(422, "missing_config_key", text, pointer: Self.pointer(path))
        case .invalidConfigValue(let path, _):
            self.init(422, "invalid_config_value", text, pointer: Self.pointer(path))
        case .unknownIdentifier(let path, let kind, let name, let expected):
            self.init(
                422, "unknown_\(kind.split(separator: " ").first ?? "identifier")", text, pointer: Self.pointer(path),
                expected: .names(expected), received: .string(name))
        case .unsupported(let path, _): self.init(422, "unsupported", text, pointer: Self.pointer(path))
        case .queueFull(_, let seconds):
            self.init(unavailable: "queue_full", text)
            headers = [(name: "Retry-After", value: String(seconds))]
        }
    }

    init(_ error: ModelStoreError) {
        let text = error.description
        switch error {
        case .invalidName(let name):
            self.init(400, "invalid_model_name", text, received: .string(String(name.prefix(160))))
        case .unknownModel: self.init(404, "unknown_model", text)
        case .unknownVersion(_, let version, let available):
            self.init(404, "unknown_version", text, expected: .sizes(available), received: .int(version))
        case .unknownDigest: self.init(404, "unknown_model", text)
        case .invalidLabel(let label):
            self.init(400, "invalid_label", text, received: .string(String(label.prefix(160))))
        case .unknownLabel(_, let label, let available):
            self.init(404, "unknown_label", text, expected: .names(available), received: .string(label))
        case .invalidAdapter(let adapter):
            self.init(400, "invalid_adapter", text, received: .string(String(adapter.prefix(160))))
        case .unknownAdapter(_, _, let adapter, let available):
            self.init(
                404, "unknown_adapter", text, expected: .names(available),
                received: .string(String(adapter.prefix(160))))
        case .adapterTaken(_, _, let adapter): self.init(409, "adapter_taken", text, received: .string(adapter))
        case .tooManyAdapters(_, _, let limit): self.init(409, "too_many_adapters", text, expected: .int(limit))
        case .labelledVersion(_, _, let labels):
            self.init(409, "labelled_version", text, expected: .names([]), received: .names(labels))
        case .tooManyLabels(_, let limit): self.init(409, "too_many_labels", text, expected: .int(limit))
        case .noLayers: self.init(422, "no_layers", text)
        case .full(let limit, _, let needed):
            self.init(507, "model_store_full", text, expected: .int(limit), received: .int(needed))
        case .immutable(let attribute): self.init(409, "immutable", text, pointer: Self.pointer([attribute]))
        case .versionTaken(_, let version, let next):
            self.init(409, "version_taken", text, expected: .int(next), received: .int(version))
        case .storage(let error):
            self.init(error.isFull ? 507 : 500, error.isFull ? "storage_full" : "storage_failed", text)
        case .changesSuspended: self.init(unavailable: "changes_suspended", text)
        case .damagedModel: self.init(500, "damaged_model", text)
        case .unknownMember(let path, let name, let allowed):
            self.init(
                400, "unknown_field", text, pointer: Self.pointer(path + [name]), expected: .names(allowed),
                received: .string(name))
        case .conflictingMembers(let path, _, let second):
            self.init(400, "conflicting_fields", text, pointer: Self.pointer(path + [second]))
        case .weightCountMismatch(let layers, let weights):
            self.init(
                422, "weight_count_mismatch", text, pointer: "/weights", expected: .int(layers), received: .int(weights)
            )
        case .unknownFileFormat(let format, let allowed):
            self.init(400, "unknown_file_format", text, expected: .names(allowed), received: .string(format))
        case .coding(let error): self.init(error)
        case .engine(let error, let path):
            self.init(error)
            if !path.isEmpty { pointer = Self.pointer(path) }
        case .file(let error):
            self.init(
                error.isMalformed ? 400 : 422, error.isMalformed ? "invalid_model_file" : "unusable_model_file", text)
            if case .damaged(_, _, let place?) = error { offset = place }
            if case .tooLarge(_, _, let limit, let size) = error {
                expected = .int(limit)
                received = .int(size)
            }
        // Only the folders that are read at the start give these, and no request reads them.
        case .unreadableFile, .brokenFile, .storeInUse, .damagedFile, .damagedStore:
            self.init(500, "internal_error", text)
        }
    }

    /// What the HTTP server refused by itself, in the API's form.
    init(_ error: HTTPError) {
        self.init(error.status.code, error.code, error.description)
        switch error {
        case .bodyTooLarge(let limit, let announced):
            expected = .int(limit)
            received = announced.map(ConfigValue.int)
        case .targetTooLong(let limit), .headTooLarge(let limit), .tooManyFields(let limit),
            .headTimeout(let limit), .bodyTimeout(let limit):
            expected = .int(limit)
        case .tooManyConnections(let limit), .tooManyFromAddress(let limit), .noRoom(let limit):
            expected = .int(limit)
            headers = [Self.retryAfter]
        case .truncated(let bytes, let got):
            expected = bytes.map(ConfigValue.int)
            received = .int(got)
        case .malformed, .unexpectedClearText, .unexpectedTLS, .expectationFailed, .unanswered, .unknownMethod,
            .unsupportedTransferCoding, .unsupportedVersion:
            break
        }
    }

    init(_ error: ContentCodingError) {
        let text = error.description
        switch error {
        case .unsupported(let received):
            self.init(
                415, "unsupported_content_coding", text, expected: .names(ContentCoding.allCases.map(\.rawValue)),
                received: .string(received))
            headers = [("Accept-Encoding", ContentCoding.allNames)]
        case .tooMany(let limit):
            self.init(415, "unsupported_content_coding", text, expected: .int(limit))
            headers = [("Accept-Encoding", ContentCoding.allNames)]
        case .corrupt, .truncated, .trailingBytes: self.init(400, "invalid_content_coding", text)
        case .tooLarge(let limit): self.init(413, "body_too_large", text, expected: .int(limit))
        case .noRoom, .outOfMemory: self.init(unavailable: "out_of_memory", text)
        }
    }

    init(_ error: AccessError) {
        let text = error.description
        switch error {
        case .noCredentials:
            self.init(401, "no_credentials", text)
            challenge()
        case .unknownCertificate:
            self.init(401, "unknown_certificate", text)
            challenge()
        case .unknownToken:
            self.init(401, "unknown_token", text)
            challenge(error: "invalid_token")
        case .tooManyFailures(let seconds):
            self.init(429, "too_many_failures", text)
            headers = [("Retry-After", String(seconds))]
            closesConnection = true
        case .severalTokens:
            self.init(400, "several_tokens", text)
            challenge(error: "invalid_request")
        case .forbidden(let needed, let roles):
            self.init(
                403, "forbidden", text, expected: .names(needed.union(.admin).names), received: .names(roles.names))
            challenge(error: "insufficient_scope")
        case .openRegistration: self.init(403, "open_registration", text)
        }
    }

    /// Says how to be let in (RFC 6750, section 3).
    private mutating func challenge(error: String? = nil) {
        headers = [
            ("WWW-Authenticate", "Bearer realm=\"dense-serve\"" + (error.map { ", error=\"\($0)\"" } ?? ""))
        ]
    }

    private static let retryAfter = (name: "Retry-After", value: "1")

    private init(unavailable code: String, _ text: String) {
        self.init(503, code, text)
        headers = [Self.retryAfter]
    }

    /// A path as a JSON pointer.
    static func pointer(_ path: [String]) -> String {
        path.map { name in
            var escaped = "/"
            for character in name {
                switch character {
                case "~": escaped += "~0"
                case "/": escaped += "~1"
                default: escaped.append(character)
                }
            }
            return escaped
        }.joined()
    }
}

extension ConfigValue {
    fileprivate static func names(_ names: [String]) -> ConfigValue { .array(names.map(ConfigValue.string)) }
    fileprivate static func sizes(_ sizes: [Int]) -> ConfigValue { .array(sizes.map(ConfigValue.int)) }
}

/// Runs `body` with its errors made the API's. One overload for each module below.
func api<Result: ~Copyable>(_ body: () throws(CodingError) -> Result) throws(APIError) -> Result {
    do throws(CodingError) { return try body() } catch { throw APIError(error) }
}

func api<Result>(_ body: () throws(ModelStoreError) -> Result) throws(APIError) -> Result {
    do throws(ModelStoreError) { return try body() } catch { throw APIError(error) }
}

func api<Result>(_ body: () throws(ServiceError) -> Result) throws(APIError) -> Result {
    do throws(ServiceError) { return try body() } catch { throw APIError(error) }
}

func api<Result>(_ body: () throws(EngineError) -> Result) throws(APIError) -> Result {
    do throws(EngineError) { return try body() } catch { throw APIError(error) }
}
