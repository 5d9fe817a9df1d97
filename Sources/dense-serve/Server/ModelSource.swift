import FoundationEssentials
package import ModelStore

/// Where the models come from that are loaded before the port opens.
package enum ModelSource: Hashable, Sendable {
    case none
    /// A folder of model files, each called as its file.
    case folder(String)
    /// A folder that a host filled, whose one file is the one model.
    case mount(String, name: String?)

    /// Where hosts put models: KServe's storage initializer, and SageMaker.
    package static let mounts = ["/mnt/models", "/opt/ml/model"]

    /// What the settings mean. The default folder may be missing; a mount takes its place.
    package init(_ settings: ServerSettings, mounts: [String] = ModelSource.mounts) {
        let name = settings.modelName.isEmpty ? nil : settings.modelName
        let folder = settings.models
        if folder == ServerSettings.defaultModels {
            if let mount = mounts.first(where: Self.hasFiles) {
                self = .mount(mount, name: name)
            } else {
                self = FileManager.default.fileExists(atPath: folder) ? .folder(folder) : .none
            }
        } else if folder.isEmpty {
            self = .none
        } else {
            self = name == nil && !mounts.contains(folder) ? .folder(folder) : .mount(folder, name: name)
        }
    }

    private static func hasFiles(_ path: String) -> Bool {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).contains { !$0.hasPrefix(".") }
    }

    /// The folder; nil for none.
    package var path: String? {
        switch self {
        case .none: nil
        case .folder(let path), .mount(let path, _): path
        }
    }

    /// Registers all that is there.
    package func load(into registry: ModelRegistry) throws(ModelStoreError) -> [Model] {
        switch self {
        case .none: []
        case .folder(let path): try registry.loadFolder(path)
        case .mount(let path, let name): try registry.loadMount(path, name: name)
        }
    }
}
