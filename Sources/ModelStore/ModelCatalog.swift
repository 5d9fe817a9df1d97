internal import DenseEngine

/// Everything that is registered at one moment: a value. `ModelRegistry` swaps it as a whole, so a reader sees either all
/// of a change or nothing of it.
struct ModelCatalog: Sendable {
    /// What a version costs besides its content: configuration, names, bookkeeping. Charged so that many small models
    /// cannot grow the store without bound either.
    static let versionOverhead = 4096

    /// The greatest number a version may be given.
    static let maximumVersion = 1 << 53

    /// How many labels a model may have.
    static let maximumLabels = 1_024

    /// The versions under one name, ascending and never empty, and the labels that lead to some of them.
    struct Entry: Sendable {
        var versions: [Model]
        var nextVersion: Int
        var labels: [String: Int] = [:]

        /// The labels of one version, ascending.
        func labels(of version: Int) -> [String] { labels.filter { $0.value == version }.keys.sorted() }
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
    private(set) var firstVersion: Int
    /// How many removed names are remembered with the version they come back at.
    let rememberedNames: Int

    init(firstVersion: Int = 1, rememberedNames: Int) {
        self.firstVersion = firstVersion
        self.rememberedNames = rememberedNames
    }

    // MARK: Reading

    /// The version that a name's next registration gets.
    func nextVersion(of name: String) -> Int {
        entries[name]?.nextVersion ?? max(removedNames[name] ?? 1, firstVersion)
    }

    /// Every content that is registered.
    var contents: [ModelDigest: ModelContent] { holdings.mapValues(\.content) }

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

    func model(named name: String, label: String) throws(ModelStoreError) -> Model {
        guard let entry = entries[name] else { throw .unknownModel(name: name) }
        guard let version = entry.labels[label] else {
            throw .unknownLabel(name: name, label: label, available: entry.labels.keys.sorted())
        }
        return try model(named: name, version: version)
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

    /// Counts more bytes.
    ///
    /// - Throws: `full`.
    mutating func charge(_ bytes: Int, limit: Int) throws(ModelStoreError) {
        try requireRoom(for: bytes, limit: limit)
        byteCount += bytes
    }

    /// Gives back what `charge` counted.
    mutating func discharge(_ bytes: Int) { byteCount -= bytes }

    /// Adds a version, unless the name has one with this content already. `batching`, if there is any, counts for either.
    ///
    /// - Parameter source: where the content comes from. A file of the folder of models may ask for its number, and gets no
    ///   other one.
    mutating func register(
        _ content: ModelContent, as name: String, batching: BatchOptions?, from source: ModelOrigin = .client,
        limit: Int
    ) throws(ModelStoreError) -> (model: Model, isNew: Bool) {
        let versions = entries[name]?.versions ?? []
        let wanted: Int?
        if case .folder(let version) = source { wanted = version } else { wanted = nil }
        if let index = versions.firstIndex(where: { model in
            wanted.map { model.version == $0 } ?? (model.content.digest == content.digest)
        }) {
            var existing = versions[index]
            guard existing.content.digest == content.digest else {
                throw .versionTaken(name: name, version: existing.version, next: nextVersion(of: name))
            }
            existing.batching = batching ?? existing.batching
            if case .client = source { existing.isFromFolder = false }
            entries[name]?.versions[index] = existing
            return (existing, false)
        }
        let next = nextVersion(of: name)
        guard wanted.map({ (next...Self.maximumVersion).contains($0) }) ?? true else {
            throw .versionTaken(name: name, version: wanted ?? 0, next: next)
        }
        var model = try add(content, as: name, version: wanted ?? next, limit: limit)
        model.batching = batching ?? BatchOptions()
        if case .folder = source { model.isFromFolder = true }
        replace(model)
        return (model, true)
    }

    /// Adds a version as it was when the process ran before.
    mutating func insert(
        _ content: ModelContent, as name: String, _ version: StoredManifest.Version, limit: Int
    ) throws(ModelStoreError) -> Model {
        var model = try add(content, as: name, version: version.number, limit: limit)
        model.trainable = version.trainable
        model.batching = version.batching
        model.isFromFolder = version.isFromFolder
        replace(model)
        return model
    }

    private mutating func add(
        _ content: ModelContent, as name: String, version: Int, limit: Int
    ) throws(ModelStoreError) -> Model {
        var holding = holdings[content.digest] ?? Holding(content: content, holders: [])
        let cost = Self.versionOverhead + (holding.holders.isEmpty ? content.byteCount : 0)
        try requireRoom(for: cost, limit: limit)

        let model = Model(name: name, version: version, content: holding.content)
        var entry = entries[name] ?? Entry(versions: [], nextVersion: nextVersion(of: name))
        entry.nextVersion = max(entry.nextVersion, version + 1)
        entry.versions.insert(model, at: entry.versions.firstIndex { $0.version > version } ?? entry.versions.endIndex)
        entries[name] = entry
        holding.holders.append(Holder(name: name, version: version))
        holdings[content.digest] = holding
        removedNames[name] = nil
        byteCount += cost
        return model
    }

    /// Puts a version in the place of the one with its number.
    mutating func replace(_ model: Model) {
        guard let index = entries[model.name]?.versions.firstIndex(where: { $0.version == model.version }) else {
            return
        }
        entries[model.name]?.versions[index] = model
    }

    /// Makes a version the store's own, whatever becomes of the file that brought it.
    mutating func keep(_ model: Model) {
        var kept = model
        kept.isFromFolder = false
        replace(kept)
    }

    /// Remembers what the next version of a name is that has none yet.
    mutating func setNextVersion(of name: String, to version: Int) { remember(name, nextVersion: version) }

    /// Gives a model that has versions its labels.
    mutating func setLabels(_ labels: [String: Int], of name: String) { entries[name]?.labels = labels }

    /// Removes one version, unless a label leads to it, or all of them with their labels.
    mutating func remove(_ name: String, version: Int?) throws(ModelStoreError) {
        let last = try model(named: name, version: version)
        guard var entry = entries[name] else { return }
        if version != nil {
            let labels = entry.labels(of: last.version)
            guard labels.isEmpty else {
                throw .labelledVersion(name: name, version: last.version, labels: labels)
            }
        }
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

    /// Lets a label lead to a version. Returns whether it is new.
    mutating func setLabel(_ label: String, of name: String, to version: Int) throws(ModelStoreError) -> Bool {
        _ = try model(named: name, version: version)
        guard var entry = entries[name] else { return false }
        let previous = entry.labels.updateValue(version, forKey: label)
        guard entry.labels.count <= Self.maximumLabels else {
            throw .tooManyLabels(name: name, limit: Self.maximumLabels)
        }
        entries[name] = entry
        return previous == nil
    }

    mutating func removeLabel(_ label: String, of name: String) throws(ModelStoreError) {
        _ = try model(named: name, label: label)
        entries[name]?.labels[label] = nil
    }

    private mutating func release(_ model: Model) {
        let digest = model.content.digest
        byteCount -= Self.versionOverhead
        for adapter in model.adapters.values { byteCount -= Self.cost(of: adapter) }
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
        if removedNames.count > rememberedNames {
            firstVersion = removedNames.values.reduce(firstVersion, max)
            removedNames = [:]
        }
    }
}
