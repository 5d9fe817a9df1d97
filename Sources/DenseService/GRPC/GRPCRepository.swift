internal import GRPCMessages
internal import ModelStore
internal import SwiftProtobuf

/// Triton's model repository extension, as `/v2/repository` has it.
enum GRPCRepository {
    static func index(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_RepositoryIndexRequest.self, message)
        try requireNoName(request.repositoryName)
        // All that is registered is ready.
        return Inference_RepositoryIndexResponse.with { response in
            response.models = service.models.all.flatMap(\.versions).map { model in
                .with { entry in
                    entry.name = model.name
                    entry.version = String(model.version)
                    entry.state = "READY"
                }
            }
        }
    }

    static func load(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_RepositoryModelLoadRequest.self, message)
        try requireNoName(request.repositoryName)
        let model = request.modelName
        var config: String?
        var files: [(name: String, content: [UInt8])] = []
        for (name, parameter) in request.parameters {
            switch parameter.parameterChoice {
            case .stringParam(let text)? where name == "config": config = text
            case .bytesParam(let bytes)? where name.hasPrefix("file:"):
                files.append((String(name.dropFirst("file:".count)), Array(bytes)))
            default:
                throw APIError(
                    V2Error.invalidParameter(name, expected: "config as a text, or file:PATH with the file's bytes"))
            }
        }
        // The files, their tensors and packed copies.
        try service.holding(bytes: Service.bytes(message.count, times: 9)) { () throws(APIError) in
            try V2Load(config: config, files: files, model: model)
                .register(as: model, in: service.models, folder: service.configuration.modelFolder)
        }
        return Inference_RepositoryModelLoadResponse()
    }

    static func unload(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_RepositoryModelUnloadRequest.self, message)
        try requireNoName(request.repositoryName)
        try V2Repository.unload(request.modelName, in: service.models)
        return Inference_RepositoryModelUnloadResponse()
    }

    private static func requireNoName(_ repository: String) throws(APIError) {
        guard repository.isEmpty else { throw APIError(V2Error.repositoryName) }
    }
}
