import Logging
import ModelStore

/// The models a server starts with, and those that come to its folder later.
struct ModelSetup: Sendable {
    private let settings: ServerSettings
    private let logger: Logger

    init(_ settings: ServerSettings, _ logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// The registry with all that the data folder and the folder of models hold, and who looks after the latter.
    ///
    /// - Parameter patience: how long to wait for another process that has the data folder, in milliseconds.
    func load(patience: Int) throws(ModelStoreError) -> (registry: ModelRegistry, watcher: FolderWatcher?) {
        let folder = settings.data.isEmpty ? nil : try StoreFolder(settings.data, patience: patience)
        let registry = ModelRegistry(maximumBytes: settings.maxModelBytes, folder: folder)
        if folder != nil {
            tell(of: try registry.restore())
            logger.info(
                "models restored",
                metadata: [
                    "folder": "\(settings.data)", "versions": .stringConvertible(registry.usage.versions),
                    "bytes": .stringConvertible(registry.storage?.bytes ?? 0),
                ])
        }
        let source = ModelSource(settings)
        guard let path = source.path else { return (registry, nil) }
        var watcher: FolderWatcher?
        if case .folder = source, settings.watch {
            watcher = FolderWatcher(path, registry) { tell(of: $0) }
            watcher?.loadAll()
        } else {
            for model in try source.load(into: registry) { tell(of: .loaded(model, path: path)) }
        }
        try registry.forgetMissingFiles()
        return (registry, watcher)
    }

    private func tell(of event: FolderWatcher.Event) {
        switch event {
        case .loaded(let model, let path):
            logger.info(
                "model loaded",
                metadata: [
                    "model": "\(model.name)", "version": .stringConvertible(model.version), "from": "\(path)",
                    "sha256": "\(model.content.digest.hexadecimal)",
                ])
        case .failed(let name, let path, let reason):
            logger.error(
                "a model could not be loaded, and what was there stays",
                metadata: ["model": "\(name)", "from": "\(path)", "reason": "\(reason)"])
        case .withdrawn(let name, let version, let path):
            logger.info(
                "a model's file is gone, and its version with it",
                metadata: ["model": "\(name)", "version": .stringConvertible(version), "from": "\(path)"])
        case .unreadable(let reason):
            logger.error("the folder of models cannot be read", metadata: ["reason": "\(reason)"])
        }
    }

    /// Logs what of the data folder cannot be used.
    func tell(of damages: [StoredDamage]) {
        for damage in damages {
            var metadata: Logger.Metadata = ["model": "\(damage.name)", "reason": "\(damage.reason)"]
            if let version = damage.version { metadata["version"] = .stringConvertible(version) }
            logger.error("a stored model is damaged and left out", metadata: metadata)
        }
    }
}
