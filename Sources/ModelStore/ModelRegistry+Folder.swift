internal import DenseEngine
internal import FoundationEssentials
internal import Locks

// What the registry takes from files of the folder of models: there for as long as its file is, unless a client asks for it
// to be there for good, by registering the same content or by a label.

extension ModelRegistry {
    /// What became of a file.
    package enum FileOutcome: Sendable {
        /// It brought a version.
        case registered(Model)
        /// The model has its content already, from elsewhere or from before.
        case known(Model)
        /// A client has removed what it brings.
        case dismissed
    }

    /// Registers what a file brings.
    ///
    /// - Parameters:
    ///   - version: the number that the file's folder asks for.
    ///   - replacing: the version that the file brought before; it goes, unless it is there for good.
    /// - Throws: as `register`, and `versionTaken`.
    func registerFile(
        _ name: String, _ content: ModelContent, batching: BatchOptions? = nil, version: Int? = nil,
        replacing former: Int? = nil
    ) throws(ModelStoreError) -> FileOutcome {
        try requireValid(name: name)
        return try update(name) { catalog, change throws(ModelStoreError) in
            let outcome: FileOutcome
            if change.dismissed.contains(content.digest) {
                outcome = .dismissed
            } else if let stored = change.claim(content.digest, version: version) {
                outcome = .registered(try catalog.insert(content, as: name, stored, limit: maximumBytes))
            } else {
                let (model, isNew) = try catalog.register(
                    content, as: name, batching: batching, from: .folder(version: version), limit: maximumBytes)
                outcome = isNew ? .registered(model) : .known(model)
            }
            if let former, outcome.model?.version != former {
                _ = try catalog.withdraw(name, version: former)
            }
            return outcome
        }
    }

    /// Removes the version that a file brought which is not there any more, unless it is there for good.
    ///
    /// - Returns: Whether it went.
    func withdraw(_ name: String, version: Int) throws(ModelStoreError) -> Bool {
        try update(name) { catalog, _ throws(ModelStoreError) in try catalog.withdraw(name, version: version) }
    }

    /// Gives up the versions that no file of the folder has brought again since the start.
    package func forgetMissingFiles() throws(ModelStoreError) {
        let names = durable.withLock { $0?.awaiting ?? [] }
        for name in names {
            try update(name) { _, change throws(ModelStoreError) in change.absent.removeAll(where: \.isFromFolder) }
        }
    }
}

extension ModelRegistry.FileOutcome {
    /// The version that has the file's content, if one has.
    package var model: Model? {
        switch self {
        case .registered(let model), .known(let model): model
        case .dismissed: nil
        }
    }
}

extension ModelCatalog {
    /// Removes a version that is there only for as long as its file is. Returns whether it was.
    mutating func withdraw(_ name: String, version: Int) throws(ModelStoreError) -> Bool {
        guard let entry = entries[name], entry.labels(of: version).isEmpty,
            entry.versions.first(where: { $0.version == version })?.isFromFolder == true
        else { return false }
        try remove(name, version: version)
        return true
    }
}
