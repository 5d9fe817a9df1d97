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
    private let copies = (0..<16).map { _ in Copy() }

    /// Held only to read one entry, or to swap.
    private final class Copy: Sendable {
        let catalog = Lock(ModelCatalog())
    }

    /// The calling thread's copy. Beyond so many threads some share one, which is slower and as right.
    private var own: Copy { copies[ThreadNumber.current % copies.count] }

    /// Lets one change at a time be prepared.
    private let change = Lock(())

    /// - Parameter maximumBytes: The bound on what all models hold together.
    package init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    // MARK: Looking up

    /// The model a request names: by name (its latest version, or the one given), or by content as `sha256:…`.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`, `unknownDigest`.
    package func lookup(_ name: String, version: Int? = nil) throws(ModelStoreError) -> Model {
        if name.hasPrefix(ModelDigest.prefix) {
            guard let digest = ModelDigest(name), let model = own.catalog.withLock({ $0.model(with: digest) }) else {
                throw .unknownDigest(name)
            }
            guard version == nil || version == model.version else {
                throw .unknownVersion(name: name, version: version ?? 0, available: [model.version])
            }
            return model
        }
        return try own.catalog.withLock { catalog throws(ModelStoreError) in
            try catalog.model(named: name, version: version)
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

    /// All models by ascending name, each with its versions, ascending.
    package var all: [[Model]] {
        let entries = own.catalog.withLock { $0.entries }
        return entries.sorted { $0.key < $1.key }.map(\.value.versions)
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
    /// - Throws: `invalidName`, `noLayers`, `full`, and `engine` for what the layers cannot be built from.
    package func register(
        _ name: String, _ document: ModelDocument
    ) throws(ModelStoreError) -> (model: Model, isNew: Bool) {
        try requireValid(name: name)
        // The costly part, before any lock is taken.
        let content = ModelContent(try document.build())
        return try update { catalog throws(ModelStoreError) in
            try catalog.register(content, as: name, batching: document.batching, limit: maximumBytes)
        }
    }

    /// Removes a version, or the model with all of them. Requests running on it keep it until they have finished.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`.
    package func remove(_ name: String, version: Int? = nil) throws(ModelStoreError) {
        try update { catalog throws(ModelStoreError) in try catalog.remove(name, version: version) }
    }

    /// Sets `trainable` on every layer of a model, the one attribute that can change after registration, and how its
    /// requests are batched, which is no attribute of the layers.
    ///
    /// - Parameters:
    ///   - trainable: `nil` leaves it.
    ///   - batching: `nil` leaves it.
    /// - Throws: `unknownModel`.
    package func change(
        _ name: String, trainable: Bool? = nil, batching: BatchOptions? = nil
    ) throws(ModelStoreError) {
        try update { catalog throws(ModelStoreError) in
            try catalog.change(name) { model in
                if let trainable { model.trainable = trainable }
                if let batching { model.batching = batching }
            }
        }
    }

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

    /// Prepares the next catalog beside the current one and swaps it in, unless `body` throws.
    private func update<Result>(
        _ body: (inout ModelCatalog) throws(ModelStoreError) -> sending Result
    ) throws(ModelStoreError) -> Result {
        try change.withLock { _ throws(ModelStoreError) in
            var next = own.catalog.withLock { $0 }
            let result = try body(&next)
            for copy in copies { copy.catalog.withLock { $0 = next } }
            return result
        }
    }
}
