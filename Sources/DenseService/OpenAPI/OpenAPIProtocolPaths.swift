internal import HTTPServer

extension OpenAPIDocument {
    /// The paths of other servers' protocols, made from the operations and their paths.
    static var protocols: String {
        PathTemplate.allCases.filter { path in path.operations.contains { contract(of: $0) != nil } }
            .map { path in
                let operations = path.operations.compactMap { operation in
                    contract(of: operation).map { item($0, operation, path) }
                }
                return "    \"\(path.rawValue)\": {\n\(operations.joined(separator: ",\n"))\n    }"
            }.joined(separator: ",\n")
    }

    /// What an operation of such a protocol takes and gives.
    struct Contract {
        let tag: String
        let summary: String
        /// The schema of the body in JSON; nil for none.
        var body: String?
        var isBodyRequired = false
        /// The schema of the answer in JSON; nil for an answer without a body.
        var answer: String?
        /// Besides the general ones.
        var errors: [Int] = []
        /// Whether bodies and answers may be binary, too.
        var isBinary = false
        /// Whether it ever succeeds.
        var succeeds = true
    }

    private static func item(_ contract: Contract, _ operation: Operation, _ path: PathTemplate) -> String {
        let suffix = path == operation.path ? "" : "_" + path.identifier
        var members = [
            "\"operationId\": \"\(operation)\(suffix)\"", access(operation), "\"tags\": [\"\(contract.tag)\"]",
            "\"summary\": \"\(contract.summary)\"",
        ]
        let parameters = path.parameters + (contract.isBinary ? ["InferenceHeader", "Timeout", "Priority"] : [])
        if !parameters.isEmpty {
            let list = parameters.map { "{\"$ref\": \"#/components/parameters/\($0)\"}" }
            members.append("\"parameters\": [\(list.joined(separator: ", "))]")
        }
        if let body = contract.body {
            let binary = contract.isBinary ? ", \"application/octet-stream\": {\"schema\": {\"type\": \"string\"}}" : ""
            members.append(
                "\"requestBody\": {\"required\": \(contract.isBodyRequired), \"content\": {\"application/json\": "
                    + "{\"schema\": {\"$ref\": \"#/components/schemas/\(body)\"}}\(binary)}}")
        }
        var responses: [String] = []
        if contract.succeeds { responses.append("\"200\": \(success(contract))") }
        let access = operation.roles == nil ? [] : [401, 403, 429]
        let body = contract.body == nil ? [] : [411, 413, 415]
        for status in Set(contract.errors + general + access + body).sorted() {
            responses.append("\"\(status)\": {\"$ref\": \"#/components/responses/Failure\"}")
        }
        members.append("\"responses\": {\(responses.joined(separator: ", "))}")
        return "      \"\(operation.method.rawValue.lowercased())\": {\(members.joined(separator: ", "))}"
    }

    private static func success(_ contract: Contract) -> String {
        guard let answer = contract.answer else { return "{\"description\": \"Done\"}" }
        let binary = contract.isBinary ? ", \"application/octet-stream\": {\"schema\": {\"type\": \"string\"}}" : ""
        return "{\"description\": \"The answer\", \"content\": {\"application/json\": {\"schema\": "
            + "{\"$ref\": \"#/components/schemas/\(answer)\"}}\(binary)}}"
    }
}

extension PathTemplate {
    /// The names of its variable segments' parameters.
    fileprivate var parameters: [String] {
        [("{name}", "Segment"), ("{version}", "VersionSegment"), ("{label}", "Label")].compactMap { variable, name in
            rawValue.contains(variable) ? name : nil
        }
    }

    /// The path as a part of an identifier.
    fileprivate var identifier: String {
        rawValue.split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }
}

extension OpenAPIDocument {
    static func contract(of operation: Operation) -> Contract? {
        contractOfV2(operation) ?? contractOfV1(operation)
    }

    private static func contractOfV2(_ operation: Operation) -> Contract? {
        let tag = "open inference protocol"
        switch operation {
        case .v2Describe: return Contract(tag: tag, summary: "The server and its extensions", answer: "V2Server")
        case .v2Live: return Contract(tag: tag, summary: "Whether the process runs", answer: "V2Health")
        case .v2Ready: return Contract(tag: tag, summary: "Whether requests should be sent here", answer: "V2Health")
        case .v2ListModels: return Contract(tag: tag, summary: "The models' names", answer: "ModelNames")
        case .v2ReadModel:
            return Contract(tag: tag, summary: "A model's inputs and outputs", answer: "V2Model", errors: [404])
        case .v2ModelReady:
            return Contract(tag: tag, summary: "Whether a model is ready", answer: "V2Health", errors: [404])
        case .v2Configuration:
            return Contract(tag: tag, summary: "Triton's configuration of a model", answer: "V2Any", errors: [404])
        case .v2Statistics:
            return Contract(
                tag: tag, summary: "What was counted of the requests for models, by every protocol",
                answer: "V2Statistics", errors: [404])
        case .v2Infer:
            return Contract(
                tag: tag,
                summary: "Run a tensor through a model: JSON, JSON with binary tensors behind it, or a tensor alone",
                body: "V2InferRequest", isBodyRequired: true, answer: "V2InferResponse", errors: [404, 504],
                isBinary: true)
        case .v2Index:
            return Contract(tag: tag, summary: "All models and versions", body: "V2Index", answer: "V2IndexList")
        case .v2Load:
            return Contract(
                tag: tag, summary: "Register a model from files in base64, or from the folder of models",
                body: "V2Load", errors: [404, 504, 507])
        case .v2Unload: return Contract(tag: tag, summary: "Remove a model", body: "V2Any", errors: [404])
        case .v2ReadLogging: return Contract(tag: tag, summary: "What is logged", answer: "V2Logging")
        case .v2ChangeLogging:
            return Contract(tag: tag, summary: "Change what is logged", body: "V2LoggingChange", answer: "V2Logging")
        case .v2ReadTrace: return Contract(tag: tag, summary: "Tracing, which is off", answer: "V2Any", errors: [404])
        case .v2ChangeTrace:
            return Contract(
                tag: tag, summary: "Tracing stays off: 501 for anything else", body: "V2Any", answer: "V2Any",
                errors: [404])
        case .v2SharedMemoryStatus:
            return Contract(
                tag: tag, summary: "Shared memory, which is off", answer: "V2Regions", errors: [404])
        case .v2RegisterSharedMemory:
            return Contract(tag: tag, summary: "Shared memory is off: 501", body: "V2Any", succeeds: false)
        case .v2UnregisterSharedMemory:
            return Contract(tag: tag, summary: "Shared memory is off: 501", body: "V2Any", succeeds: false)
        default: return nil
        }
    }

    private static func contractOfV1(_ operation: Operation) -> Contract? {
        let tag = "tensorflow serving"
        switch operation {
        case .v1ListModels: return Contract(tag: tag, summary: "The models' names", answer: "ModelNames")
        case .v1Status:
            return Contract(tag: tag, summary: "The state of a model's versions", answer: "V1Status", errors: [404])
        case .v1Metadata:
            return Contract(tag: tag, summary: "A model's signature", answer: "V2Any", errors: [404])
        case .v1Predict:
            return Contract(
                tag: tag, summary: "Run rows (instances) or a tensor (inputs) through a model", body: "V1Predict",
                isBodyRequired: true, answer: "V1Prediction", errors: [404, 504])
        case .v1Classify:
            return Contract(
                tag: tag, summary: "The scores of each example's classes", body: "V1Examples", isBodyRequired: true,
                answer: "V1Results", errors: [404, 504])
        case .v1Regress:
            return Contract(
                tag: tag, summary: "One value for each example", body: "V1Examples", isBodyRequired: true,
                answer: "V1Results", errors: [404, 504])
        case .ping: return Contract(tag: "hosts", summary: "Whether requests should be sent here", answer: "Health")
        case .invocations:
            return Contract(
                tag: "hosts",
                summary: "Run a tensor through the only or the default model, in the form of any protocol",
                body: "Invocation", isBodyRequired: true, answer: "V2Any", errors: [404, 406, 422, 504], isBinary: true)
        default: return nil
        }
    }
}
