internal import DenseEngine
internal import Locks

// What the registry does with its folder on the disk.

extension ModelRegistry {
    /// Brings back what was registered when the process ran before. To be called before anything else, and once.
    ///
    /// - Returns: What cannot be used. It is left out, and never given out again.
    /// - Throws: `storage`, `damagedStore`.
    package func restore() throws(ModelStoreError) -> [StoredDamage] {
        try durable.withLock { durable throws(ModelStoreError) in try restore(&durable) }
    }

    private func restore(_ durable: inout DurableModels?) throws(ModelStoreError) -> [StoredDamage] {
        var damages: [StoredDamage] = []
        let known = own.catalog.withLock { $0.contents }
        loads.forgetStored()
        let catalog = try durable?.restore(
            limit: maximumBytes, rememberedNames: rememberedNames, known: known
        ) { damages.append($0) }
        for damage in damages { loads.fail(.stored(version: damage.version), of: damage.name, damage.reason) }
        if let catalog { swapIn(catalog) }
        return damages
    }

    /// Leaves the folder to another process: a change that is being made is finished, further ones are refused.
    package func suspendChanges() {
        durable.withLock { $0?.suspend() }
    }

    /// Takes the folder again when the other process has gone, with what that has changed in it.
    ///
    /// - Parameter patience: how long to wait for it, in milliseconds.
    package func resumeChanges(patience: Int) throws(ModelStoreError) -> [StoredDamage] {
        try durable.withLock { durable throws(ModelStoreError) in
            try durable?.resume(patience: patience)
            return try restore(&durable)
        }
    }

    /// Whether changes wait for a disk.
    package var isStored: Bool { folder != nil }

    /// What the folder holds in bytes of versions, and how it was brought to the disk; nil without a folder.
    package var storage: (bytes: Int, synchronization: StoreFolder.Synchronization)? {
        guard let folder else { return nil }
        return (durable.withLock { $0?.byteCount ?? 0 }, folder.synchronization)
    }

    // MARK: Files of versions

    /// A content that is on the disk, and goes when nobody has made it a version's.
    struct StagedFile {
        let staged: StoreFolder.Staged
        let folder: StoreFolder

        func discard() { folder.discard(staged) }
    }

    /// Brings a content to the disk, and reads back what was written as the next start will. Nil without a folder.
    func stage(_ content: ModelContent, of name: String) throws(ModelStoreError) -> StagedFile? {
        guard let folder else { return nil }
        try durable.withLock { durable throws(ModelStoreError) in try durable?.requireChangeable(name) }
        let bytes = content.stored
        _ = try ModelContent(stored: bytes, digest: content.digest)
        return StagedFile(staged: try folder.stage(bytes, of: name), folder: folder)
    }

    /// Gives a version its file. What was not staged, because it seemed to be there, is staged now.
    func place(_ file: StagedFile?, _ model: Model, _ change: inout StoredChange) throws(ModelStoreError) {
        guard let folder else { return }
        let staged = if let file { file.staged } else { try folder.stage(model.content.stored, of: model.name) }
        change.place(staged, as: model.version)
    }
}
