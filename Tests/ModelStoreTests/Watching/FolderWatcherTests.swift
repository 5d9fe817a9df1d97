import DenseEngine
import FoundationEssentials
import Glibc
import Locks
import ModelStore
import Testing

/// The watcher on real files. Nothing here depends on how fast it is.
@Suite("Watching a folder of models")
struct FolderWatcherTests {
    private let folder: URL
    private let registry = ModelRegistry(maximumBytes: 1 << 22)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "watched-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// A watcher that has loaded what there is and goes on; it is stopped and the folder removed at the end.
    private func watching(_ body: () throws -> Void) throws {
        let log = EventLog()
        let watcher = FolderWatcher(folder.path, registry) { log.add($0) }
        watcher.loadAll()
        watcher.start()
        defer {
            watcher.stop()
            try? FileManager.default.removeItem(at: folder)
        }
        try body()
    }

    private final class EventLog: Sendable {
        let events = Lock<[FolderWatcher.Event]>([])
        func add(_ event: FolderWatcher.Event) { events.withLock { $0.append(event) } }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: name), withIntermediateDirectories: true)
    }

    /// Waits until a look-up gives what is expected; 30 s at most.
    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<30_000 {
            if condition() { return true }
            usleep(1_000)
        }
        return false
    }

    /// The first weight of the version a name leads to.
    private func weight(_ name: String, version: Int? = nil) -> Float? {
        (try? registry.lookup(name, version: version))?.network.layers[0].weights[0].tensor.elements[0]
    }

    private func failures(of name: String) -> [String] {
        registry.loads.loads(of: name).compactMap(\.error)
    }

    @Test("new, changed and removed files are followed, and a changed file's former version goes")
    func follows() throws {
        try write(ModelSamples.json(1), to: "a.json")
        try watching {
            #expect(weight("a") == 1)
            try write(ModelSamples.json(2), to: "b.json")
            #expect(eventually { weight("b") == 2 })
            try write(ModelSamples.json(3), to: "a.json")
            #expect(eventually { weight("a") == 3 })
            #expect(try registry.model("a").versions.map(\.version) == [2])
            try FileManager.default.removeItem(at: folder.appending(path: "a.json"))
            #expect(eventually { weight("a") == nil })
            #expect(weight("b") == 2)
            try write(ModelSamples.json(4), to: "a.json")
            #expect(eventually { (try? registry.lookup("a"))?.version == 3 })
        }
    }

    @Test("a broken file leaves the working version, is readable at the status, and is tried again when it changes")
    func broken() throws {
        try write(ModelSamples.json(1), to: "a.json")
        try write("{", to: "new.json")
        try watching {
            #expect(weight("a") == 1)
            #expect(failures(of: "new").count == 1)
            try write(#"{"layer":{"units":0}}"#, to: "a.json")
            #expect(eventually { failures(of: "a").first?.contains("units") == true })
            #expect(weight("a") == 1)
            #expect(try registry.lookup("a").version == 1)
            try write(ModelSamples.json(5), to: "a.json")
            try write(ModelSamples.json(6), to: "new.json")
            #expect(eventually { weight("a") == 5 && weight("new") == 6 })
            #expect(failures(of: "a") == [] && failures(of: "new") == [])
        }
    }

    @Test("a file that comes slowly is loaded when it is whole")
    func slowly() throws {
        try watching {
            // What was there before somebody watched is not known to be written to.
            try write(ModelSamples.json(7), to: "first.json")
            #expect(eventually { weight("first") == 7 })
            let bytes = Array(ModelSamples.json(8).utf8)
            let path = folder.appending(path: "slow.json").path
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            for byte in bytes.dropLast() {
                let one = [byte]
                #expect(unsafe Glibc.write(descriptor, one, 1) == 1)
            }
            // Whole and in place meanwhile: another one.
            try write(ModelSamples.json(9), to: "other.json")
            #expect(eventually { weight("other") == 9 })
            usleep(300_000)
            #expect(weight("slow") == nil && failures(of: "slow") == [])
            let last = [bytes[bytes.count - 1]]
            #expect(unsafe Glibc.write(descriptor, last, 1) == 1)
            close(descriptor)
            #expect(eventually { weight("slow") == 8 })
        }
    }

    @Test("files behind links that are exchanged all at once, as Kubernetes does it")
    func links() throws {
        for (number, seed) in [(1, Float(1)), (2, 2)] {
            try makeFolder("..\(number)")
            try write(ModelSamples.json(seed), to: "..\(number)/a.json")
        }
        let (data, next) = (folder.appending(path: "..data").path, folder.appending(path: "..data_tmp").path)
        try FileManager.default.createSymbolicLink(atPath: data, withDestinationPath: "..1")
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: "a.json").path, withDestinationPath: "..data/a.json")
        try watching {
            #expect(weight("a") == 1)
            #expect(registry.usage.models == 1)
            try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: "..2")
            #expect(unsafe rename(next, data) == 0)
            #expect(eventually { weight("a") == 2 })
            #expect(registry.usage.versions == 1)
        }
    }

    @Test("folders of versions keep their numbers, and the latest is the greatest")
    func versions() throws {
        for version in [3, 10] {
            try makeFolder("m/\(version)")
            try write(ModelSamples.json(Float(version)), to: "m/\(version)/model.json")
        }
        try makeFolder("m/notes")
        try write("{", to: "m/notes/model.json")
        try watching {
            #expect(try registry.model("m").versions.map(\.version) == [3, 10])
            #expect(weight("m") == 10)
            try makeFolder("m/11")
            try write(ModelSamples.json(11), to: "m/11/model.json")
            #expect(eventually { weight("m") == 11 })
            #expect(weight("m", version: 3) == 3)
            // Another content under a number that was given out is refused, and so is a number that was passed over.
            try write(ModelSamples.json(12), to: "m/10/model.json")
            try makeFolder("m/4")
            try write(ModelSamples.json(4), to: "m/4/model.json")
            #expect(eventually { failures(of: "m").count == 2 })
            #expect(weight("m", version: 10) == 10 && weight("m", version: 4) == nil)
            try FileManager.default.removeItem(at: folder.appending(path: "m/11"))
            #expect(eventually { weight("m") == 10 })
        }
    }

    @Test("a version with a label stays when its file changes or goes, and so does one that a client registered, too")
    func labels() throws {
        try write(ModelSamples.json(1), to: "a.json")
        try write(ModelSamples.json(1), to: "b.json")
        try watching {
            #expect(try registry.setLabel("stable", of: "a", to: 1))
            _ = try registry.register("b", ModelSamples.document(1))
            try write(ModelSamples.json(2), to: "a.json")
            try FileManager.default.removeItem(at: folder.appending(path: "b.json"))
            try write(ModelSamples.json(3), to: "c.json")
            #expect(eventually { weight("a") == 2 && weight("c") == 3 })
            try FileManager.default.removeItem(at: folder.appending(path: "c.json"))
            #expect(eventually { weight("c") == nil })
            #expect(weight("a", version: 1) == 1)
            #expect(weight("b") == 1)
        }
    }

    @Test("what a client removed stays removed until its file changes")
    func removal() throws {
        try write(ModelSamples.json(1), to: "a.json")
        try watching {
            try registry.remove("a")
            try write(ModelSamples.json(2), to: "b.json")
            #expect(eventually { weight("b") == 2 })
            #expect(weight("a") == nil)
            try write(ModelSamples.json(3), to: "a.json")
            #expect(eventually { weight("a") == 3 })
        }
    }

    @Test("when more happens than the kernel remembers the folder is looked at as a whole")
    func manyFiles() throws {
        try watching {
            for number in 0..<300 { try write(ModelSamples.json(Float(number)), to: "m\(number).json") }
            #expect(eventually { registry.usage.models == 300 })
            #expect(weight("m299") == 299)
        }
    }
}
