package import HTTPServer

/// Everything the service does, each a method on one or more paths. This is the only table of them: the router, the `Allow`
/// fields, the metrics' labels and the check of the OpenAPI document are made from it.
package enum Operation: Int, CaseIterable, Sendable {
    case describe
    case dense
    case listModels
    case readModel, registerModel, changeModel, removeModel
    case readVersion, removeVersion
    case downloadVersion
    case listLabels, setLabel, removeLabel
    case listAdapters, readAdapter, registerAdapter, removeAdapter
    case live, ready
    case metrics
    case openAPI

    // The Open Inference Protocol with Triton's extensions.
    case v2Describe, v2Live, v2Ready, v2ListModels
    case v2ReadModel, v2ModelReady, v2Configuration, v2Statistics, v2Infer
    case v2Index, v2Load, v2Unload
    case v2ReadLogging, v2ChangeLogging, v2ReadTrace, v2ChangeTrace
    case v2SharedMemoryStatus, v2RegisterSharedMemory, v2UnregisterSharedMemory

    // TensorFlow Serving's REST API.
    case v1ListModels, v1Status, v1Metadata, v1Predict, v1Classify, v1Regress

    // The contracts of containers at cloud hosts.
    case ping, invocations

    package var method: HTTPMethod {
        switch self {
        case .dense, .v2Infer, .v2Index, .v2Load, .v2Unload, .v2ChangeLogging, .v2ChangeTrace,
            .v2RegisterSharedMemory, .v2UnregisterSharedMemory, .v1Predict, .v1Classify, .v1Regress, .invocations:
            .post
        case .registerModel, .setLabel, .registerAdapter: .put
        case .changeModel: .patch
        case .removeModel, .removeVersion, .removeLabel, .removeAdapter: .delete
        case .describe, .listModels, .readModel, .readVersion, .downloadVersion, .listLabels, .listAdapters,
            .readAdapter, .live, .ready, .metrics, .openAPI,
            .v2Describe, .v2Live, .v2Ready, .v2ListModels, .v2ReadModel, .v2ModelReady, .v2Configuration, .v2Statistics,
            .v2ReadLogging, .v2ReadTrace, .v2SharedMemoryStatus, .v1ListModels, .v1Status, .v1Metadata, .ping:
            .get
        }
    }

    /// Where it is; the first path stands for the others in metrics.
    package var paths: [PathTemplate] {
        switch self {
        case .describe: [.root]
        case .dense: [.dense]
        case .listModels: [.models]
        case .readModel, .registerModel, .changeModel, .removeModel: [.model]
        case .readVersion, .removeVersion: [.version]
        case .downloadVersion: [.file]
        case .listLabels: [.labels]
        case .setLabel, .removeLabel: [.label]
        case .listAdapters: [.adapters, .versionAdapters]
        case .readAdapter, .registerAdapter, .removeAdapter: [.adapter, .versionAdapter]
        case .live: [.live]
        case .ready: [.ready]
        case .metrics: [.metrics]
        case .openAPI: [.openAPI]
        case .v2Describe: [.v2]
        case .v2Live: [.v2Live]
        case .v2Ready: [.v2Ready]
        case .v2ListModels: [.v2Models]
        case .v2ReadModel: [.v2Model, .v2Version]
        case .v2ModelReady: [.v2ModelReady, .v2VersionReady]
        case .v2Configuration: [.v2ModelConfiguration, .v2VersionConfiguration]
        case .v2Statistics: [.v2ModelStatistics, .v2VersionStatistics, .v2Statistics]
        case .v2Infer: [.v2ModelInfer, .v2VersionInfer]
        case .v2Index: [.v2Index]
        case .v2Load: [.v2Load]
        case .v2Unload: [.v2Unload]
        case .v2ReadLogging, .v2ChangeLogging: [.v2Logging]
        case .v2ReadTrace, .v2ChangeTrace: [.v2Trace, .v2ModelTrace]
        case .v2SharedMemoryStatus: [.systemMemory, .systemMemoryRegion, .cudaMemory, .cudaMemoryRegion]
        case .v2RegisterSharedMemory: [.registerSystemMemory, .registerCUDAMemory]
        case .v2UnregisterSharedMemory:
            [.unregisterSystemMemory, .unregisterAllSystemMemory, .unregisterCUDAMemory, .unregisterAllCUDAMemory]
        case .v1ListModels: [.v1Models]
        case .v1Status: [.v1Model, .v1Version, .v1Label]
        case .v1Metadata: [.v1Metadata, .v1VersionMetadata, .v1LabelMetadata]
        case .v1Predict: [.v1Predict, .v1VersionPredict, .v1LabelPredict]
        case .v1Classify: [.v1Classify, .v1VersionClassify, .v1LabelClassify]
        case .v1Regress: [.v1Regress, .v1VersionRegress, .v1LabelRegress]
        case .ping: [.ping]
        case .invocations: [.invocations]
        }
    }

    /// The path that stands for all.
    package var path: PathTemplate { paths.first ?? .root }

    /// Whether it belongs to TensorFlow Serving's API.
    var isV1: Bool {
        switch self {
        case .v1ListModels, .v1Status, .v1Metadata, .v1Predict, .v1Classify, .v1Regress: true
        default: false
        }
    }

    /// What the API is called in metrics that it belongs to.
    var api: String {
        switch self {
        case .describe, .dense, .listModels, .readModel, .registerModel, .changeModel, .removeModel, .readVersion,
            .removeVersion, .downloadVersion, .listLabels, .setLabel, .removeLabel, .listAdapters, .readAdapter,
            .registerAdapter, .removeAdapter, .live, .ready, .metrics, .openAPI:
            "dense"
        case .v2Describe, .v2Live, .v2Ready, .v2ListModels, .v2ReadModel, .v2ModelReady, .v2Configuration,
            .v2Statistics, .v2Infer, .v2Index, .v2Load, .v2Unload, .v2ReadLogging, .v2ChangeLogging, .v2ReadTrace,
            .v2ChangeTrace, .v2SharedMemoryStatus, .v2RegisterSharedMemory, .v2UnregisterSharedMemory:
            "v2"
        case .v1ListModels, .v1Status, .v1Metadata, .v1Predict, .v1Classify, .v1Regress: "v1"
        case .ping, .invocations: "host"
        }
    }

    /// Whether a request without a body is refused.
    var needsBody: Bool {
        switch self {
        case .dense, .registerModel, .changeModel, .setLabel, .registerAdapter, .v2Infer, .v1Predict, .v1Classify,
            .v1Regress, .invocations:
            true
        default: false
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
    case labels = "/models/{name}/labels"
    case label = "/models/{name}/labels/{label}"
    case adapters = "/models/{name}/adapters"
    case adapter = "/models/{name}/adapters/{adapter}"
    case versionAdapters = "/models/{name}/versions/{version}/adapters"
    case versionAdapter = "/models/{name}/versions/{version}/adapters/{adapter}"
    case live = "/health/live"
    case ready = "/health/ready"
    case metrics = "/metrics"
    case openAPI = "/openapi.json"

    case v2 = "/v2"
    case v2Live = "/v2/health/live"
    case v2Ready = "/v2/health/ready"
    case v2Models = "/v2/models"
    case v2Model = "/v2/models/{name}"
    case v2Version = "/v2/models/{name}/versions/{version}"
    case v2ModelReady = "/v2/models/{name}/ready"
    case v2VersionReady = "/v2/models/{name}/versions/{version}/ready"
    case v2ModelConfiguration = "/v2/models/{name}/config"
    case v2VersionConfiguration = "/v2/models/{name}/versions/{version}/config"
    case v2Statistics = "/v2/models/stats"
    case v2ModelStatistics = "/v2/models/{name}/stats"
    case v2VersionStatistics = "/v2/models/{name}/versions/{version}/stats"
    case v2ModelInfer = "/v2/models/{name}/infer"
    case v2VersionInfer = "/v2/models/{name}/versions/{version}/infer"
    case v2Index = "/v2/repository/index"
    case v2Load = "/v2/repository/models/{name}/load"
    case v2Unload = "/v2/repository/models/{name}/unload"
    case v2Logging = "/v2/logging"
    case v2Trace = "/v2/trace/setting"
    case v2ModelTrace = "/v2/models/{name}/trace/setting"
    case systemMemory = "/v2/systemsharedmemory/status"
    case systemMemoryRegion = "/v2/systemsharedmemory/region/{name}/status"
    case registerSystemMemory = "/v2/systemsharedmemory/region/{name}/register"
    case unregisterSystemMemory = "/v2/systemsharedmemory/region/{name}/unregister"
    case unregisterAllSystemMemory = "/v2/systemsharedmemory/unregister"
    case cudaMemory = "/v2/cudasharedmemory/status"
    case cudaMemoryRegion = "/v2/cudasharedmemory/region/{name}/status"
    case registerCUDAMemory = "/v2/cudasharedmemory/region/{name}/register"
    case unregisterCUDAMemory = "/v2/cudasharedmemory/region/{name}/unregister"
    case unregisterAllCUDAMemory = "/v2/cudasharedmemory/unregister"

    case v1Models = "/v1/models"
    case v1Model = "/v1/models/{name}"
    case v1Version = "/v1/models/{name}/versions/{version}"
    case v1Label = "/v1/models/{name}/labels/{label}"
    case v1Metadata = "/v1/models/{name}/metadata"
    case v1VersionMetadata = "/v1/models/{name}/versions/{version}/metadata"
    case v1LabelMetadata = "/v1/models/{name}/labels/{label}/metadata"
    case v1Predict = "/v1/models/{name}:predict"
    case v1VersionPredict = "/v1/models/{name}/versions/{version}:predict"
    case v1LabelPredict = "/v1/models/{name}/labels/{label}:predict"
    case v1Classify = "/v1/models/{name}:classify"
    case v1VersionClassify = "/v1/models/{name}/versions/{version}:classify"
    case v1LabelClassify = "/v1/models/{name}/labels/{label}:classify"
    case v1Regress = "/v1/models/{name}:regress"
    case v1VersionRegress = "/v1/models/{name}/versions/{version}:regress"
    case v1LabelRegress = "/v1/models/{name}/labels/{label}:regress"

    case ping = "/ping"
    case invocations = "/invocations"

    private static let table: [[Operation]] = allCases.map { path in
        Operation.allCases.filter { $0.paths.contains(path) }
    }
    private static let places = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// The operations on this path.
    package var operations: [Operation] { Self.places[self].map { Self.table[$0] } ?? [] }

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
