internal import AccessControl

extension Operation {
    /// The roles of which one is needed to do this, nil where anybody may. `admin` is always enough.
    ///
    /// Open is what says nothing of the models: health checks have no tokens, and the contract tells clients how to send one.
    /// Whoever registers models may remove them, too: by registering a newer version they take a model's place anyway.
    var roles: AccessRoles? {
        switch self {
        case .dense: .infer
        case .listModels, .readModel, .readVersion: [.infer, .register]
        case .registerModel, .changeModel, .removeModel, .removeVersion, .downloadVersion: .register
        case .metrics: .metrics
        case .describe, .openAPI, .live, .ready: nil
        }
    }

    /// Whether it changes which models there are, or what they do.
    var changesModels: Bool {
        switch self {
        case .registerModel, .changeModel, .removeModel, .removeVersion: true
        case .dense, .listModels, .readModel, .readVersion, .downloadVersion, .metrics, .describe, .openAPI, .live,
            .ready:
            false
        }
    }
}
