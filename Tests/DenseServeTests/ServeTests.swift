import FoundationEssentials
import Glibc
import Testing

/// The built binary, serving.
@Suite("dense-serve serve")
struct ServeTests {
    private static let body = #"{"model": "attention", "input": [[[1, 2, 3, 4], [0, 0, 0, 0]]]}"#

    @Test("it serves the example models on a free port, and a signal ends it with 0", arguments: [SIGTERM, SIGINT])
    func servesAndStops(signal: Int32) throws {
        let server = try ChildProcess(["serve", "--port", "0"])
        let address = try server.address()
        let response = try RawClient.exchange(address, "POST", "/dense", body: Self.body)
        #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(response)")
        // tanh(0.5 - 0.5 + 2.25 + 0.5 + 0.1) and tanh(0.1), as float32.
        #expect(response.contains(#""shape":[1,2,1],"dtype":"float32""#), "\(response)")
        #expect(response.contains(#"{"output":[[[0.99"#), "\(response)")
        #expect(try RawClient.exchange(address, "GET", "/models").contains("classifier"))
        #expect(try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200 OK\r\n"))
        server.send(signal)
        let result = try server.wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains(#""level":"info","message":"stopped""#))
    }

    @Test("SIGHUP ends nothing: it goes on to serve, and the next signal stops it")
    func hangUp() throws {
        let server = try ChildProcess(["serve", "--port", "0"])
        let address = try server.address()
        server.send(SIGHUP)
        try server.waitForLog("reload")
        #expect(try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200 OK\r\n"))
        server.send(SIGTERM)
        #expect(try server.wait().status == 0)
    }

    @Test("a request in flight is answered before it stops")
    func drains() throws {
        let server = try ChildProcess(["serve", "--port=0"])
        let address = try server.address()
        let client = try RawClient(address)
        let start = "POST /dense HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(Self.body.utf8.count)\r\n"
        // The server's answer to the expectation shows that it has the head and waits for the body.
        try client.send(start + "Expect: 100-continue\r\n\r\n")
        #expect(try client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
        server.send(SIGTERM)
        try server.waitForLog("\"stopping\"")
        try client.send(Self.body)
        #expect(client.receiveToEnd().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try server.wait().status == 0)
    }

    @Test("while it drains it is not ready, and a second signal ends it at once")
    func drainDelay() throws {
        let server = try ChildProcess(["serve", "--port", "0", "--drain-delay-ms", "60000"])
        let address = try server.address()
        server.send(SIGTERM)
        try server.waitForLog("\"stopping\"")
        // Draining begins a moment after the line is logged.
        while try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 200") {}
        #expect(try RawClient.exchange(address, "GET", "/health/ready").hasPrefix("HTTP/1.1 503"))
        #expect(try RawClient.exchange(address, "GET", "/health/live").hasPrefix("HTTP/1.1 200"))
        server.send(SIGTERM)
        #expect(try server.wait().status == 1)
    }

    @Test("it listens on IPv6, with the address in brackets")
    func version6() throws {
        let server = try ChildProcess(["serve", "--host", "::1", "--port", "0"])
        let address = try server.address()
        #expect(address.hasPrefix("http://[::1]:"))
        #expect(try RawClient.exchange(address, "GET", "/health/live").hasPrefix("HTTP/1.1 200"))
    }

    @Test("it listens on a Unix socket instead of TCP, and health finds it there")
    func unixSocket() throws {
        let path = TemporaryFile.freePath(suffix: ".sock")
        let server = try ChildProcess(["serve", "--host=", "--unix-socket", path])
        let address = try server.address()
        #expect(address == "unix:\(path)")
        #expect(try RawClient.exchange(address, "POST", "/dense", body: Self.body).hasPrefix("HTTP/1.1 200"))
        let environment = ["DENSE_HOST": "", "DENSE_UNIX_SOCKET": path]
        #expect(try ChildProcess.run("health", environment: environment).status == 0)
        server.send(SIGTERM)
        #expect(try server.wait().status == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("there is one access line a request, or none when the setting is off", arguments: [true, false])
    func accessLog(isOn: Bool) throws {
        let server = try ChildProcess(["serve", "--port", "0", "--log-format", "json", "--access-log", "\(isOn)"])
        let address = try server.address()
        for number in 0..<5 { _ = try RawClient.exchange(address, "GET", "/models/m\(number)?secret=1") }
        server.send(SIGTERM)
        let lines = try server.wait().errors.split(separator: "\n").filter { $0.contains(#""message":"request""#) }
        #expect(lines.count == (isOn ? 5 : 0))
        #expect(lines.allSatisfy { $0.contains(#""method":"GET","path":"/models/m"#) && $0.contains(#""status":404"#) })
        #expect(lines.allSatisfy { $0.contains(#""protocol":"HTTP/1.1""#) })
        #expect(!lines.contains { $0.contains("secret") })
    }

    @Test("settings come from the file, the environment and flags")
    func sources() throws {
        let file = try TemporaryFile(#"{"port": 1, "log_format": "text", "access_log": false}"#)
        let server = try ChildProcess(["serve", "--config", file.path], environment: ["DENSE_PORT": "0"])
        let address = try server.address()
        #expect(address != "http://127.0.0.1:1")
        server.send(SIGTERM)
        #expect(try server.wait().errors.contains("Z info     stopped\n"))
    }

    @Test(
        "a setting that cannot be used stops the start and is named",
        arguments: [
            (["--port", "65536"], Int32(64), "--port on the command line"),
            (["--prot", "1"], 64, "--prot"),
            (["--models", "/nowhere/at/all"], 1, "/nowhere/at/all"),
            (["--config", "/nowhere.json"], 1, "/nowhere.json"),
            (["--host", "no such host"], 1, "no such host"),
        ])
    func wrongSettings(flags: [String], status: Int32, message: String) throws {
        let result = try ChildProcess(["serve", "--port", "0"] + flags).wait()
        #expect(result.status == status)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test(
        "a settings file that cannot be used stops the start and is named",
        arguments: [
            (#"{"prot": 1}"#, "Unknown setting 'prot' in "), (#"{"port": 1, "port": 2}"#, "port"),
            ("[1]", "must hold one JSON object"), (#"{"port": "#, "cannot be read"), ("", "cannot be read"),
        ])
    func wrongFiles(text: String, message: String) throws {
        let file = try TemporaryFile(text)
        let result = try ChildProcess.run("serve", "--config", file.path)
        #expect(result.status == 1)
        #expect(result.errors.contains(message) && result.errors.contains(file.path), "\(result.errors)")
    }

    @Test("a port that is taken stops the start")
    func takenPort() throws {
        let first = try ChildProcess(["serve", "--port", "0"])
        let port = try #require(first.address().split(separator: ":").last)
        let second = try ChildProcess.run("serve", "--port", String(port))
        #expect(second.status == 1)
        #expect(second.errors.contains("Address already in use"), "\(second.errors)")
    }

    @Test("a broken model stops the start and is named")
    func brokenModel() throws {
        let folder = TemporaryFile.freePath()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(#"{"layers": [{"layer": {"units": -3}}]}"#.utf8).write(to: URL(filePath: folder + "/bad.json"))
        let result = try ChildProcess.run("serve", "--port", "0", "--models", folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("bad.json"), "\(result.errors)")
    }
}
