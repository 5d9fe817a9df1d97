import DenseEngine
import FoundationEssentials
import Glibc
import ModelStore
import Testing

@Suite("A damaged store")
struct DamageTests {
    private let disk = SimulatedDisk()

    private func registry() throws -> (ModelRegistry, [StoredDamage]) {
        let registry = ModelRegistry(maximumBytes: 1 << 20, folder: try StoreFolder("/data", disk: disk))
        return (registry, try registry.restore())
    }

    /// Two versions of `m` and one of `n`.
    init() throws {
        let (registry, _) = try registry()
        for seed in 1...2 { _ = try registry.register("m", ModelSamples.document(Float(seed))) }
        _ = try registry.register("n", ModelSamples.document(3))
        #expect(try registry.setLabel("old", of: "m", to: 1))
    }

    private func error(_ body: () throws(ModelStoreError) -> Void) -> ModelStoreError? {
        do throws(ModelStoreError) { try body() } catch { return error }
        return nil
    }

    @Test("whatever byte of a version's file is wrong, other weights are never served")
    func flippedBytes() throws {
        let path = "/data/models/m/2.safetensors"
        let count = try #require(disk.contents[path]?.count)
        for place in 0..<count {
            disk.damage(path) { $0[place] ^= 0x10 }
            let (registry, damages) = try registry()
            if damages.isEmpty {
                // A byte of no meaning, like one in a name nobody reads.
                #expect(try registry.lookup("m", version: 2).content.digest == ModelSamples.content(2).digest)
            } else {
                #expect(damages.map(\.name) == ["m"] && damages[0].version == 2)
                #expect(try registry.lookup("m").version == 1)
            }
            disk.damage(path) { $0[place] ^= 0x10 }
        }
        let weights = count - 8 * 4
        for place in weights..<count {
            disk.damage(path) { $0[place] ^= 1 }
            #expect(try registry().1.count == 1, "byte \(place)")
            disk.damage(path) { $0[place] ^= 1 }
        }
    }

    @Test("a damaged version is left out and reported, its number stays its own, and it can be removed")
    func damagedVersion() throws {
        disk.damage("/data/models/m/2.safetensors") { $0.removeLast() }
        disk.lose("/data/models/n/1.safetensors")
        let (registry, damages) = try registry()
        #expect(damages.map(\.name) == ["m", "n"])
        #expect(damages[1].reason.contains("missing"))
        #expect(registry.all.map(\.name) == ["m"])
        #expect(try registry.register("m", ModelSamples.document(4)).model.version == 3)
        #expect(try registry.register("n", ModelSamples.document(5)).model.version == 2)
        // They are still known after another start, and were not removed: they may come back from a copy.
        #expect(try self.registry().1 == damages)
        let (next, _) = try self.registry()
        try next.remove("m", version: 2)
        try next.remove("n", version: 1)
        #expect(try self.registry().1 == [])
        #expect(disk.contents["/data/models/m/2.safetensors"] == nil)
    }

    @Test("a damaged adapter is left out and reported, its version serves, and it comes back as it was or not at all")
    func damagedAdapter() throws {
        let path = "/data/models/m/2.a.b.adapter"
        let whole = try registry().0
        _ = try whole.registerAdapter("a.b", of: "m", ModelSamples.adapter(1))
        _ = try whole.registerAdapter("c", of: "m", ModelSamples.adapter(2))
        let count = try #require(disk.contents[path]?.count)
        for place in 0..<count {
            disk.damage(path) { $0[place] ^= 0x10 }
            let (registry, damages) = try registry()
            let model = try registry.lookup("m")
            #expect(model.version == 2 && model.adapters["c"] != nil)
            if damages.isEmpty {
                #expect(model.adapters["a.b"]?.digest == (try whole.lookup("m").adapters["a.b"]?.digest))
            } else {
                #expect(damages.count == 1 && damages[0].version == 2 && model.adapters["a.b"] == nil)
            }
            disk.damage(path) { $0[place] ^= 0x10 }
        }
        disk.lose(path)
        let (registry, damages) = try registry()
        #expect(damages.count == 1 && damages[0].reason.contains("'a.b' is missing"))
        // Another change keeps what is known of it.
        _ = try registry.setLabel("new", of: "m", to: 2)
        #expect(try self.registry().1 == damages)
        let other = error { () throws(ModelStoreError) in
            _ = try registry.registerAdapter("a.b", of: "m", ModelSamples.adapter(9))
        }
        guard case .adapterTaken? = other else {
            Issue.record("\(String(describing: other))")
            return
        }
        #expect(try registry.registerAdapter("a.b", of: "m", ModelSamples.adapter(1)).isNew)
        let (next, none) = try self.registry()
        #expect(none.isEmpty)
        #expect(try next.lookup("m").adapters.keys.sorted() == ["a.b", "c"])
        disk.lose(path)
        let (last, _) = try self.registry()
        try last.removeAdapter("a.b", of: "m")
        #expect(try self.registry().1.isEmpty)
    }

    @Test("a label of a damaged version stays with it")
    func damagedLabel() throws {
        let path = "/data/models/m/1.safetensors"
        disk.damage(path) { $0[$0.count - 1] ^= 1 }
        let (registry, damages) = try registry()
        #expect(damages.count == 1)
        guard
            case .unknownVersion = error({ () throws(ModelStoreError) in
                _ = try registry.lookup("m", label: "old")
            })
        else {
            Issue.record("The label leads somewhere.")
            return
        }
        _ = try registry.register("m", ModelSamples.document(7))
        disk.damage(path) { $0[$0.count - 1] ^= 1 }
        #expect(try self.registry().0.lookup("m", label: "old").version == 1)
    }

    @Test("a model whose manifest is damaged or missing is left alone, and nobody can change it")
    func damagedManifest() throws {
        let path = "/data/models/m/manifest"
        let whole = try #require(disk.contents[path])
        for place in 0..<whole.count {
            disk.damage(path) { $0[place] ^= 1 }
            let (registry, damages) = try registry()
            #expect(damages.map(\.name) == ["m"] && damages[0].version == nil, "byte \(place)")
            #expect(registry.all.map(\.name) == ["n"])
            disk.damage(path) { $0 = whole }
        }
        for count in 0..<whole.count {
            disk.damage(path) { $0 = Array(whole.prefix(count)) }
            #expect(try registry().1.count == 1, "\(count) bytes")
        }
        disk.lose(path)
        let (registry, damages) = try registry()
        #expect(damages.count == 1)
        let removal = error { () throws(ModelStoreError) in try registry.remove("m") }
        let content = try ModelSamples.document(4)
        let registration = error { () throws(ModelStoreError) in _ = try registry.register("m", content) }
        for error in [removal, registration] {
            guard case .damagedModel("m", "/data/models/m", _)? = error else {
                Issue.record("It was changed.")
                return
            }
        }
        #expect(disk.contents["/data/models/m/1.safetensors"] != nil)
    }

    @Test("another model's file, with its own right content, is not served as this one's")
    func exchangedFiles() throws {
        let other = try #require(disk.contents["/data/models/n/1.safetensors"])
        disk.damage("/data/models/m/1.safetensors") { $0 = other }
        let (registry, damages) = try registry()
        #expect(damages.map(\.version) == [1])
        #expect(damages[0].reason.contains("not what was registered"))
        #expect(try registry.model("m").versions.map(\.version) == [2])
    }

    @Test("a version that does not fit any more is left out and kept")
    func full() throws {
        let small = ModelRegistry(maximumBytes: 10_000, folder: try StoreFolder("/data", disk: disk))
        let damages = try small.restore()
        #expect(damages.count == 1)
        #expect(damages[0].reason.contains("max_model_bytes"))
        #expect(try registry().1 == [])
    }

    @Test("without the file that says where versions begin there is no start")
    func damagedFirstVersion() throws {
        let path = "/data/first_version"
        let file = try disk.create(path)
        try disk.append(Array("12\nsha256:00\n".utf8), to: file, at: path)
        guard
            case .damagedStore("/data")? = error({ () throws(ModelStoreError) in
                let folder = try StoreFolder("/data", disk: disk)
                _ = try ModelRegistry(maximumBytes: 1 << 20, folder: folder).restore()
            })
        else {
            Issue.record("It started.")
            return
        }
    }
}
