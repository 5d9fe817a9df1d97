internal import FoundationEssentials

extension ModelRegistry {
    /// Registers every model file of a folder, named by its file's name without the ending, in the order of their names.
    /// Other files and folders are left alone.
    ///
    /// - Returns: The registered models.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for the first that is no model.
    @discardableResult
    package func loadFolder(_ path: String) throws(ModelStoreError) -> [Model] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .unreadableFile(path: path, reason: "\(error).")
        }
        var models: [Model] = []
        for entry in try ModelFolder.entries(names, in: path) { models.append(try load(entry)) }
        return models
    }

    /// Registers the model of one name from a folder, if it has one.
    ///
    /// - Returns: whether there is a file of the name.
    /// - Throws: as `loadFolder` does.
    package func reload(_ name: String, from path: String) throws(ModelStoreError) -> Bool {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .unreadableFile(path: path, reason: "\(error).")
        }
        let entries = try ModelFolder.entries(names.filter { $0.hasPrefix(name + ".") }, in: path)
        guard let entry = entries.first(where: { $0.name == name }) else { return false }
        _ = try load(entry)
        return true
    }

    private func load(_ entry: ModelFolder.Entry) throws(ModelStoreError) -> Model {
        try load(entry, as: entry.name)
    }

    /// Registers one file's model under a name.
    func load(_ entry: ModelFolder.Entry, as name: String) throws(ModelStoreError) -> Model {
        let document = try ModelDocument(path: entry.path, configurationPath: entry.configurationPath)
        do throws(ModelStoreError) { return try register(name, document).model } catch {
            throw .brokenFile(path: entry.path, error)
        }
    }
}

/// Which files of a folder are models.
enum ModelFolder {
    /// The endings of model files. The longer of two that fit counts.
    static let endings = [".weights.h5", ".json", ".keras", ".h5", ".hdf5", ".safetensors", ".npz", ".npy", ".onnx"]

    /// One model, and the file of its configuration where it has one of its own.
    struct Entry {
        let name: String
        let path: String
        let configurationPath: String?
    }

    /// The models by ascending name. `NAME.json` beside a file of weights is their configuration.
    ///
    /// - Throws: `brokenFile` for two files that would be one model.
    static func entries(_ names: [String], in folder: String) throws(ModelStoreError) -> [Entry] {
        var files: [String: [String]] = [:]
        for file in names.sorted() where !file.hasPrefix(".") {
            guard let ending = endings.first(where: file.hasSuffix) else { continue }
            files[String(file.dropLast(ending.count)), default: []].append(file)
        }
        var entries: [Entry] = []
        for (name, files) in files.sorted(by: { $0.key < $1.key }) {
            let weights = files.filter { !$0.hasSuffix(".json") }
            guard weights.count <= 1 else {
                throw .brokenFile(
                    path: "\(folder)/\(weights[1])",
                    .file(
                        .mismatch(
                            .zip,
                            message: "The model '\(name)' has two files. Expected one, received "
                                + weights.map(\.quoted).joined(separator: " and ") + ".")))
            }
            let configuration = files.first { $0.hasSuffix(".json") }
            guard let file = weights.first ?? configuration else { continue }
            entries.append(
                Entry(
                    name: name, path: "\(folder)/\(file)",
                    configurationPath: weights.isEmpty ? nil : configuration.map { "\(folder)/\($0)" }))
        }
        return entries
    }
}

extension ModelDocument {
    /// Reads a model from a file of any kind.
    ///
    /// - Parameter configurationPath: of a JSON file with the layers' configuration, for a file that holds weights only.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for what is wrong in it.
    package init(path: String, configurationPath: String? = nil) throws(ModelStoreError) {
        var options = ModelFileOptions()
        if let configurationPath { options.configuration = try Self.contents(configurationPath) }
        let bytes = try Self.contents(path)
        do throws(ModelStoreError) { try self.init(file: bytes, options) } catch {
            throw .brokenFile(path: path, error)
        }
    }

    private static func contents(_ path: String) throws(ModelStoreError) -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw .unreadableFile(path: path, reason: "\(error).")
        }
    }
}
