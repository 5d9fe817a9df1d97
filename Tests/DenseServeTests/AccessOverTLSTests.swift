import Glibc
import HTTPServer
import Testing
import TestCertificates

/// Access control by the certificates of clients, and by where they come in.
@Suite("Access control over HTTPS and passed sockets")
struct AccessOverTLSTests {
    private static let warning = "anybody who reaches this address is let in"
    private static let model = #"{"layers":[{"layer":{"units":1},"weights":{"kernel":[[1]],"bias":[0]}}]}"#

    private static func request(_ method: String, _ path: String, _ body: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The status of a request over HTTPS.
    private static func status(
        _ address: String, _ identity: TestIdentity?, _ method: String, _ path: String, _ body: String = ""
    ) throws -> Substring {
        let socket = try RawClient(address)
        var configuration = TLSClientConfiguration()
        configuration.trust = .anybody
        configuration.identity = identity.map { .init(certificate: $0.certificate, key: $0.key) }
        let client = try TLSClient(configuration, host: "localhost", over: socket.descriptor)
        try client.write(Array(request(method, path, body).utf8))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = try client.read(into: &chunk)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self).dropFirst(9).prefix(3) }
            answer += chunk[..<count]
        }
    }

    @Test("a client's certificate gives it the roles of its subject or of one of its names, and no others")
    func roles() throws {
        let authority = try TestAuthority()
        let server = try authority.issue("server")
        let list = try TemporaryFile(
            "subject:\"CN=edge,O=Acme Inc\" infer edge\nsan:URI:spiffe://acme/trainer register trainer\n")
        let process = try ChildProcess([
            "serve", "--tls-only", "true", "--tls-port", "0", "--tls-certificate", server.certificate, "--tls-key",
            server.key, "--tls-client-certificates", "optional", "--tls-client-ca", authority.file, "--tokens-file",
            list.path, "--models", "", "--log-format", "json",
        ])
        let address = try process.address()
        let edge = try authority.issue("edge", subject: [("O", "Acme Inc"), ("CN", "edge")], usage: "clientAuth")
        #expect(try Self.status(address, edge, "GET", "/models") == "200")
        try process.waitForLog(#""client":"edge""#)
        #expect(try Self.status(address, edge, "PUT", "/models/m", Self.model) == "403")
        let trainer = try authority.issue(
            "trainer", subject: [("CN", "t")], names: "DNS:t.example,URI:spiffe://acme/trainer", usage: "clientAuth")
        #expect(try Self.status(address, trainer, "PUT", "/models/m", Self.model) == "201")
        let other = try authority.issue(
            "other", subject: [("O", "Acme Inc"), ("OU", "x"), ("CN", "edge")], usage: "clientAuth")
        #expect(try Self.status(address, other, "GET", "/models") == "401")
        #expect(try Self.status(address, nil, "GET", "/models") == "401")
        #expect(try Self.status(address, nil, "GET", "/health/ready") == "200")
    }

    @Test(
        "an address in the network is warned of, unless every client there shows a certificate",
        arguments: ["none", "optional", "required"])
    func warnings(asked: String) throws {
        let authority = try TestAuthority()
        let identity = try authority.issue("server")
        let manager = try NotificationSocket(isAbstract: false)
        let server = try ChildProcess(
            [
                "serve", "--host", "0.0.0.0", "--port", "0", "--tls-port", "0", "--tls-certificate",
                identity.certificate, "--tls-key", identity.key, "--tls-client-certificates", asked, "--models", "",
            ] + (asked == "none" ? [] : ["--tls-client-ca", authority.file]),
            environment: ["NOTIFY_SOCKET": manager.name])
        // By then it has warned.
        #expect(manager.receive().hasPrefix("READY=1"))
        server.send(SIGTERM)
        let warned = try server.wait().errors.split(separator: "\n").filter { $0.contains(Self.warning) }
        #expect(warned.filter { $0.contains("http://0.0.0.0:") }.count == 1, "\(warned)")
        #expect(warned.filter { $0.contains("https://0.0.0.0:") }.count == (asked == "required" ? 0 : 1), "\(warned)")
    }

    @Test("what counts is where a passed socket listens, not the setting host", arguments: [false, true])
    func passedSocket(isLocal: Bool) throws {
        let listener = try ListeningSocket(isLocal: isLocal)
        let manager = try NotificationSocket(isAbstract: false)
        let server = try ChildProcess(
            ["serve", "--host", isLocal ? "0.0.0.0" : "127.0.0.1", "--models", ""],
            environment: ["LISTEN_FDS": "1", "NOTIFY_SOCKET": manager.name], passing: [listener.number])
        #expect(manager.receive().hasPrefix("READY=1"))
        let client = try RawClient(listener.address)
        try client.send(Self.request("PUT", "/models/m", Self.model))
        #expect(client.receiveToEnd().hasPrefix("HTTP/1.1 \(isLocal ? 201 : 403)"))
        server.send(SIGTERM)
        #expect(try server.wait().errors.contains(Self.warning) == !isLocal)
    }
}
