/// What a change of the catalog means for the files of one model; filled in while the change is prepared.
struct StoredChange: Sendable {
    /// Versions of the manifest that are not in the catalog: awaited from the folder of models, or damaged.
    var absent: [StoredManifest.Version] = []
    /// What clients have removed of that which the folder of models brought.
    var dismissed: Set<ModelDigest> = []
    /// The content of a version that is to have a file.
    private(set) var placement: (staged: StoreFolder.Staged, version: Int)?

    /// Gives a version its file.
    mutating func place(_ staged: StoreFolder.Staged, as version: Int) { placement = (staged, version) }

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
