internal import DenseEngine
internal import Locks

extension ModelRegistry {
    /// Registers an adapter of a version: the latest, unless one is given. The same content under the same name is the same
    /// adapter again, and changes nothing. A version that a file of the folder of models brought is there for good from
    /// then on.
    ///
    /// - Returns: the version with its adapter, and whether that is new.
    /// - Throws: `invalidAdapter`, `unknownModel`, `unknownVersion`, `adapterTaken`, `tooManyAdapters`, `full`, what the
    ///   document's `build` and what `update` throw.
    package func registerAdapter(
        _ adapter: String, of name: String, version: Int? = nil, _ document: AdapterDocument
    ) throws(ModelStoreError) -> (model: Model, adapter: ModelAdapter, isNew: Bool) {
        guard Self.isValid(name: adapter) else { throw .invalidAdapter(adapter) }
        let model = try adaptable(name, version)
        // The costly part, before any lock is taken.
        return try register(document.build(adapter, for: model.network), of: model)
    }

    /// The version that gets an adapter.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`.
    package func adaptable(_ name: String, _ version: Int?) throws(ModelStoreError) -> Model {
        // Not by its content: it is this version's own.
        if let version { return try self.version(version, of: name) }
        guard let latest = try versions(of: name).last else { throw .unknownModel(name: name) }
        return latest
    }

    /// Registers an adapter that is laid out for the model.
    package func register(
        _ adapter: ModelAdapter, of model: Model
    ) throws(ModelStoreError) -> (model: Model, adapter: ModelAdapter, isNew: Bool) {
        guard Self.isValid(name: adapter.name) else { throw .invalidAdapter(adapter.name) }
        let isKnown = model.adapters[adapter.name]?.digest == adapter.digest
        let file = isKnown ? nil : try stage(adapter, of: model)
        let base = model.isFromFolder ? try stage(model.content, of: model.name) : nil
        defer {
            file?.discard()
            base?.discard()
        }
        return try update(model.name) { catalog, change throws(ModelStoreError) in
            var current = try catalog.model(named: model.name, version: model.version)
            if let lost = change.lostAdapter(adapter.name, of: model.version) {
                guard lost.digest == adapter.digest else {
                    throw .adapterTaken(name: model.name, version: model.version, adapter: adapter.name)
                }
                change.removeLostAdapter(adapter.name, of: model.version)
            }
            if let existing = current.adapters[adapter.name] {
                guard existing.digest == adapter.digest else {
                    throw .adapterTaken(name: model.name, version: model.version, adapter: adapter.name)
                }
                return (current, existing, false)
            }
            if current.isFromFolder {
                try place(base, current, &change)
                catalog.keep(current)
            }
            try catalog.add(adapter, of: model.name, version: model.version, limit: maximumBytes)
            try place(file, adapter, of: current, &change)
            current = try catalog.model(named: model.name, version: model.version)
            return (current, adapter, true)
        }
    }

    /// Removes an adapter; its name is free again. Requests that run with it finish.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`, `unknownAdapter`, and what `update` throws.
    package func removeAdapter(_ adapter: String, of name: String, version: Int? = nil) throws(ModelStoreError) {
        let model = try adaptable(name, version)
        try update(name) { catalog, change throws(ModelStoreError) in
            if change.removeLostAdapter(adapter, of: model.version) { return }
            try catalog.removeAdapter(adapter, of: name, version: model.version)
        }
    }

    /// How many adapters all versions have.
    package var adapterCount: Int {
        own.catalog.withLock { $0.entries }.values.reduce(0) { sum, entry in
            sum + entry.versions.reduce(0) { $0 + $1.adapters.count }
        }
    }

    // MARK: Files

    private func stage(_ adapter: ModelAdapter, of model: Model) throws(ModelStoreError) -> StagedFile? {
        guard let folder else { return nil }
        try durable.withLock { durable throws(ModelStoreError) in try durable?.requireChangeable(model.name) }
        let bytes = adapter.stored
        // As the next start will read it.
        _ = try ModelAdapter.stored(bytes, named: adapter.name, for: model.network, digest: adapter.digest)
        return StagedFile(staged: try folder.stage(bytes, of: model.name), folder: folder)
    }

    private func place(
        _ file: StagedFile?, _ adapter: ModelAdapter, of model: Model, _ change: inout StoredChange
    ) throws(ModelStoreError) {
        guard let folder else { return }
        let staged = if let file { file.staged } else { try folder.stage(adapter.stored, of: model.name) }
        change.place(staged, as: model.version, adapter: adapter.name)
    }
}

extension ModelCatalog {
    /// How many adapters a version may have.
    static let maximumAdapters = 1_024

    /// What an adapter costs: its factors, and as much besides as a version.
    static func cost(of adapter: ModelAdapter) -> Int { versionOverhead + adapter.byteCount }

    /// Gives a version another adapter.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`, `tooManyAdapters`, `full`.
    mutating func add(
        _ adapter: ModelAdapter, of name: String, version: Int, limit: Int
    ) throws(ModelStoreError) {
        var model = try model(named: name, version: version)
        guard model.adapters.count < Self.maximumAdapters else {
            throw .tooManyAdapters(name: name, version: version, limit: Self.maximumAdapters)
        }
        try charge(Self.cost(of: adapter), limit: limit)
        model.adapters[adapter.name] = adapter
        replace(model)
    }

    /// - Throws: `unknownModel`, `unknownVersion`, `unknownAdapter`.
    mutating func removeAdapter(_ adapter: String, of name: String, version: Int) throws(ModelStoreError) {
        var model = try model(named: name, version: version)
        discharge(Self.cost(of: try model.adapter(named: adapter)))
        model.adapters[adapter] = nil
        replace(model)
    }
}
