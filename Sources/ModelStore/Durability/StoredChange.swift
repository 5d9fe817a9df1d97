/// What a change of the catalog means for the files of one model; filled in while the change is prepared.
struct StoredChange: Sendable {
    /// Versions of the manifest that are not in the catalog: awaited from the folder of models, or damaged.
    var absent: [StoredManifest.Version] = []
    /// What clients have removed of that which the folder of models brought.
    var dismissed: Set<ModelDigest> = []
    /// Adapters of the manifest that are not in the catalog, because they are damaged.
    var lostAdapters: [LostAdapter] = []

    struct LostAdapter: Equatable, Sendable {
        let version: Int
        let adapter: StoredManifest.Adapter
    }

    /// The content of a version, or of an adapter of it, that is to have a file.
    struct Placement: Sendable {
        let staged: StoreFolder.Staged
        let version: Int
        /// Nil for the version's own content.
        let adapter: String?
    }

    private(set) var placements: [Placement] = []

    /// Gives a version or an adapter of it its file.
    mutating func place(_ staged: StoreFolder.Staged, as version: Int, adapter: String? = nil) {
        placements.append(Placement(staged: staged, version: version, adapter: adapter))
    }

    /// The bytes of the file that is to be placed.
    func placedSize(of version: Int, adapter: String? = nil) -> Int? {
        placements.first { $0.version == version && $0.adapter == adapter }?.staged.size
    }

    func lostAdapter(_ name: String, of version: Int) -> StoredManifest.Adapter? {
        lostAdapters.first { $0.version == version && $0.adapter.name == name }?.adapter
    }

    /// Takes out a damaged adapter. Returns whether there was one.
    @discardableResult
    mutating func removeLostAdapter(_ name: String, of version: Int) -> Bool {
        let count = lostAdapters.count
        lostAdapters.removeAll { $0.version == version && $0.adapter.name == name }
        return lostAdapters.count < count
    }

    /// Takes out the version that a file of the folder of models had when the process ran before.
    mutating func claim(_ digest: ModelDigest, version: Int?) -> StoredManifest.Version? {
        let index = absent.firstIndex { absent in
            absent.isFromFolder && absent.digest == digest && (version == nil || absent.number == version)
        }
        return index.map { absent.remove(at: $0) }
    }

    /// Takes out one version, or all. Returns whether there was any.
    mutating func removeAbsent(_ version: Int?) -> Bool {
        let removed = absent.filter { version == nil || $0.number == version }
        absent.removeAll { version == nil || $0.number == version }
        dismissed.formUnion(removed.filter(\.isFromFolder).map(\.digest))
        return !removed.isEmpty
    }
}
