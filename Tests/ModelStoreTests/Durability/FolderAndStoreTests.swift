import FoundationEssentials
import ModelStore
import Testing

/// The folder of models beside the data folder, over several starts.
@Suite("The folder of models beside the store")
struct FolderAndStoreTests {
    private let disk = SimulatedDisk()
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "beside-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func write(_ seed: Float, to name: String) throws {
        try Data(ModelSamples.json(seed).utf8).write(to: folder.appending(path: name))
    }

    private func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: folder.appending(path: name))
    }

    /// A start of the server.
    private func start() throws -> ModelRegistry {
        let registry = ModelRegistry(maximumBytes: 1 << 20, folder: try StoreFolder("/data", disk: disk))
        #expect(try registry.restore() == [])
        try registry.loadFolder(folder.path)
        try registry.forgetMissingFiles()
        return registry
    }

    private func withFolder(_ body: () throws -> Void) rethrows {
        defer { try? FileManager.default.removeItem(at: folder) }
        try body()
    }

    private func versions(_ registry: ModelRegistry, _ name: String = "a") -> [Int] {
        (try? registry.model(name).versions.map(\.version)) ?? []
    }

    @Test("a file has the number it had, and is not stored again")
    func keepsNumbers() throws {
        try withFolder {
            try write(1, to: "a.json")
            let first = try start()
            _ = try first.register("a", ModelSamples.document(2))
            for _ in 0..<2 {
                let next = try start()
                #expect(versions(next) == [1, 2])
                #expect(try next.lookup("a").version == 2)
            }
            #expect(disk.contents.keys.filter { $0.hasSuffix(".safetensors") } == ["/data/models/a/2.safetensors"])
        }
    }

    @Test("a changed file is a new version, and the number of the old one does not come back")
    func changes() throws {
        try withFolder {
            try write(1, to: "a.json")
            #expect(versions(try start()) == [1])
            try write(2, to: "a.json")
            #expect(versions(try start()) == [2])
            try write(1, to: "a.json")
            #expect(versions(try start()) == [3])
            try remove("a.json")
            #expect(versions(try start()) == [])
            try write(1, to: "a.json")
            #expect(versions(try start()) == [4])
        }
    }

    @Test("what a client removed stays removed over starts, until the file changes")
    func removals() throws {
        try withFolder {
            try write(1, to: "a.json")
            try start().remove("a")
            #expect(versions(try start()) == [])
            try write(2, to: "a.json")
            let registry = try start()
            #expect(versions(registry) == [2])
            // The same content may still be registered by a client.
            #expect(try registry.register("a", ModelSamples.document(1)).model.version == 3)
            try remove("a.json")
            #expect(versions(try start()) == [3])
        }
    }

    @Test("a labelled version and one that a client registered, too, stay without their files")
    func kept() throws {
        try withFolder {
            for name in ["a.json", "b.json", "c.json"] { try write(1, to: name) }
            let first = try start()
            #expect(try first.setLabel("stable", of: "a", to: 1))
            #expect(try first.register("b", ModelSamples.document(1)).isNew == false)
            for name in ["a.json", "b.json", "c.json"] { try remove(name) }
            let next = try start()
            #expect(try next.lookup("a", label: "stable").version == 1)
            #expect(versions(next, "b") == [1])
            #expect(versions(next, "c") == [])
        }
    }

    @Test("whenever the power fails while a file's version gets a label, label and content are there or neither")
    func powerFailures() throws {
        try withFolder {
            try write(1, to: "a.json")
            for call in 1...30 {
                let disk = SimulatedDisk()
                let registry = ModelRegistry(maximumBytes: 1 << 20, folder: try StoreFolder("/data", disk: disk))
                _ = try registry.restore()
                try registry.loadFolder(folder.path)
                disk.set(.powerFailure(at: call))
                let isNew = try? registry.setLabel("stable", of: "a", to: 1)
                for survival in SimulatedDisk.Survival.allCases {
                    let found = disk.surviving(survival)
                    let next = ModelRegistry(maximumBytes: 1 << 20, folder: try StoreFolder("/data", disk: found))
                    #expect(try next.restore() == [])
                    let labelled = try? next.lookup("a", label: "stable")
                    #expect(labelled != nil || isNew == nil, "call \(call), \(survival)")
                    if let labelled { #expect(try labelled.content.digest == ModelSamples.content(1).digest) }
                }
            }
        }
    }
}
