import DenseEngine
import FoundationEssentials
import ModelStore
import Testing

@Suite("Folders that hosts fill")
struct ModelMountTests {
    private static func model(_ units: Int) -> Data {
        Data(
            #"{"layers":[{"layer":{"units":\#(units),"kernel_initializer":"zeros"},"weights":{"kernel":[[\#(String(repeating: "1,", count: units - 1))1]],"bias":[\#(String(repeating: "0,", count: units - 1))0]}}]}"#
                .utf8)
    }

    /// Makes a folder of files, loads it, and gives the names and versions.
    private func load(_ files: [String], name: String? = nil) throws -> [String] {
        try models(files, name: name).map { "\($0.name) \($0.version)" }
    }

    /// The models of a folder of files, of which each has a unit more than the one before it.
    private func models(_ files: [String], name: String? = nil) throws -> [Model] {
        let root = FileManager.default.temporaryDirectory.appending(path: "mount-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (index, file) in files.enumerated() {
            let url = root.appending(path: file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Self.model(index + 1).write(to: url)
        }
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        return try registry.loadMount(root.path, name: name)
    }

    @Test("one file is the one model, called as the host says")
    func single() throws {
        #expect(try load(["model.json"], name: "flowers") == ["flowers 1"])
        #expect(try load(["model.json"]) == ["model 1"])
    }

    @Test("numbered folders are versions, others models")
    func folders() throws {
        #expect(try load(["1/model.json", "2/model.json"], name: "m") == ["m 1", "m 2"])
        #expect(try load(["10/model.json", "9/model.json"]) == ["model 1", "model 2"])
        #expect(try load(["a/model.json", "b/1/x.json", "b/2/x.json", "notes.txt"]) == ["a 1", "b 1", "b 2"])
        #expect(try load(["a.json", "b.json"], name: "m") == ["a 1", "b 1"])
    }

    @Test("versions come in the order of their folders' numbers, whatever order their texts have")
    func order() throws {
        let files = ["1000/x.json", "9/x.json", "10/x.json", "2/x.json"]
        for prefix in ["", "m/"] {
            let models = try models(files.map { prefix + $0 }, name: "m")
            #expect(models.map(\.version) == [1, 2, 3, 4])
            #expect(models.map { $0.network.outputShape?.last } == [4, 2, 3, 1])
        }
    }

    @Test("hidden files and folders are left alone")
    func hidden() throws {
        #expect(try load([".lock", ".git/a.json", "model.json"], name: "m") == ["m 1"])
    }
}
