internal import AccessControl
internal import HTTPServer

/// Every call that gRPC clients can make. The only table of them: routing, access, metrics and what reflection lists are made
/// from it. The raw value is the path.
package enum GRPCMethod: String, CaseIterable, Sendable {
    case serverLive = "/inference.GRPCInferenceService/ServerLive"
    case serverReady = "/inference.GRPCInferenceService/ServerReady"
    case modelReady = "/inference.GRPCInferenceService/ModelReady"
    case serverMetadata = "/inference.GRPCInferenceService/ServerMetadata"
    case modelMetadata = "/inference.GRPCInferenceService/ModelMetadata"
    case modelInfer = "/inference.GRPCInferenceService/ModelInfer"
    case modelStreamInfer = "/inference.GRPCInferenceService/ModelStreamInfer"
    case modelConfig = "/inference.GRPCInferenceService/ModelConfig"
    case modelStatistics = "/inference.GRPCInferenceService/ModelStatistics"
    case repositoryIndex = "/inference.GRPCInferenceService/RepositoryIndex"
    case repositoryModelLoad = "/inference.GRPCInferenceService/RepositoryModelLoad"
    case repositoryModelUnload = "/inference.GRPCInferenceService/RepositoryModelUnload"
    case systemSharedMemoryStatus = "/inference.GRPCInferenceService/SystemSharedMemoryStatus"
    case systemSharedMemoryRegister = "/inference.GRPCInferenceService/SystemSharedMemoryRegister"
    case systemSharedMemoryUnregister = "/inference.GRPCInferenceService/SystemSharedMemoryUnregister"
    case cudaSharedMemoryStatus = "/inference.GRPCInferenceService/CudaSharedMemoryStatus"
    case cudaSharedMemoryRegister = "/inference.GRPCInferenceService/CudaSharedMemoryRegister"
    case cudaSharedMemoryUnregister = "/inference.GRPCInferenceService/CudaSharedMemoryUnregister"
    case traceSetting = "/inference.GRPCInferenceService/TraceSetting"
    case logSettings = "/inference.GRPCInferenceService/LogSettings"

    case predict = "/tensorflow.serving.PredictionService/Predict"
    case classify = "/tensorflow.serving.PredictionService/Classify"
    case regress = "/tensorflow.serving.PredictionService/Regress"
    case multiInference = "/tensorflow.serving.PredictionService/MultiInference"
    case getModelMetadata = "/tensorflow.serving.PredictionService/GetModelMetadata"
    case getModelStatus = "/tensorflow.serving.ModelService/GetModelStatus"
    case reloadConfig = "/tensorflow.serving.ModelService/HandleReloadConfigRequest"

    case healthCheck = "/grpc.health.v1.Health/Check"
    case healthWatch = "/grpc.health.v1.Health/Watch"
    case reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    case reflectionAlpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

    private static let byPath = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// The method of a request's path.
    init?(_ target: HTTPTarget) {
        if target.isPath("/inference.GRPCInferenceService/ModelInfer") {
            self = .modelInfer
            return
        }
        guard let method = Self.byPath[target.rawPath] else { return nil }
        self = method
    }

    /// The service, as health checks and reflection name it.
    package var service: String { String(rawValue.dropFirst().prefix { $0 != "/" }) }

    /// Every service, once.
    package static let services: [String] = {
        var names: [String] = []
        for method in allCases where !names.contains(method.service) { names.append(method.service) }
        return names
    }()

    /// Whether its messages come and go while the stream is open.
    var isStreamed: Bool {
        switch self {
        case .modelStreamInfer, .healthWatch, .reflection, .reflectionAlpha: true
        case .serverLive, .serverReady, .modelReady, .serverMetadata, .modelMetadata, .modelInfer, .modelConfig,
            .modelStatistics, .repositoryIndex, .repositoryModelLoad, .repositoryModelUnload,
            .systemSharedMemoryStatus, .systemSharedMemoryRegister, .systemSharedMemoryUnregister,
            .cudaSharedMemoryStatus, .cudaSharedMemoryRegister, .cudaSharedMemoryUnregister, .traceSetting,
            .logSettings, .predict, .classify, .regress, .multiInference, .getModelMetadata, .getModelStatus,
            .reloadConfig, .healthCheck:
            false
        }
    }

    /// The roles of which one is needed, nil where anybody may: those of the same operation by REST.
    var roles: AccessRoles? {
        switch self {
        case .serverLive, .serverReady, .serverMetadata, .healthCheck, .healthWatch, .reflection, .reflectionAlpha: nil
        case .modelInfer, .modelStreamInfer, .predict, .classify, .regress, .multiInference: .infer
        case .modelReady, .modelMetadata, .modelConfig, .repositoryIndex, .getModelMetadata, .getModelStatus:
            [.infer, .register]
        case .modelStatistics: [.infer, .register, .metrics]
        case .repositoryModelLoad, .repositoryModelUnload: .register
        case .systemSharedMemoryStatus, .systemSharedMemoryRegister, .systemSharedMemoryUnregister,
            .cudaSharedMemoryStatus, .cudaSharedMemoryRegister, .cudaSharedMemoryUnregister, .traceSetting,
            .logSettings, .reloadConfig:
            .admin
        }
    }

    /// Whether it changes which models there are, what they do, or what the server does.
    var changesModels: Bool {
        switch self {
        case .repositoryModelLoad, .repositoryModelUnload, .logSettings, .reloadConfig: true
        case .serverLive, .serverReady, .modelReady, .serverMetadata, .modelMetadata, .modelInfer, .modelStreamInfer,
            .modelConfig, .modelStatistics, .repositoryIndex, .systemSharedMemoryStatus,
            .systemSharedMemoryRegister, .systemSharedMemoryUnregister, .cudaSharedMemoryStatus,
            .cudaSharedMemoryRegister, .cudaSharedMemoryUnregister, .traceSetting, .predict, .classify, .regress,
            .multiInference, .getModelMetadata, .getModelStatus, .healthCheck, .healthWatch, .reflection,
            .reflectionAlpha:
            false
        }
    }
}
