import FoundationEssentials
import Glibc
import Testing

/// Servers with a data folder, as processes.
@Suite("--data", .serialized)
struct DurabilityTests {
    private static let model = #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[2],[3]],"bias":[0]}}]}"#
    private static let other = #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[5],[7]],"bias":[0]}}]}"#
    private static let call = #"{"model": "m", "label": "stable", "input": [[1, 1]]}"#

    private let folder = TemporaryFile.freePath(suffix: ".data")

    private func server(_ flags: String...) throws -> ChildProcess {
        try ChildProcess(
            ["serve", "--port", "0", "--data", folder, "--access-log", "false", "--log-format", "json"] + flags)
    }

    private static func status(_ address: String, _ method: String, _ path: String, _ body: String = "") throws -> Int {
        let response = try RawClient.exchange(address, method, path, body: body)
        return try #require(Int(response.split(separator: " ")[1]), "\(response)")
    }

    @Test("models, labels and removals are there after a kill, and the folder of models is not stored again")
    func survives() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try server()
        let address = try first.address()
        #expect(try Self.status(address, "PUT", "/models/m", Self.model) == 201)
        #expect(try Self.status(address, "PUT", "/models/m", Self.other) == 201)
        #expect(try Self.status(address, "PUT", "/models/m/labels/stable", #"{"version": 1}"#) == 201)
        #expect(try Self.status(address, "DELETE", "/models/attention") == 204)
        first.send(SIGKILL)
        #expect(first.waitForExit() == 128 + SIGKILL)

        let second = try server()
        let next = try second.address()
        #expect(
            try RawClient.exchange(next, "POST", "/dense", body: Self.call).hasSuffix(
                #"{"output":[[5.0]],"shape":[1,1],"dtype":"float32","version":1}"#))
        #expect(try Self.status(next, "GET", "/models/m/versions/2") == 200)
        #expect(try Self.status(next, "GET", "/models/attention") == 404)
        #expect(try Self.status(next, "GET", "/models/classifier/versions/1") == 200)
        #expect(try Self.status(next, "PUT", "/models/m", Self.model) == 200)
        let stored = try FileManager.default.contentsOfDirectory(atPath: folder + "/models/classifier")
        #expect(stored == ["manifest"])
        second.send(SIGTERM)
        #expect(try second.wait().status == 0)
    }

    @Test("a second server on the same folder does not start, and says why")
    func lock() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try server()
        _ = try first.address()
        let other = try server()
        try #require(try other.endsBeforeListening())
        let second = try other.wait()
        #expect(second.status == 1)
        #expect(second.errors.contains("Another server has the data folder"), "\(second.errors)")
        first.send(SIGTERM)
        _ = try first.wait()
    }

    @Test("a damaged version is left out, told of in the log and at its model's status, and the rest is served")
    func damage() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try server()
        let address = try first.address()
        #expect(try Self.status(address, "PUT", "/models/m", Self.model) == 201)
        #expect(try Self.status(address, "PUT", "/models/n", Self.other) == 201)
        first.send(SIGKILL)
        _ = first.waitForExit()
        let path = folder + "/models/m/1.safetensors"
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        bytes[bytes.count - 2] ^= 1
        try Data(bytes).write(to: URL(filePath: path))

        let second = try server()
        let next = try second.address()
        try second.waitForLog("a stored model is damaged")
        let status = try RawClient.exchange(next, "GET", "/models/m")
        #expect(status.contains(#""versions":[]"#) && status.contains(#""version":1,"state":"failed""#), "\(status)")
        #expect(try Self.status(next, "GET", "/models/n") == 200)
        #expect(try Self.status(next, "POST", "/dense", #"{"model": "m", "input": [[1, 1]]}"#) == 404)
        let again = try RawClient.exchange(next, "PUT", "/models/m", body: Self.model)
        #expect(again.contains(#""version":2"#), "\(again)")
        second.send(SIGTERM)
        _ = try second.wait()
    }

    @Test("a hand-over loses no change: the new process has all that was acknowledged, under load")
    func handOver() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try server()
        let address = try first.address()
        #expect(try Self.status(address, "PUT", "/models/m", Self.model) == 201)
        #expect(try Self.status(address, "PUT", "/models/m/labels/stable", #"{"version": 1}"#) == 201)
        let clients = try SteadyClients([address], body: Self.call)
        #expect(clients.waitForAnswers(20))
        first.send(SIGUSR2)
        let line = try first.waitForLog("handing over")
        let digits = line.components(separatedBy: #""process":"#).last?.prefix { $0.isNumber }
        let second = try #require(digits.flatMap { pid_t($0) })
        // Changes go on all the time, at whichever process; those that are refused can be made again.
        var made = 0
        var refused = 0
        while made < 60 {
            let body = Self.model.replacing("[2]", with: "[\(1000 + made)]")
            switch try Self.status(address, "PUT", "/models/changing", body) {
            case 200, 201: made += 1
            case 503: refused += 1
            case let status:
                Issue.record("received \(status)")
                return
            }
        }
        try first.waitForLog("\"handed over\"")
        #expect(first.waitForExit() == 0)
        #expect(clients.waitForAnswers(20))
        #expect(clients.stop() == [])
        let list = try RawClient.exchange(address, "GET", "/models/changing")
        #expect(list.contains("\"versions\":[\((1...60).map(String.init).joined(separator: ","))]"), "\(list)")
        kill(second, SIGTERM)
        _ = try first.wait()
    }

    @Test("when the new process does not start the old one has its folder again, and changes go on")
    func failedHandOver() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try TemporaryFile(#"{"port": 0}"#)
        let server = try ChildProcess(["serve", "--config", file.path, "--data", folder, "--log-format", "json"])
        let address = try server.address()
        #expect(try Self.status(address, "PUT", "/models/m", Self.model) == 201)
        try Data("{".utf8).write(to: URL(filePath: file.path))
        server.send(SIGUSR2)
        try server.waitForLog("this one goes on")
        #expect(try Self.status(address, "PUT", "/models/m", Self.other) == 201)
        #expect(try Self.status(address, "GET", "/models/m/versions/1") == 200)
        #expect(try Self.status(address, "GET", "/models/classifier") == 200)
        server.send(SIGTERM)
        #expect(try server.wait().status == 0)
    }

    @Test("what was acknowledged is there after kills at any moment, and nothing is there in part")
    func kills() throws {
        let program = ChildProcess.executable("dense-serve")
        let folder = folder
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try ChildProcess(
            ["kills", "--kills", "20", "--within", "40", "--data", folder, program], program: "dense-bench"
        ).wait()
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.hasSuffix("all is well\n"))
    }
}
