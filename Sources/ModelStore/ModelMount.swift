internal import FoundationEssentials

// Folders as hosts of models lay them out: KServe's storage initializer at `/mnt/models`, SageMaker at `/opt/ml/model`.

extension ModelRegistry {
    /// Registers what a host has put into a folder:
    ///
    ///     mount/model.keras              one model, called as the host says, or else as the file
    ///     mount/1/model.keras            its versions, in TensorFlow Serving's layout
    ///     mount/NAME/model.keras         several models, called as their folders
    ///     mount/NAME/1/model.keras
    ///
    /// Versions are given out in the order of the folders' numbers.
    ///
    /// - Parameter name: of a model that lies in no folder of its own; nil for the file's name.
    /// - Returns: The registered models.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for the first that is no model.
    @discardableResult
    package func loadMount(_ path: String, name: String? = nil) throws(ModelStoreError) -> [Model] {
        let contents = try Self.contents(path)
        let entries = try ModelFolder.entries(contents.files, in: path)
        if entries.count == 1, let name {
            return try load(ModelFolder.entries(contents.files, in: path, as: name))
        }
        var models = try load(entries)
        models += try loadVersions(contents.folders, of: name ?? "model", in: path)
        for folder in contents.folders where Int(folder) == nil && Self.isValid(name: folder) {
            let own = "\(path)/\(folder)"
            let inner = try Self.contents(own)
            let files = try ModelFolder.entries(inner.files, in: own, as: folder)
            // Of several files in a folder none could be called as the folder is.
            if files.count == 1 { models += try load(files) }
            models += try loadVersions(inner.folders, of: folder, in: own)
        }
        return models
    }

    /// Registers the model of each folder that is called by a number.
    private func loadVersions(
        _ folders: [String], of name: String, in path: String
    ) throws(ModelStoreError) -> [Model] {
        var models: [Model] = []
        for number in folders.compactMap({ Int($0) }).sorted() {
            let own = "\(path)/\(number)"
            guard let files = try? Self.contents(own).files else { continue }
            let entries = try ModelFolder.entries(files, in: own, as: name)
            if entries.count == 1 { models += try load(entries) }
        }
        return models
    }

    private func load(_ candidates: [ModelCandidate]) throws(ModelStoreError) -> [Model] {
        var models: [Model] = []
        for candidate in candidates {
            if let model = try load(candidate) { models.append(model) }
        }
        return models
    }

    /// The files and the folders of a folder.
    private static func contents(
        _ path: String
    ) throws(ModelStoreError) -> (files: [String], folders: [String]) {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .unreadableFile(path: path, reason: "\(error).")
        }
        var files: [String] = []
        var folders: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            var isFolder = false
            guard FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder) else { continue }
            if isFolder { folders.append(name) } else { files.append(name) }
        }
        return (files, folders)
    }
}
