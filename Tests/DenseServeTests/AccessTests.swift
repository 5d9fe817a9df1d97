import AccessControl
import FoundationEssentials
import Glibc
import Testing

/// Access control of the running server.
@Suite("Access control of dense-serve")
struct AccessTests {
    private static func get(
        _ address: String, _ path: String, _ fields: String = "", method: String = "GET", body: String = ""
    ) throws -> String {
        let client = try RawClient(address)
        try client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(fields)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return client.receiveToEnd()
    }

    private static func status(_ address: String, _ path: String, token: String) throws -> String {
        String(try get(address, path, "X-API-Key: \(token)\r\n").dropFirst(9).prefix(3))
    }

    @Test("a token made by the command is let in, before and after SIGHUP reads the file again")
    func reloads() throws {
        let file = try TemporaryFile("# nobody yet\n")
        let first = try ChildProcess.run("token", "--role", "infer", "--name", "first", "--file", file.path)
        #expect(first.status == 0, "\(first.errors)")
        let token = first.firstLine
        #expect(!String(decoding: file.contents, as: UTF8.self).contains(token))

        let server = try ChildProcess(["serve", "--port", "0", "--tokens-file", file.path, "--log-format", "json"])
        let address = try server.address()
        #expect(try Self.status(address, "/models", token: token) == "200")
        try server.waitForLog(#""client":"first""#)

        let second = try ChildProcess.run("token", "--role", "infer,register", "--file", file.path)
        let other = second.firstLine
        #expect(try Self.status(address, "/models", token: other) == "401")
        server.send(SIGHUP)
        try server.waitForLog(#""message":"reloaded""#)
        #expect(try Self.status(address, "/models", token: other) == "200")
        #expect(try Self.status(address, "/models", token: token) == "200")

        // A broken file changes nothing, an empty one lets nobody in.
        try Data((String(decoding: file.contents, as: UTF8.self) + "\(token) infer\n").utf8).write(
            to: URL(filePath: file.path))
        server.send(SIGHUP)
        try server.waitForLog("Line 4: A token stands here itself.")
        #expect(try Self.status(address, "/models", token: token) == "200")
        try Data().write(to: URL(filePath: file.path))
        server.send(SIGHUP)
        try server.waitForLog("nobody is let in")
        try server.waitForLog(#""message":"reloaded""#)
        #expect(try Self.status(address, "/models", token: token) == "401")
        #expect(try Self.status(address, "/models", token: other) == "401")

        server.send(SIGTERM)
        let result = try server.wait()
        #expect(result.status == 0)
        for secret in [token, other] { #expect(!result.errors.contains(secret)) }
    }

    @Test("tokens in the environment are let in, and health needs none")
    func environment() throws {
        let token = AccessToken()
        let server = try ChildProcess(
            ["serve", "--port", "0"], environment: ["DENSE_TOKENS": "; \(token.line(role: "infer", name: "env"));"])
        let address = try server.address()
        #expect(try Self.status(address, "/models", token: token.secret) == "200")
        #expect(try Self.get(address, "/models").hasPrefix("HTTP/1.1 401"))
        #expect(try ChildProcess.run("health", "--url", address).status == 0)
    }

    @Test(
        "a list that cannot be used stops the start, and is not shown",
        arguments: [
            (["--tokens", "dsk_0123456789 infer"], "tokens, Line 1: A token stands here itself."),
            (["--tokens", "abc infer"], "tokens, Line 1: The first field is no token's hash."),
            (["--tokens-file", "/nonexistent/tokens"], "/nonexistent/tokens cannot be used. No such file"),
            (["--cors-origins", "https://a/b"], "An origin of cors_origins cannot be used."),
        ])
    func broken(arguments: [String], reason: String) throws {
        let result = try ChildProcess(["serve", "--port", "0"] + arguments).wait()
        #expect(result.status == 1)
        #expect(result.errors.contains(reason), "\(result.errors)")
        #expect(!result.errors.contains("dsk_0123456789"))
    }

    @Test("a file that others can read is a warning")
    func exposed() throws {
        let file = try TemporaryFile("\(AccessToken().line(role: "admin", name: nil))\n")
        unsafe chmod(file.path, 0o644)
        let server = try ChildProcess(["serve", "--port", "0", "--tokens-file", file.path])
        try server.waitForLog("can be read or changed by others")
        unsafe chmod(file.path, 0o600)
    }

    @Test("a server open to the network says so and keeps its models, but not from its own machine")
    func openToTheNetwork() throws {
        let body = #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1]],"bias":[0]}}]}"#
        let path = TemporaryFile.freePath(suffix: ".sock")
        let server = try ChildProcess(["serve", "--host", "0.0.0.0", "--port", "0", "--unix-socket", path])
        let address = try server.address()
        try server.waitForLog("anybody who reaches this address is let in")
        for method in ["PUT", "PATCH", "DELETE"] {
            let response = try Self.get(address, "/models/m", method: method, body: method == "DELETE" ? "" : body)
            #expect(response.hasPrefix("HTTP/1.1 403") && response.contains("allow_open_registration"), "\(response)")
        }
        #expect(try Self.get(address, "/models").hasPrefix("HTTP/1.1 200"))
        #expect(try Self.get("unix:\(path)", "/models/m", method: "PUT", body: body).hasPrefix("HTTP/1.1 201"))

        let open = try ChildProcess(["serve", "--host", "0.0.0.0", "--port", "0", "--allow-open-registration", "true"])
        let other = try open.address()
        #expect(try Self.get(other, "/models/m", method: "PUT", body: body).hasPrefix("HTTP/1.1 201"))
    }

    @Test("wherever a token is put, no answer and no log line has it")
    func keepsSecrets() throws {
        let known = AccessToken()
        let server = try ChildProcess(
            ["serve", "--port", "0", "--log-level", "trace", "--tokens", known.line(role: "infer", name: "known")])
        let address = try server.address()
        var answers = ""
        for secret in [known.secret, AccessToken().secret] {
            let heads = [
                "GET /models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(secret)",
                "GET /models HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)",
                "GET /models HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)\r\nX-API-Key: \(secret)",
                "GET /metrics HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)",
                "GET /models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\t\(secret)",
                "GET /models HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer \(secret)",
                "GET /models HTTP/1.1\r\nAuthorization: Bearer \(secret)",
                "GET /models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(secret)\u{1}",
                "GET /models HTTP/1.1\r\nHost: a\r\n Authorization: Bearer \(secret)",
                "GET /models?access_token=\(secret) HTTP/1.1\r\nHost: a",
                "POST /dense?token=\(secret)&model=x HTTP/1.1\r\nHost: a\r\nContent-Length: 0",
                "POST /dense HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)\r\nContent-Length: 2\r\n\r\n{}",
                "POST /dense HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)\r\nContent-Length: 99999999999",
                "POST /dense HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)\r\nTransfer-Encoding: gzip",
                "OPTIONS /dense HTTP/1.1\r\nHost: a\r\nX-API-Key: \(secret)",
                "GET /models HTTP/9.9\r\nHost: a\r\nX-API-Key: \(secret)",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nX-API-Key: \(secret)",
            ]
            for head in heads {
                let client = try RawClient(address)
                try client.send(head + "\r\n\r\n")
                client.finishSending()
                let answer = client.receiveToEnd()
                #expect(!answer.isEmpty, "\(head)")
                answers += answer
            }
        }
        server.send(SIGTERM)
        let result = try server.wait()
        #expect(result.errors.split(separator: "\n").count > 30)
        #expect(!answers.contains("dsk_") && !result.errors.contains("dsk_") && !result.output.contains("dsk_"))
        #expect(!result.errors.contains("access_token"))
    }
}
