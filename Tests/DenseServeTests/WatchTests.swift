import FoundationEssentials
import Glibc
import Testing

/// Servers that watch their folder of models.
@Suite("--watch", .serialized)
struct WatchTests {
    private static let body = #"{"model": "m", "input": [[1, 1]]}"#

    private let folder = TemporaryFile.freePath(suffix: ".models")

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func write(_ text: String, to name: String) throws {
        // In place as a whole, as whoever deploys does it.
        let path = "\(folder)/.\(name).new"
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(unsafe rename(path, "\(folder)/\(name)") == 0)
    }

    private static func model(_ weight: Int) -> String {
        #"{"layer":{"units":1},"weights":{"kernel":[[\#(weight)],[0]],"bias":[0]}}"#
    }

    private func output(_ address: String) throws -> String {
        let response = try RawClient.exchange(address, "POST", "/dense", body: Self.body)
        return String(response.split(separator: "\r\n\r\n", maxSplits: 1).last?.prefix(20) ?? "")
    }

    private func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<6_000 {
            if try condition() { return true }
            usleep(5_000)
        }
        return false
    }

    @Test("new versions swap in under load without one failed request, broken ones never, and all is told of")
    func underLoad() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.model(1), to: "m.json")
        try write("{", to: "broken.json")
        let server = try ChildProcess([
            "serve", "--port", "0", "--models", folder, "--watch", "true", "--access-log", "false", "--log-format",
            "json",
        ])
        let address = try server.address()
        try server.waitForLog("a model could not be loaded")
        #expect(try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200"))
        let broken = try RawClient.exchange(address, "GET", "/models/broken")
        #expect(broken.contains(#""state":"failed""#), "\(broken)")
        let clients = try SteadyClients([address], body: Self.body)
        #expect(clients.waitForAnswers(20))
        for weight in 2...6 {
            try write(Self.model(weight), to: "m.json")
            #expect(try eventually { try output(address).hasPrefix("{\"output\":[[\(weight).0]]") })
            try write(#"{"layer":{"units":0}}"#, to: "m.json")
            #expect(
                try eventually {
                    try RawClient.exchange(address, "GET", "/models/m").contains(#""state":"failed""#)
                })
            #expect(try output(address).hasPrefix("{\"output\":[[\(weight).0]]"))
        }
        #expect(clients.stop() == [])
        let status = try RawClient.exchange(address, "GET", "/models/m")
        #expect(status.contains(#""versions":[6]"#), "\(status)")
        server.send(SIGTERM)
        #expect(try server.wait().status == 0)
    }

    @Test("without it a broken file stops the start as before, and later files are left alone")
    func unwatched() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write("{", to: "m.json")
        let refused = try ChildProcess.run("serve", "--port", "0", "--models", folder)
        #expect(refused.status == 1 && refused.errors.contains("m.json"), "\(refused.errors)")
    }
}
