internal import AccessControl

extension Operation {
    /// The roles of which one is needed to do this, nil where anybody may. `admin` is always enough.
    ///
    /// Open is what says nothing of the models: health checks have no tokens, and the contract tells clients how to send one.
    /// Whoever registers models may remove them, too: by registering a newer version they take a model's place anyway.
    var roles: AccessRoles? {
        switch self {
        case .dense, .v2Infer, .v1Predict, .v1Classify, .v1Regress, .invocations: .infer
        case .listModels, .readModel, .readVersion, .listLabels, .listAdapters, .readAdapter, .v2ListModels,
            .v2ReadModel, .v2ModelReady,
            .v2Configuration,
            .v2Index, .v1ListModels, .v1Status, .v1Metadata:
            [.infer, .register]
        case .registerModel, .changeModel, .removeModel, .removeVersion, .downloadVersion, .setLabel, .removeLabel,
            .registerAdapter, .removeAdapter, .v2Load, .v2Unload:
            .register
        case .metrics: .metrics
        case .v2Statistics: [.infer, .register, .metrics]
        case .v2ReadLogging, .v2ChangeLogging, .v2ReadTrace, .v2ChangeTrace, .v2SharedMemoryStatus,
            .v2RegisterSharedMemory, .v2UnregisterSharedMemory:
            .admin
        case .describe, .openAPI, .live, .ready, .v2Describe, .v2Live, .v2Ready, .ping: nil
        }
    }

    /// Whether it changes which models there are, what they do, or what the server does.
    var changesModels: Bool {
        switch self {
        case .registerModel, .changeModel, .removeModel, .removeVersion, .setLabel, .removeLabel, .registerAdapter,
            .removeAdapter, .v2Load, .v2Unload, .v2ChangeLogging:
            true
        case .dense, .listModels, .readModel, .readVersion, .downloadVersion, .listLabels, .listAdapters, .readAdapter,
            .metrics, .describe,
            .openAPI, .live,
            .ready, .v2Describe, .v2Live, .v2Ready, .v2ListModels, .v2ReadModel, .v2ModelReady, .v2Configuration,
            .v2Statistics, .v2Infer, .v2Index, .v2ReadLogging, .v2ReadTrace, .v2ChangeTrace, .v2SharedMemoryStatus,
            .v2RegisterSharedMemory, .v2UnregisterSharedMemory, .v1ListModels, .v1Status, .v1Metadata, .v1Predict,
            .v1Classify, .v1Regress, .ping, .invocations:
            false
        }
    }
}
