internal import DenseEngine
internal import FileReading

extension ModelRegistry {
    /// Registers every model of a folder once, in the order of their names: files named for their models, and folders with
    /// folders of versions. Other files and folders are left alone.
    ///
    /// - Returns: The registered models.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for the first that is no model.
    @discardableResult
    package func loadFolder(_ path: String) throws(ModelStoreError) -> [Model] {
        try load(ModelFolder.candidates(in: path))
    }

    /// Registers candidates one after the other.
    func load(_ candidates: [ModelCandidate]) throws(ModelStoreError) -> [Model] {
        var models: [Model] = []
        for candidate in candidates {
            if let model = try load(candidate) { models.append(model) }
        }
        return models
    }

    /// Registers the model of one name from a folder for good, whatever a client removed before, if it has one.
    ///
    /// - Returns: whether there is a file of the name.
    /// - Throws: as `loadFolder` does.
    package func reload(_ name: String, from path: String) throws(ModelStoreError) -> Bool {
        let candidates = try ModelFolder.candidates(in: path).filter { $0.key.name == name }
        for candidate in candidates {
            let document = try ModelDocument(candidate)
            do throws(ModelStoreError) { _ = try register(name, document) } catch {
                throw .brokenFile(path: candidate.path, error)
            }
        }
        return !candidates.isEmpty
    }

    /// Nil for what is not to be loaded: clients have removed it, or the store's own damage is in the way.
    func load(_ candidate: ModelCandidate) throws(ModelStoreError) -> Model? {
        let name = candidate.key.name
        do throws(ModelStoreError) {
            let document = try ModelDocument(candidate)
            try requireValid(name: name)
            let content = ModelContent(try document.build())
            return try registerFile(name, content, batching: document.batching, version: candidate.key.version).model
        } catch {
            switch error {
            case .damagedModel: return nil
            case .brokenFile, .unreadableFile: throw error
            default: throw .brokenFile(path: candidate.path, error)
            }
        }
    }
}

/// Which files of a folder are models.
enum ModelFolder {
    /// The endings of model files. The longer of two that fit counts.
    static let endings = [".weights.h5", ".json", ".keras", ".h5", ".hdf5", ".safetensors", ".npz", ".npy", ".onnx"]

    /// The models by ascending name and version: `NAME.ENDING`, and `NAME/3/ANYTHING.ENDING` for a version. `NAME.json`
    /// beside a file of weights is their configuration.
    ///
    /// - Throws: `unreadableFile`.
    static func candidates(in folder: String) throws(ModelStoreError) -> [ModelCandidate] {
        let listing = try FolderListing(folder)
        var candidates = files(in: listing).map { ModelCandidate($0, as: .init(name: $0.name, version: nil)) }
        for name in listing.folders {
            guard let own = try? FolderListing("\(folder)/\(name)") else { continue }
            candidates += versions(of: name, in: own)
        }
        return candidates.sorted { $0.key < $1.key }
    }

    /// The versions of a model by ascending number: folders called by one, with a model in it.
    static func versions(of name: String, in listing: FolderListing) -> [ModelCandidate] {
        listing.versions.compactMap { version, path in
            guard let inside = try? FolderListing(path) else { return nil }
            let found = files(in: inside)
            guard let first = found.first else { return nil }
            var candidate = ModelCandidate(first, as: .init(name: name, version: version))
            if found.count > 1 {
                candidate.problem =
                    "A version's folder must hold one model. Expected one in \(path), received \(found.count)."
            } else if version < 1 {
                candidate.problem =
                    "A version's folder must be called by a number above zero. Expected 1 or more, received \(path)."
            }
            return candidate
        }
    }

    /// The models that a folder's files are, each called as its file or by another name.
    static func entries(_ listing: FolderListing, as name: String? = nil) -> [ModelCandidate] {
        files(in: listing).map { ModelCandidate($0, as: .init(name: name ?? $0.name, version: nil)) }
    }

    /// The folder itself, and those in it that hold versions or may come to.
    static func folders(in folder: String) -> [String] {
        let names = (try? FolderListing(folder))?.folders ?? []
        return [folder]
            + names.map { "\(folder)/\($0)" }.flatMap { path in
                [path] + ((try? FolderListing(path))?.versions.map(\.path) ?? [])
            }
    }

    /// What a candidate's files are now.
    static func identities(of paths: [String]) -> [FileIdentity] { paths.compactMap { FileIdentity($0) } }

    /// One model's files, and what is wrong with them.
    struct Files {
        let name: String
        let path: String
        var configurationPath: String?
        var problem: String?
    }

    private static func files(in listing: FolderListing) -> [Files] {
        let folder = listing.path
        var files: [String: [String]] = [:]
        for file in listing.files {
            guard let ending = endings.first(where: file.hasSuffix) else { continue }
            files[String(file.dropLast(ending.count)), default: []].append(file)
        }
        return files.sorted { $0.key < $1.key }.compactMap { name, files -> Files? in
            let weights = files.filter { !$0.hasSuffix(".json") }
            let configuration = files.first { $0.hasSuffix(".json") }
            guard let file = weights.first ?? configuration else { return nil }
            var model = Files(name: name, path: "\(folder)/\(file)")
            if !weights.isEmpty { model.configurationPath = configuration.map { "\(folder)/\($0)" } }
            if weights.count > 1 {
                model.problem =
                    "The model '\(name)' has two files. Expected one, received "
                    + weights.map(\.quoted).joined(separator: " and ") + "."
            }
            return model
        }
    }
}

extension ModelCandidate {
    init(_ files: ModelFolder.Files, as key: Key) {
        self.init(
            key: key, path: files.path, configurationPath: files.configurationPath,
            files: ModelFolder.identities(of: [files.path] + (files.configurationPath.map { [$0] } ?? [])))
        problem = files.problem
    }

    /// What is wrong with how the files lie.
    var error: ModelStoreError? {
        problem.map { .brokenFile(path: path, .file(.mismatch(.zip, message: $0))) }
    }
}

extension ModelDocument {
    /// Reads a candidate's files.
    ///
    /// - Parameter progress: is told which part of the model's file was read, 0 to 1.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for what is wrong in it.
    init(_ candidate: ModelCandidate, progress: (Double) -> Void = { _ in }) throws(ModelStoreError) {
        if let error = candidate.error { throw error }
        try self.init(path: candidate.path, configurationPath: candidate.configurationPath, progress: progress)
    }

    /// Reads a model from a file of any kind.
    ///
    /// - Parameters:
    ///   - configurationPath: of a JSON file with the layers' configuration, for a file that holds weights only.
    ///   - progress: is told which part of the model's file was read, 0 to 1.
    /// - Throws: `unreadableFile`, and `brokenFile` naming the file for what is wrong in it.
    package init(
        path: String, configurationPath: String? = nil, progress: (Double) -> Void = { _ in }
    ) throws(ModelStoreError) {
        var options = ModelFileOptions()
        if let configurationPath { options.configuration = try Self.contents(configurationPath) }
        let bytes = try Self.contents(path, progress)
        do throws(ModelStoreError) { try self.init(file: bytes, options) } catch {
            throw .brokenFile(path: path, error)
        }
    }

    private static func contents(
        _ path: String, _ progress: (Double) -> Void = { _ in }
    ) throws(ModelStoreError) -> [UInt8] {
        do throws(FileError) { return try WholeFile.read(path, progress: progress) } catch {
            throw .unreadableFile(path: path, reason: error.description)
        }
    }
}
