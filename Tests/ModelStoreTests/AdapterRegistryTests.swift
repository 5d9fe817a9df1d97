import DenseEngine
import FoundationEssentials
import ModelStore
import Testing

@Suite("Adapters in the registry")
struct AdapterRegistryTests {
    private let registry = ModelRegistry(maximumBytes: 100_000)

    init() throws { _ = try registry.register("m", ModelSamples.document()) }

    private func error(_ body: () throws(ModelStoreError) -> Void) -> ModelStoreError? {
        do throws(ModelStoreError) { try body() } catch { return error }
        return nil
    }

    private func document(_ text: String) throws(ModelStoreError) -> AdapterDocument {
        try AdapterDocument(file: Array(text.utf8))
    }

    @Test("the same content is the same adapter, other content is refused, and a removed name is free")
    func immutable() throws {
        let (model, adapter, isNew) = try registry.registerAdapter("a", of: "m", ModelSamples.adapter(1))
        #expect(isNew && model.version == 1 && model.adapters["a"]?.digest == adapter.digest)
        #expect(try !registry.registerAdapter("a", of: "m", ModelSamples.adapter(1)).isNew)
        guard
            case .adapterTaken("m", 1, "a")? = error({ () throws(ModelStoreError) in
                _ = try registry.registerAdapter("a", of: "m", ModelSamples.adapter(2))
            })
        else {
            Issue.record("other content is taken")
            return
        }
        try registry.removeAdapter("a", of: "m")
        guard
            case .unknownAdapter("m", 1, "a", [])? = error({ () throws(ModelStoreError) in
                try registry.removeAdapter("a", of: "m")
            })
        else {
            Issue.record("removed twice")
            return
        }
        #expect(try registry.registerAdapter("a", of: "m", ModelSamples.adapter(2)).isNew)
    }

    @Test("an adapter belongs to one version, and goes with it")
    func versions() throws {
        _ = try registry.register("m", ModelSamples.document(2))
        #expect(try registry.registerAdapter("a", of: "m", ModelSamples.adapter(1)).model.version == 2)
        #expect(try registry.registerAdapter("b", of: "m", version: 1, ModelSamples.adapter(1)).model.version == 1)
        #expect(try registry.lookup("m", version: 1).adapters.keys.sorted() == ["b"])
        #expect(registry.adapterCount == 2)
        let used = registry.usage.bytes
        try registry.remove("m", version: 2)
        #expect(registry.adapterCount == 1 && registry.usage.bytes < used)
        try registry.remove("m")
        #expect(registry.usage.bytes == 0)
    }

    @Test("adapters count for max_model_bytes, and never leave anything behind")
    func bounded() throws {
        let empty = registry.usage.bytes
        var count = 0
        while true {
            let refused = error { () throws(ModelStoreError) in
                _ = try registry.registerAdapter("a\(count)", of: "m", ModelSamples.adapter(Float(count)))
            }
            if case .full? = refused { break }
            try #require(refused == nil && count < 100)
            count += 1
        }
        #expect(count > 3 && registry.usage.bytes <= 100_000)
        for index in 0..<count { try registry.removeAdapter("a\(index)", of: "m") }
        #expect(registry.usage.bytes == empty)
    }

    @Test("a version from a file stays for good once it has an adapter")
    func kept() throws {
        try withTemporaryFolder(["f.json": Data(ModelSamples.json(5).utf8)]) { folder in
            FolderWatcher(folder, registry) { _ in }.loadAll()
        }
        #expect(try registry.lookup("f").isFromFolder)
        #expect(try !registry.registerAdapter("a", of: "f", ModelSamples.adapter(1)).model.isFromFolder)
        #expect(try registry.lookup("f").adapters.count == 1)
    }

    @Test("a file of PEFT's names gives the adapter that JSON does, transposed")
    func peft() throws {
        // {"lora_A.weight": [1, 3], "lora_B.weight": [2, 1]}
        let header =
            #"{"__metadata__":{"lora_alpha":"4"},"#
            + #""base_model.model.net.dense.lora_A.weight":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},"#
            + #""base_model.model.net.dense.lora_B.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[12,20]}}"#
        let numbers: [Float] = [1, 2, 3, 1, 0.5]
        let file =
            (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) } + Array(header.utf8)
            + (unsafe numbers.withUnsafeBytes { unsafe Array($0) })
        let network = try registry.lookup("m").network
        let own = try AdapterDocument(file: file).build("a", for: network)
        let json = try document(
            #"{"layers":{"dense":{"lora_kernel_a":[[1],[2],[3]],"lora_kernel_b":[[1,0.5]],"lora_alpha":4}}}"#
        ).build("a", for: network)
        #expect(own.digest == json.digest)
        #expect(own.digest != (try ModelSamples.adapter(1).build("a", for: network).digest))
    }

    @Test(
        "what is no adapter is refused",
        arguments: [
            #"{}"#, #"{"layers":{}}"#, #"{"layers":[]}"#, #"{"layers":{"other":{}}}"#, #"{"layers":{"dense":{}}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[[1],[2],[3]]}}}"#, #"{"layer":{}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[[1],[2]],"lora_kernel_b":[[1,2]]}}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[[],[],[]],"lora_kernel_b":[]}}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[[1],[2],[3]],"lora_kernel_b":[[1,2],[3,4]]}}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[1,2,3],"lora_kernel_b":[[1,2]]}}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[[1],[2],[3]],"lora_kernel_b":[[1,2]],"lora_alpha":"1"}}}"#,
            #"{"layers":{"dense":{"lora_kernel_a":[[1],[2],[3]],"lora_kernel_b":[[1,2]],"rank":1}}}"#,
        ])
    func refused(text: String) throws {
        let error = error { () throws(ModelStoreError) in
            _ = try registry.registerAdapter("a", of: "m", document(text))
        }
        #expect(error != nil)
        #expect(registry.adapterCount == 0)
    }

    @Test("an adapter's name is one like a model's")
    func names() throws {
        for name in ["", "..", "a/b", "ä", String(repeating: "a", count: 129)] {
            guard
                case .invalidAdapter(name)? = error({ () throws(ModelStoreError) in
                    _ = try registry.registerAdapter(name, of: "m", ModelSamples.adapter(1))
                })
            else {
                Issue.record("'\(name)' is taken")
                continue
            }
        }
        #expect(
            try registry.registerAdapter(String(repeating: "a", count: 128), of: "m", ModelSamples.adapter(1)).isNew)
    }
}
