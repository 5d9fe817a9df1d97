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
        try withFolder(files) { try ModelRegistry(maximumBytes: 1 << 20).loadMount($0, name: name) }
    }

    private func withFolder<Result>(_ files: [String], _ body: (String) throws -> Result) throws -> Result {
        let models = files.enumerated().map { ($0.element, Self.model($0.offset + 1)) }
        return try withTemporaryFolder(Dictionary(uniqueKeysWithValues: models), body)
    }

    @Test("one file is the one model, called as the host says")
    func single() throws {
        #expect(try load(["model.json"], name: "flowers") == ["flowers 1"])
        #expect(try load(["model.json"]) == ["model 1"])
    }

    @Test("numbered folders are versions of these numbers, others models")
    func folders() throws {
        #expect(try load(["1/model.json", "2/model.json"], name: "m") == ["m 1", "m 2"])
        #expect(try load(["10/model.json", "9/model.json"]) == ["model 9", "model 10"])
        #expect(try load(["a/model.json", "b/1/x.json", "b/2/x.json", "notes.txt"]) == ["a 1", "b 1", "b 2"])
        #expect(try load(["a.json", "b.json"], name: "m") == ["a 1", "b 1"])
    }

    @Test("versions come in the order of their folders' numbers, whatever order their texts have")
    func order() throws {
        let files = ["1000/x.json", "9/x.json", "10/x.json", "2/x.json"]
        for prefix in ["", "m/"] {
            let models = try models(files.map { prefix + $0 }, name: "m")
            #expect(models.map(\.version) == [2, 9, 10, 1000])
            #expect(models.map { $0.network.outputShape?.last } == [4, 2, 3, 1])
        }
    }

    @Test("zeros may stand before a version's number, and of two folders of one version the last by name counts")
    func zeros() throws {
        for prefix in ["", "m/"] {
            let models = try models(["01/x.json", "1/x.json", "002/x.json"].map { prefix + $0 }, name: "m")
            #expect(models.map(\.version) == [1, 2])
            #expect(models.map { $0.network.outputShape?.last } == [2, 3])
        }
        // What has a sign is a model's name, and what no integer holds is none at all.
        #expect(try load(["-1/x.json", "99999999999999999999/x.json"]) == ["-1 1"])
    }

    @Test("the folder of models lists versions alike")
    func folder() throws {
        let files = ["m/01/x.json", "m/1/x.json", "m/10/x.json", "m/9/x.json", "m/-1/x.json"]
        let models = try withFolder(files) { try ModelRegistry(maximumBytes: 1 << 20).loadFolder($0) }
        #expect(models.map(\.version) == [1, 9, 10])
        #expect(models.map { $0.network.outputShape?.last } == [2, 4, 3])
    }

    @Test("a link that leads nowhere is named, not passed over")
    func brokenLink() throws {
        try withFolder(["a.json"]) { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/b.json", withDestinationPath: folder + "/nowhere")
            do throws(ModelStoreError) {
                try ModelRegistry(maximumBytes: 1 << 20).loadMount(folder)
                Issue.record("It was loaded.")
            } catch { #expect(error.description.contains("/b.json")) }
        }
    }

    @Test("a version's folder that cannot be a version is refused, and named", arguments: ["", "m/"])
    func refused(prefix: String) throws {
        for (files, sentence) in [
            (["3/a.json", "3/b.json"], "A version's folder must hold one model. Expected one in "),
            (["0/a.json"], "A version's folder must be called by a number above zero. Expected 1 or more, received "),
        ] {
            let reason = try withFolder(files.map { prefix + $0 }) { folder -> String? in
                do throws(ModelStoreError) {
                    try ModelRegistry(maximumBytes: 1 << 20).loadMount(folder, name: "m")
                    return nil
                } catch { return error.description }
            }
            #expect(reason?.contains(sentence) == true, "\(reason ?? "It was loaded.")")
            #expect(reason?.contains("/\(prefix)\(files[0].prefix(1))") == true)
        }
    }

    @Test("hidden files and folders are left alone")
    func hidden() throws {
        #expect(try load([".lock", ".git/a.json", "model.json"], name: "m") == ["m 1"])
    }
}
