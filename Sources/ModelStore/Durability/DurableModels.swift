internal import DenseEngine

/// What the folder of the store says of every model, as far as the catalog does not: the other half of the registry's state,
/// changed together with the catalog. A change is on the disk before it is in the catalog, and so before anybody is told.
struct DurableModels: Sendable {
    let folder: StoreFolder
    private var records: [String: Record] = [:]
    /// As it is on the disk.
    private var firstVersion = 1
    /// Whether another process is about to have the folder.
    private(set) var isSuspended = false

    private struct Record: Sendable {
        var manifest: StoredManifest
        var absent: [StoredManifest.Version] = []
        var lostAdapters: [StoredChange.LostAdapter] = []
        /// Why the manifest cannot be read.
        var damage: String?
        /// Whether the disk may have another manifest than this one.
        var isUncertain = false
    }

    init(_ folder: StoreFolder) { self.folder = folder }

    /// Bytes of all versions' files.
    var byteCount: Int {
        records.values.reduce(0) { $0 + $1.manifest.versions.reduce(0) { $0 + $1.byteCount } }
    }

    /// The names with versions that the folder of models has to bring again.
    var awaiting: [String] {
        records.filter { $0.value.damage == nil && $0.value.absent.contains(where: \.isFromFolder) }.keys.sorted()
    }

    // MARK: Changing

    /// - Throws: `changesSuspended`, `damagedModel`.
    func requireChangeable(_ name: String) throws(ModelStoreError) {
        if isSuspended { throw .changesSuspended }
        if let damage = records[name]?.damage {
            throw .damagedModel(name: name, path: folder.folder(of: name), reason: damage)
        }
    }

    /// What a change of a model begins with.
    func change(of name: String) -> StoredChange {
        guard let record = records[name] else { return StoredChange() }
        return StoredChange(
            absent: record.absent, dismissed: record.manifest.dismissed, lostAdapters: record.lostAdapters)
    }

    /// Brings a change to the disk. When that fails nothing is changed.
    mutating func save(_ name: String, _ catalog: ModelCatalog, _ change: StoredChange) throws(ModelStoreError) {
        let former = records[name]
        let manifest = manifest(of: name, in: catalog, change)
        if change.placements.isEmpty, let former, !former.isUncertain, former.manifest == manifest {
            records[name]?.absent = change.absent
            records[name]?.lostAdapters = change.lostAdapters
            return
        }
        do throws(StoreDiskError) {
            if catalog.firstVersion > firstVersion {
                try folder.replaceFirstVersion(by: catalog.firstVersion)
                firstVersion = catalog.firstVersion
            }
            try write(manifest, of: name, change)
        } catch { throw .storage(error) }
        records[name] = Record(manifest: manifest, absent: change.absent, lostAdapters: change.lostAdapters)
        let kept = Set(manifest.files)
        for file in former?.manifest.files ?? [] where !kept.contains(file) {
            folder.removeFile(of: file.version, adapter: file.adapter, name)
        }
        forgetRemovedNames(catalog)
    }

    private mutating func write(
        _ manifest: StoredManifest, of name: String, _ change: StoredChange
    ) throws(StoreDiskError) {
        // A folder without a manifest has lost it: a version's file is never there before its model's manifest.
        if let first = change.placements.first, records[name] == nil {
            let empty = StoredManifest(nextVersion: first.version)
            try folder.replaceManifest(of: name, by: empty, formerly: nil)
            records[name] = Record(manifest: empty)
        }
        do throws(StoreDiskError) {
            for placement in change.placements {
                try folder.place(placement.staged, as: placement.version, adapter: placement.adapter, of: name)
            }
        } catch {
            removeFiles(of: name, change)
            throw error
        }
        do throws(StoreDiskError) {
            try folder.replaceManifest(of: name, by: manifest, formerly: records[name]?.manifest)
        } catch {
            if error.isUncertain {
                records[name]?.isUncertain = true
            } else {
                removeFiles(of: name, change)
            }
            throw error
        }
    }

    private func removeFiles(of name: String, _ change: StoredChange) {
        for placement in change.placements {
            folder.removeFile(of: placement.version, adapter: placement.adapter, name)
        }
    }

    private func manifest(of name: String, in catalog: ModelCatalog, _ change: StoredChange) -> StoredManifest {
        let former = records[name]?.manifest
        let formerly = Dictionary((former?.versions ?? []).map { ($0.number, $0) }) { first, _ in first }
        let entry = catalog.entries[name]
        var manifest = StoredManifest(nextVersion: catalog.nextVersion(of: name))
        manifest.versions = (entry?.versions ?? []).map { model in
            let former = formerly[model.version]
            let placed = change.placedSize(of: model.version)
            return StoredManifest.Version(
                number: model.version, digest: model.content.digest,
                fileSize: model.isFromFolder ? 0 : placed ?? former?.fileSize ?? 0,
                isFromFolder: model.isFromFolder, trainable: model.trainable, batching: model.batching,
                adapters: Self.adapters(of: model, formerly: former?.adapters ?? [], change))
        }
        manifest.versions = (manifest.versions + change.absent).sorted { $0.number < $1.number }
        // Labels of versions that are damaged stay with them.
        let orphans = (former?.labels ?? [:]).filter { label in change.absent.contains { $0.number == label.value } }
        manifest.labels = orphans.merging(entry?.labels ?? [:]) { $1 }
        manifest.dismissed = change.dismissed
        return manifest
    }

    private static func adapters(
        of model: Model, formerly: [StoredManifest.Adapter], _ change: StoredChange
    ) -> [StoredManifest.Adapter] {
        let present = model.adapters.values.map { adapter in
            let former = formerly.first { $0.name == adapter.name }
            return StoredManifest.Adapter(
                name: adapter.name, digest: adapter.digest,
                fileSize: change.placedSize(of: model.version, adapter: adapter.name) ?? former?.fileSize ?? 0)
        }
        let lost = change.lostAdapters.filter { $0.version == model.version }.map(\.adapter)
        return (present + lost).sorted { $0.name < $1.name }
    }

    /// Forgets the names whose next version `firstVersion` stands for.
    private mutating func forgetRemovedNames(_ catalog: ModelCatalog) {
        guard records.count > catalog.entries.count + catalog.rememberedNames else { return }
        for (name, record) in records
        where catalog.entries[name] == nil && record.damage == nil && record.manifest.isEmpty
            && record.manifest.nextVersion <= firstVersion
        {
            records[name] = nil
            folder.forget(name)
        }
    }

    // MARK: Leaving the folder to another process

    mutating func suspend() {
        isSuspended = true
        folder.releaseLock()
    }

    /// Takes the folder again. What is in it has to be restored again.
    mutating func resume(patience: Int) throws(ModelStoreError) {
        guard isSuspended else { return }
        try folder.takeLock(patience: patience)
        isSuspended = false
    }
}

// MARK: Restoring

extension DurableModels {
    /// Reads the folder.
    ///
    /// - Parameters:
    ///   - limit: what all models may hold together.
    ///   - rememberedNames: how many removed names are.
    ///   - known: contents that need not be read.
    ///   - report: is told of everything that cannot be used.
    /// - Throws: `storage`, and `damagedStore` where versions could be given out twice.
    mutating func restore(
        limit: Int, rememberedNames: Int, known: [ModelDigest: ModelContent] = [:], report: (StoredDamage) -> Void
    ) throws(ModelStoreError) -> ModelCatalog {
        records = [:]
        firstVersion = try readFirstVersion()
        var catalog = ModelCatalog(firstVersion: firstVersion, rememberedNames: rememberedNames)
        for name in try folder.modelNames() {
            let manifest: StoredManifest
            do throws(ModelStoreError) {
                guard let read = try readManifest(of: name) else { continue }
                manifest = read
            } catch {
                records[name] = Record(manifest: StoredManifest(), damage: error.description)
                report(StoredDamage(name: name, version: nil, reason: error.description))
                continue
            }
            clean(name, manifest)
            catalog.setNextVersion(of: name, to: manifest.nextVersion)
            var record = Record(manifest: manifest)
            for version in manifest.versions {
                do throws(ModelStoreError) {
                    guard let content = try content(of: version, name, known) else {
                        record.absent.append(version)
                        continue
                    }
                    let model = try catalog.insert(content, as: name, version, limit: limit)
                    restoreAdapters(version, of: model, &catalog, &record, limit: limit, report)
                } catch {
                    record.absent.append(version)
                    report(StoredDamage(name: name, version: version.number, reason: error.description))
                }
            }
            catalog.setLabels(manifest.labels, of: name)
            records[name] = record
        }
        if catalog.firstVersion > firstVersion {
            try storage { () throws(StoreDiskError) in
                try folder.replaceFirstVersion(by: catalog.firstVersion)
            }
            firstVersion = catalog.firstVersion
            forgetRemovedNames(catalog)
        }
        return catalog
    }

    /// Gives a version its adapters again, those that are whole.
    private func restoreAdapters(
        _ version: StoredManifest.Version, of model: Model, _ catalog: inout ModelCatalog, _ record: inout Record,
        limit: Int, _ report: (StoredDamage) -> Void
    ) {
        for stored in version.adapters {
            do throws(ModelStoreError) {
                guard let bytes = try folder.file(of: model.version, adapter: stored.name, model.name) else {
                    throw .damagedFile(reason: "The file of the adapter '\(stored.name)' is missing.")
                }
                let adapter = try ModelAdapter.stored(
                    bytes, named: stored.name, for: model.network, digest: stored.digest)
                try catalog.add(adapter, of: model.name, version: model.version, limit: limit)
            } catch {
                record.lostAdapters.append(StoredChange.LostAdapter(version: model.version, adapter: stored))
                report(StoredDamage(name: model.name, version: model.version, reason: error.description))
            }
        }
    }

    private func readFirstVersion() throws(ModelStoreError) -> Int {
        guard let bytes = try folder.firstVersion() else { return 1 }
        guard let text = try? CheckedLine.decode(bytes), let version = Int(text), version > 0 else {
            throw .damagedStore(path: folder.path)
        }
        return version
    }

    /// Nil where there is no model: a folder that was made for one and never used.
    private func readManifest(of name: String) throws(ModelStoreError) -> StoredManifest? {
        if let bytes = try folder.manifest(of: name) { return try StoredManifest(decoding: bytes) }
        let files = try folder.fileNames(of: name)
        guard !files.contains(where: { StoreFolder.version(ofFile: $0) != nil }) else {
            throw .damagedFile(reason: "The model has versions and no manifest.")
        }
        for file in files where file.hasSuffix(".tmp") { folder.removeFile(named: file, name) }
        folder.forget(name)
        return nil
    }

    /// Removes what was being written when the process ended, and what was being removed.
    private func clean(_ name: String, _ manifest: StoredManifest) {
        let kept = Set(manifest.files)
        for file in (try? folder.fileNames(of: name)) ?? [] {
            let own: StoredManifest.File? =
                if let version = StoreFolder.version(ofFile: file) {
                    StoredManifest.File(version: version)
                } else if let (version, adapter) = StoreFolder.adapter(ofFile: file) {
                    StoredManifest.File(version: version, adapter: adapter)
                } else {
                    nil
                }
            let isUnused = own.map { !kept.contains($0) } ?? file.hasSuffix(".tmp")
            if isUnused { folder.removeFile(named: file, name) }
        }
    }

    /// Nil for what has to come from the folder of models.
    private func content(
        of version: StoredManifest.Version, _ name: String, _ known: [ModelDigest: ModelContent]
    ) throws(ModelStoreError) -> ModelContent? {
        if let content = known[version.digest] { return content }
        guard !version.isFromFolder else { return nil }
        guard let bytes = try folder.file(of: version.number, name) else {
            throw .damagedFile(reason: "The file of version \(version.number) is missing.")
        }
        return try ModelContent(stored: bytes, digest: version.digest)
    }
}
