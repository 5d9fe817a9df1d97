import FoundationEssentials
import Testing
import dense_serve

@Suite("What hosts tell their containers")
struct HostSettingsTests {
    private func settings(_ environment: [String: String]) throws -> ServerSettings {
        try ServerSettings(sources: [
            SettingsValues(host: environment), SettingsValues(environment: environment),
        ])
    }

    @Test("ports, routes and names come from each host's variables, and the server's own count more")
    func variables() throws {
        #expect(try settings(["PORT": "9001"]).port == 9001)
        #expect(try settings(["PORT": "9001", "AIP_HTTP_PORT": "9002"]).port == 9002)
        #expect(try settings(["SAGEMAKER_BIND_TO_PORT": "9003", "AIP_HTTP_PORT": "9002"]).port == 9003)
        #expect(try settings(["PORT": "9001", "DENSE_PORT": "9004"]).port == 9004)
        #expect(try settings(["PORT": ""]).port == 8080)
        let vertex = try settings([
            "AIP_HEALTH_ROUTE": "/h", "AIP_PREDICT_ROUTE": "/p", "AIP_STORAGE_URI": "gs://bucket/models",
        ])
        #expect(vertex.healthRoute == "/h")
        #expect(vertex.predictRoute == "/p")
        #expect(vertex.models == ServerSettings.defaultModels)
        #expect(try settings(["AIP_STORAGE_URI": "/data/models"]).models == "/data/models")
        #expect(try settings(["AIP_STORAGE_URI": "file:///data/models"]).models == "/data/models")
        #expect(try settings(["MODEL_NAME": "flowers"]).modelName == "flowers")
        #expect(throws: SettingsError.self) { try settings(["PORT": "http"]) }
    }

    @Test("a mount takes the place of the default folder, and of no other")
    func mounts() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "mounts-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        let (full, empty) = (root.appending(path: "full").path, root.appending(path: "empty").path)
        for path in [full, empty] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try Data().write(to: URL(filePath: full + "/model.json"))
        var settings = ServerSettings()
        settings.modelName = "m"
        #expect(ModelSource(settings, mounts: [empty, full]) == .mount(full, name: "m"))
        settings.models = ""
        #expect(ModelSource(settings, mounts: [full]) == .none)
        settings.models = "/elsewhere"
        #expect(ModelSource(settings, mounts: [full]) == .mount("/elsewhere", name: "m"))
        settings.modelName = ""
        #expect(ModelSource(settings, mounts: [full]) == .folder("/elsewhere"))
    }
}
