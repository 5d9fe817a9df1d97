import DenseEngine
import Dispatch
import Locks
import ModelStore
import Synchronization
import Testing

@Suite("ModelRegistry")
struct ModelRegistryTests {
    private let registry = ModelRegistry(maximumBytes: 1 << 20)

    private func error(_ body: () throws(ModelStoreError) -> Void) -> ModelStoreError? {
        do throws(ModelStoreError) { try body() } catch { return error }
        return nil
    }

    @Test("versions are given out from 1, and a name alone means the latest")
    func countsVersions() throws {
        for seed in 1...3 {
            let (model, isNew) = try registry.register("m", ModelSamples.document(Float(seed)))
            #expect(isNew && model.version == seed)
        }
        #expect(try registry.lookup("m").version == 3)
        #expect(try registry.lookup("m", version: 2).network.layers[0].weights[0].tensor.elements[0] == 2)
        #expect(try registry.model("m").versions.map(\.version) == [1, 2, 3])
    }

    @Test("every thread sees a change once it has returned")
    func isSeenByAll() throws {
        let (started, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let left = DispatchGroup()
        let versions = Lock<[Int]>([])
        // More threads than there are copies of the catalog, all there before the change.
        for _ in 0..<20 {
            left.enter()
            DispatchQueue(label: "reader").async { [registry] in
                started.signal()
                gate.wait()
                let version = (try? registry.lookup("m"))?.version
                versions.withLock { $0.append(version ?? 0) }
                left.leave()
            }
        }
        for _ in 0..<20 { started.wait() }
        _ = try registry.register("m", ModelSamples.document())
        for _ in 0..<20 { gate.signal() }
        left.wait()
        #expect(versions.withLock { $0 } == Array(repeating: 1, count: 20))
    }

    @Test("the same content under the same name is the same version, even when it is not the latest")
    func isIdempotent() throws {
        _ = try registry.register("m", ModelSamples.document(1))
        _ = try registry.register("m", ModelSamples.document(2))
        let before = registry.usage
        let (model, isNew) = try registry.register("m", ModelSamples.document(1))
        #expect(!isNew && model.version == 1)
        #expect(registry.usage == before)
        #expect(try registry.lookup("m").version == 2)
    }

    @Test("a version number never comes back, not even after the model was removed")
    func neverReusesVersions() throws {
        _ = try registry.register("m", ModelSamples.document(1))
        _ = try registry.register("m", ModelSamples.document(2))
        try registry.remove("m", version: 2)
        #expect(try registry.register("m", ModelSamples.document(2)).model.version == 3)
        try registry.remove("m")
        #expect(try registry.register("m", ModelSamples.document(1)).model.version == 4)
    }

    @Test("removing the last version removes the model")
    func removesModel() throws {
        _ = try registry.register("m", ModelSamples.document())
        try registry.remove("m", version: 1)
        guard case .unknownModel("m") = error({ () throws(ModelStoreError) in _ = try registry.lookup("m") }) else {
            Issue.record("The model is still there.")
            return
        }
        #expect(registry.usage == (0, 0, 0))
    }

    @Test("what was looked up before a removal still computes")
    func survivesRemoval() throws {
        _ = try registry.register("m", ModelSamples.document())
        let model = try registry.lookup("m")
        try registry.remove("m")
        #expect(try model.network(Tensor([1, 3], [1, 0, 0])).output.elements == [1.5, 1.5])
    }

    @Test("the same content under two names is held once and addressed by its digest")
    func sharesContent() throws {
        let first = try registry.register("a", ModelSamples.document()).model
        let one = registry.usage.bytes
        let second = try registry.register("b", ModelSamples.document()).model
        #expect(first.content === second.content)
        #expect(registry.usage.bytes - one < one)
        let digest = first.content.digest.description
        #expect(try registry.lookup(digest).content === first.content)
        try registry.remove("a")
        #expect(try registry.lookup(digest).name == "b")
        try registry.remove("b")
        guard case .unknownDigest = error({ () throws(ModelStoreError) in _ = try registry.lookup(digest) }) else {
            Issue.record("The content is still there.")
            return
        }
    }

    @Test("a digest and a version must agree")
    func checksVersionOfDigest() throws {
        let model = try registry.register("a", ModelSamples.document()).model
        let digest = model.content.digest.description
        #expect(try registry.lookup(digest, version: 1).version == 1)
        guard
            case .unknownVersion = error({ () throws(ModelStoreError) in _ = try registry.lookup(digest, version: 2) })
        else {
            Issue.record("Version 2 does not exist.")
            return
        }
    }

    @Test("trainable is set on every layer of every version, and nothing else changes")
    func setsTrainable() throws {
        let before = try registry.register("m", ModelSamples.document()).model
        try registry.change("m", trainable: false)
        let after = try registry.lookup("m")
        #expect(after.content === before.content)
        #expect(Self.trainable(before) == .bool(true))
        #expect(Self.trainable(after) == .bool(false))
    }

    private static func trainable(_ model: Model) -> ConfigValue? {
        guard case .object(let object)? = model.layerConfigurations.first, case .object(let config)? = object["config"]
        else { return nil }
        return config["trainable"]
    }

    @Test("a model that does not fit is refused, and changes nothing")
    func isBounded() throws {
        let small = ModelRegistry(maximumBytes: 3 * 4096)
        _ = try small.register("a", ModelSamples.document(1))
        _ = try small.register("b", ModelSamples.document(1))
        let before = small.usage
        let document = try ModelSamples.document(2)
        let failure = error { () throws(ModelStoreError) in _ = try small.register("c", document) }
        guard case .full(let limit, let used, let needed)? = failure else {
            Issue.record("Expected `full`, received \(String(describing: failure)).")
            return
        }
        #expect(limit == 3 * 4096 && used == before.bytes && used + needed > limit)
        #expect(small.usage == before)
        try small.remove("a")
        #expect(try small.register("c", ModelSamples.document(2)).isNew)
    }

    @Test(
        "names are 1 to 128 letters, digits, dots, underscores and dashes",
        arguments: [
            ("a", true), ("A-z_0.9", true), (String(repeating: "x", count: 128), true), ("", false),
            (String(repeating: "x", count: 129), false), ("a/b", false), ("a b", false), ("é", false),
            ("a\u{0}", false),
            ("sha256:ab", false), (".", false), ("..", false), ("...", true),
        ])
    func checksNames(name: String, isValid: Bool) throws {
        #expect(ModelRegistry.isValid(name: name) == isValid)
    }

    @Test("an invalid name is refused before anything is built")
    func refusesInvalidName() throws {
        let document = try ModelSamples.document()
        let failure = error { () throws(ModelStoreError) in _ = try registry.register("a/b", document) }
        guard case .invalidName("a/b")? = failure else {
            Issue.record("The name was taken.")
            return
        }
    }

    @Test("the list goes by ascending name")
    func listsByName() throws {
        for name in ["b", "a", "c"] { _ = try registry.register(name, ModelSamples.document()) }
        #expect(registry.all.map(\.name) == ["a", "b", "c"])
    }

    @Test("lookups, registrations and removals from many threads never meet a broken state")
    func isConsistentUnderChange() throws {
        let documents = try (0..<4).map { try ModelSamples.document(Float($0 + 1)) }
        _ = try registry.register("stable", documents[0])
        let failures = Atomic<Int>(0)
        let numbers = Lock<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for round in 0..<100 {
                do throws(ModelStoreError) {
                    if thread.isMultiple(of: 2) {
                        let registered = try registry.register("changing", documents[(round + thread) % 4])
                        if registered.isNew { numbers.withLock { $0.append(registered.model.version) } }
                        if round.isMultiple(of: 3) { try registry.remove("changing") }
                    } else {
                        if try registry.lookup("stable").version != 1 { failures.add(1, ordering: .relaxed) }
                        let model = try registry.lookup("changing")
                        if model.name != "changing" { failures.add(1, ordering: .relaxed) }
                    }
                } catch {
                    if case .unknownModel("changing") = error { continue }
                    failures.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
        let given = numbers.withLock { $0 }
        #expect(Set(given).count == given.count, "a version number was given out twice")
        try? registry.remove("changing")
        try registry.remove("stable")
        #expect(registry.usage == (0, 0, 0))
    }
}
