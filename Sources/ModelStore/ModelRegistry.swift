package import DenseEngine
internal import Locks

/// The models in memory: named, versioned, every version immutable and content-addressed.
///
/// A lookup never waits for a registration, and threads that look up do not meet: each reads a copy of the current catalog,
/// and a registration prepares its model and the next catalog beside them, then swaps. Safe to use from any thread.
package final class ModelRegistry: Sendable {
    /// The bound on what all models hold together, in bytes.
    package let maximumBytes: Int

    /// What readers see: the same catalog in every copy once a change has returned.
    private let copies: [Copy]

    /// Held only to read one entry, or to swap.
    final class Copy: Sendable {
        let catalog: Lock<ModelCatalog>

        init(_ catalog: ModelCatalog) { self.catalog = Lock(catalog) }
    }

    /// The calling thread's copy. Beyond so many threads some share one, which is slower and as right.
    var own: Copy { copies[ThreadNumber.current % copies.count] }

    /// What is being loaded, and what could not be.
    package let loads = ModelLoads()

    /// What is kept on the disk, if anything is. Held while a change is made: one at a time.
    let durable: Lock<DurableModels?>

    /// Where it is kept.
    let folder: StoreFolder?

    let rememberedNames: Int

    /// - Parameters:
    ///   - maximumBytes: The bound on what all models hold together.
    ///   - folder: where they are kept; `restore` brings back those that are. Nil for memory only.
    ///   - rememberedNames: how many removed names are remembered with the version they come back at. When there are more
    ///     they are forgotten, and all names they may have been begin with a greater version.
    package init(maximumBytes: Int, folder: StoreFolder? = nil, rememberedNames: Int = 65_536) {
        self.rememberedNames = rememberedNames
        copies = (0..<16).map { _ in Copy(ModelCatalog(rememberedNames: rememberedNames)) }
        self.maximumBytes = maximumBytes
        self.folder = folder
        durable = Lock(folder.map(DurableModels.init))
    }

    // MARK: Looking up

    /// The model a request names: by name (its latest version, the one given, or the one a label leads to), or by content
    /// as `sha256:…`.
    ///
    /// - Parameter label: instead of `version`.
    /// - Throws: `unknownModel`, `unknownVersion`, `unknownLabel`, `unknownDigest`.
    package func lookup(_ name: String, version: Int? = nil, label: String? = nil) throws(ModelStoreError) -> Model {
        if name.hasPrefix(ModelDigest.prefix) {
            if let label { throw .unknownLabel(name: name, label: label, available: []) }
            guard let digest = ModelDigest(name), let model = own.catalog.withLock({ $0.model(with: digest) }) else {
                throw .unknownDigest(name)
            }
            guard version == nil || version == model.version else {
                throw .unknownVersion(name: name, version: version ?? 0, available: [model.version])
            }
            return model
        }
        return try own.catalog.withLock { catalog throws(ModelStoreError) in
            if let label { return try catalog.model(named: name, label: label) }
            return try catalog.model(named: name, version: version)
        }
    }

    /// One version under a name.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`.
    package func version(_ version: Int, of name: String) throws(ModelStoreError) -> Model {
        try own.catalog.withLock { catalog throws(ModelStoreError) in
            try catalog.model(named: name, version: version)
        }
    }

    /// Every version under a name, ascending.
    ///
    /// - Throws: `unknownModel`.
    package func versions(of name: String) throws(ModelStoreError) -> [Model] {
        guard let entry = own.catalog.withLock({ $0.entries[name] }) else { throw .unknownModel(name: name) }
        return entry.versions
    }

    /// Every version under a name, its labels and its loads. There is a model as soon as one is being loaded.
    ///
    /// - Throws: `unknownModel`.
    package func model(_ name: String) throws(ModelStoreError) -> RegisteredModel {
        let entry = own.catalog.withLock { $0.entries[name] }
        let current = loads.loads(of: name)
        guard entry != nil || !current.isEmpty else { throw .unknownModel(name: name) }
        return RegisteredModel(name, entry, current)
    }

    /// All models by ascending name.
    package var all: [RegisteredModel] {
        let entries = own.catalog.withLock { $0.entries }
        return entries.sorted { $0.key < $1.key }.map { RegisteredModel($0.key, $0.value, loads.loads(of: $0.key)) }
    }

    /// Some of the names there are, in no order.
    package func names(atMost count: Int) -> [String] {
        own.catalog.withLock { catalog in catalog.entries.keys.prefix(count).map(\.self) }
    }

    /// How many names and versions there are, and what they hold in bytes.
    package var usage: (models: Int, versions: Int, bytes: Int) {
        let (entries, bytes) = own.catalog.withLock { ($0.entries, $0.byteCount) }
        return (entries.count, entries.values.reduce(0) { $0 + $1.versions.count }, bytes)
    }

    // MARK: Changing

    /// Registers a version. The same content under the same name is the same version again, and changes nothing.
    ///
    /// - Returns: The version, and whether it is new.
    /// - Throws: `invalidName`, `noLayers`, `full`, `engine` for what the layers cannot be built from, and what `update`
    ///   throws.
    package func register(
        _ name: String, _ document: ModelDocument
    ) throws(ModelStoreError) -> (model: Model, isNew: Bool) {
        try requireValid(name: name)
        // The costly part, before any lock is taken.
        let content = ModelContent(try document.build())
        return try register(name, content, batching: document.batching)
    }

    /// Registers a version whose layers are built.
    package func register(
        _ name: String, _ content: ModelContent, batching: BatchOptions? = nil
    ) throws(ModelStoreError) -> (model: Model, isNew: Bool) {
        try requireValid(name: name)
        let isStored = own.catalog.withLock { catalog in
            catalog.entries[name]?.versions.contains { $0.content.digest == content.digest && !$0.isFromFolder }
        }
        let file = isStored == true ? nil : try stage(content, of: name)
        defer { file?.discard() }
        return try update(name) { catalog, change throws(ModelStoreError) in
            let isKept = catalog.entries[name]?.versions.contains { model in
                model.content.digest == content.digest && !model.isFromFolder
            }
            let (model, isNew) = try catalog.register(content, as: name, batching: batching, limit: maximumBytes)
            if isKept != true { try place(file, model, &change) }
            return (model, isNew)
        }
    }

    /// Removes a version, or the model with all of them and its labels. Requests running on it keep it until they have
    /// finished.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`, `labelledVersion`, and what `update` throws.
    package func remove(_ name: String, version: Int? = nil) throws(ModelStoreError) {
        try update(name) { catalog, change throws(ModelStoreError) in
            let versions = catalog.entries[name]?.versions ?? []
            let removed = versions.filter { version == nil || $0.version == version }
            change.dismissed.formUnion(removed.filter(\.isFromFolder).map(\.content.digest))
            let wasAbsent = change.removeAbsent(version)
            guard removed.isEmpty, wasAbsent else { return try catalog.remove(name, version: version) }
        }
        loads.forgetFailures(of: name) { version == nil || $0 == .stored(version: version) }
    }

    /// Sets `trainable` on every layer of a model, the one attribute that can change after registration, and how its
    /// requests are batched, which is no attribute of the layers.
    ///
    /// - Parameters:
    ///   - trainable: `nil` leaves it.
    ///   - batching: `nil` leaves it.
    /// - Throws: `unknownModel`, and what `update` throws.
    package func change(
        _ name: String, trainable: Bool? = nil, batching: BatchOptions? = nil
    ) throws(ModelStoreError) {
        try update(name) { catalog, _ throws(ModelStoreError) in
            try catalog.change(name) { model in
                if let trainable { model.trainable = trainable }
                if let batching { model.batching = batching }
            }
        }
    }

    /// Lets a label lead to a version, and to no other any more: whoever looks it up sees either the one or the other. A
    /// version that a file of the folder of models brought is there for good from then on.
    ///
    /// - Returns: Whether the model did not have the label.
    /// - Throws: `invalidLabel`, `unknownModel`, `unknownVersion`, `tooManyLabels`, and what `update` throws.
    package func setLabel(_ label: String, of name: String, to version: Int) throws(ModelStoreError) -> Bool {
        guard Self.isValid(name: label) else { throw .invalidLabel(label) }
        let model = try self.version(version, of: name)
        let file = model.isFromFolder ? try stage(model.content, of: name) : nil
        defer { file?.discard() }
        return try update(name) { catalog, change throws(ModelStoreError) in
            let isNew = try catalog.setLabel(label, of: name, to: version)
            let model = try catalog.model(named: name, version: version)
            if model.isFromFolder {
                try place(file, model, &change)
                catalog.keep(model)
            }
            return isNew
        }
    }

    /// Removes a label; the version stays.
    ///
    /// - Throws: `unknownModel`, `unknownLabel`, and what `update` throws.
    package func removeLabel(_ label: String, of name: String) throws(ModelStoreError) {
        try update(name) { catalog, _ throws(ModelStoreError) in try catalog.removeLabel(label, of: name) }
    }

    /// Prepares the next catalog beside the current one, brings the change to the disk, where there is a store, and swaps the
    /// catalog in, unless anything throws.
    ///
    /// - Parameter name: of the one model that is changed.
    /// - Throws: what `body` does, and `storage`, `changesSuspended`, `damagedModel`.
    func update<Result>(
        _ name: String,
        _ body: (inout ModelCatalog, inout StoredChange) throws(ModelStoreError) -> sending Result
    ) throws(ModelStoreError) -> Result {
        try durable.withLock { durable throws(ModelStoreError) in
            try durable?.requireChangeable(name)
            var next = own.catalog.withLock { $0 }
            var change = durable?.change(of: name) ?? StoredChange()
            let result = try body(&next, &change)
            try durable?.save(name, next, change)
            swapIn(next)
            return result
        }
    }

    func swapIn(_ next: ModelCatalog) {
        for copy in copies { copy.catalog.withLock { $0 = next } }
    }

    // MARK: Names

    /// - Throws: `invalidName` for a name no model can have.
    package func requireValid(name: String) throws(ModelStoreError) {
        guard Self.isValid(name: name) else { throw .invalidName(name) }
    }

    /// Whether a name is one a model can have: `[A-Za-z0-9._-]{1,128}`, and neither `.` nor `..`, which a URL's path
    /// cannot carry.
    package static func isValid(name: String) -> Bool {
        let bytes = name.utf8
        guard (1...128).contains(bytes.count), name != ".", name != ".." else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
