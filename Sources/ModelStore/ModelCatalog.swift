internal import DenseEngine

/// Everything that is registered at one moment: a value. `ModelRegistry` swaps it as a whole, so a reader sees either all
/// of a change or nothing of it.
struct ModelCatalog: Sendable {
    /// What a version costs besides its content: configuration, names, bookkeeping. Charged so that many small models
    /// cannot grow the store without bound either.
    static let versionOverhead = 4096

    /// How many removed names are remembered with the version they come back at.
    static let maximumRemovedNames = 65_536

    /// The versions under one name, ascending and never empty.
    struct Entry: Sendable {
        var versions: [Model]
        var nextVersion: Int
    }

    /// One content and the versions that have it, never none.
    private struct Holding: Sendable {
        let content: ModelContent
        var holders: [Holder]
    }

    private struct Holder: Equatable, Sendable {
        let name: String
        let version: Int
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var byteCount = 0
    private var holdings: [ModelDigest: Holding] = [:]

    /// The next version of names that were removed. When there are too many of them they are forgotten, and
    /// `firstVersion`, the first version of an unknown name, rises above all they had: no version comes back.
    private var removedNames: [String: Int] = [:]
    private var firstVersion = 1

    // MARK: Reading

    func model(named name: String, version: Int?) throws(ModelStoreError) -> Model {
        guard let versions = entries[name]?.versions, let latest = versions.last else {
            throw .unknownModel(name: name)
        }
        guard let version else { return latest }
        guard let index = versions.firstIndex(where: { $0.version == version }) else {
            throw .unknownVersion(name: name, version: version, available: versions.map(\.version))
        }
        return versions[index]
    }

    /// The first registered version with this content, of those that are left.
    func model(with digest: ModelDigest) -> Model? {
        guard let holder = holdings[digest]?.holders.first else { return nil }
        return entries[holder.name]?.versions.first { $0.version == holder.version }
    }

    /// Throws `full` when another `bytes` would not fit `limit`.
    func requireRoom(for bytes: Int, limit: Int) throws(ModelStoreError) {
        let (total, overflow) = byteCount.addingReportingOverflow(bytes)
        guard !overflow, total <= limit else { throw .full(limit: limit, used: byteCount, needed: bytes) }
    }

    // MARK: Changing

    /// Adds a version, unless the name has one with this content already. `batching`, if there is any, counts for either.
    mutating func register(
        _ content: ModelContent, as name: String, batching: BatchOptions?, limit: Int
    ) throws(ModelStoreError) -> (model: Model, isNew: Bool) {
        let entry = entries[name]
        if let index = entry?.versions.firstIndex(where: { $0.content.digest == content.digest }),
            var existing = entry?.versions[index]
        {
            existing.batching = batching ?? existing.batching
            entries[name]?.versions[index] = existing
            return (existing, false)
        }
        var holding = holdings[content.digest] ?? Holding(content: content, holders: [])
        let cost = Self.versionOverhead + (holding.holders.isEmpty ? content.byteCount : 0)
        try requireRoom(for: cost, limit: limit)

        let version = entry?.nextVersion ?? removedNames[name] ?? firstVersion
        var model = Model(name: name, version: version, content: holding.content)
        model.batching = batching ?? BatchOptions()
        entries[name] = Entry(versions: (entry?.versions ?? []) + [model], nextVersion: version + 1)
        holding.holders.append(Holder(name: name, version: version))
        holdings[content.digest] = holding
        removedNames[name] = nil
        byteCount += cost
        return (model, true)
    }

    /// Removes one version, or all of them.
    mutating func remove(_ name: String, version: Int?) throws(ModelStoreError) {
        let last = try model(named: name, version: version)
        guard var entry = entries[name] else { return }
        let removed = version == nil ? entry.versions : [last]
        entry.versions.removeAll { model in removed.contains { $0.version == model.version } }
        for model in removed { release(model) }
        if entry.versions.isEmpty {
            entries[name] = nil
            remember(name, nextVersion: entry.nextVersion)
        } else {
            entries[name] = entry
        }
    }

    /// Changes every version under a name.
    mutating func change(_ name: String, _ body: (inout Model) -> Void) throws(ModelStoreError) {
        guard var entry = entries[name] else { throw .unknownModel(name: name) }
        for index in entry.versions.indices { body(&entry.versions[index]) }
        entries[name] = entry
    }

    private mutating func release(_ model: Model) {
        let digest = model.content.digest
        byteCount -= Self.versionOverhead
        guard var holding = holdings[digest] else { return }
        holding.holders.removeAll { $0 == Holder(name: model.name, version: model.version) }
        if holding.holders.isEmpty {
            holdings[digest] = nil
            byteCount -= model.content.byteCount
        } else {
            holdings[digest] = holding
        }
    }

    private mutating func remember(_ name: String, nextVersion: Int) {
        removedNames[name] = nextVersion
        if removedNames.count > Self.maximumRemovedNames {
            firstVersion = removedNames.values.reduce(firstVersion, max)
            removedNames = [:]
        }
    }
}
