import FoundationEssentials
import ModelStore
import Testing

@Suite("Model folder")
struct ModelFolderTests {
    private func withFolder(_ files: [String: String], _ body: (String, ModelRegistry) throws -> Void) throws {
        try withTemporaryFolder(files.mapValues { Data($0.utf8) }) { folder in
            try body(folder, ModelRegistry(maximumBytes: 1 << 20))
        }
    }

    @Test("every .json file is a model named by its file")
    func loads() throws {
        let files = [
            "b.json": ModelSamples.json(2), "a.json": ModelSamples.json(1), "notes.txt": "no model", ".x.json": "{",
        ]
        try withFolder(files) { folder, registry in
            let models = try registry.loadFolder(folder)
            #expect(models.map(\.name) == ["a", "b"])
            #expect(registry.usage.models == 2)
        }
    }

    @Test(
        "a broken file stops the loading with its name and the place",
        arguments: [
            (#"{"layers":[{"layer":{"units":2},"weights":{"kernel":[[1,2],[3]]}}]}"#, "/layers/0/weights/kernel/1"),
            (#"{"layer":{"units":0}}"#, "/layer/units"), (#"{"layers" 1}"#, "byte"),
        ])
    func namesBrokenFile(text: String, place: String) throws {
        try withFolder(["bad.json": text, "good.json": ModelSamples.json()]) { folder, registry in
            do throws(ModelStoreError) {
                try registry.loadFolder(folder)
                Issue.record("The file was taken.")
            } catch {
                #expect(error.description.contains("/bad.json"))
                #expect(error.description.contains(place), "\(error)")
            }
        }
    }

    @Test("files of weights take the configuration of the same name beside them")
    func weights() throws {
        let json = #"{"layers": [{"units": 5, "activation": "relu"}, {"units": 2}]}"#
        try withFolder(["stack.json": json, "one.json": ModelSamples.json()]) { folder, registry in
            let url = URL(filePath: folder)
            try Data(GoldenFiles.bytes("stack.weights.h5")).write(to: url.appending(path: "stack.weights.h5"))
            try Data(GoldenFiles.bytes("mlp.keras")).write(to: url.appending(path: "mlp.keras"))
            #expect(try registry.loadFolder(folder).map(\.name) == ["mlp", "one", "stack"])
            try Data(GoldenFiles.bytes("mlp.keras")).write(to: url.appending(path: "stack.keras"))
            #expect(throws: ModelStoreError.self) { try registry.loadFolder(folder) }
        }
    }

    @Test("a file with a name no model can have is refused")
    func refusesName() throws {
        try withFolder(["a b.json": ModelSamples.json()]) { folder, registry in
            #expect(throws: ModelStoreError.self) { try registry.loadFolder(folder) }
        }
    }

    @Test("a folder that is not there is named")
    func namesMissingFolder() {
        do throws(ModelStoreError) {
            try ModelRegistry(maximumBytes: 1).loadFolder("/nonexistent/models")
            Issue.record("It was read.")
        } catch {
            #expect(error.description.contains("/nonexistent/models"))
        }
    }
}
