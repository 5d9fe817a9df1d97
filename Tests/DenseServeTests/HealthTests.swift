import Testing
import dense_serve

/// `dense-serve health`.
@Suite("dense-serve health")
struct HealthTests {
    @Test("a ready server is healthy, by URL or by its settings")
    func healthy() throws {
        let server = try ChildProcess(["serve", "--port", "0"])
        let address = try server.address()
        let result = try ChildProcess.run("health", "--url", address)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "ready\n")
        let port = try #require(address.split(separator: ":").last)
        #expect(try ChildProcess.run("health", environment: ["DENSE_PORT": String(port)]).status == 0)
        #expect(
            try ChildProcess.run("health", environment: ["DENSE_PORT": String(port), "DENSE_HOST": "0.0.0.0"]).status
                == 0)
    }

    @Test("where nobody answers, it is not")
    func unhealthy() throws {
        let result = try ChildProcess.run("health", "--url", "unix:/nowhere.sock")
        #expect(result.status == 1)
        #expect(result.errors.contains("unix:/nowhere.sock"), "\(result.errors)")
        #expect(try ChildProcess.run("health", "--url", "ftp://x").status == 1)
    }

    @Test(
        "an address is read from a URL",
        arguments: [
            ("http://127.0.0.1:8080", .http(host: "127.0.0.1", port: "8080")),
            ("http://localhost", .http(host: "localhost", port: "80")),
            ("http://[::1]:99/health/ready", .http(host: "::1", port: "99")),
            ("https://localhost", .https(host: "localhost", port: "443")),
            ("https://[::1]:8443/", .https(host: "::1", port: "8443")),
            ("unix:/run/dense.sock", .unix(path: "/run/dense.sock")),
        ] as [(String, ServerAddress)])
    func addresses(url: String, address: ServerAddress) throws {
        #expect(try ServerAddress(url: url) == address)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "ftp://x", "https:/x", "https://", "http://", "http://:80", "http://x:", "http://x:99999",
            "http://[::1", "http://[::1]80",
        ])
    func wrongAddresses(url: String) {
        #expect(throws: HealthError.invalidURL(url)) { try ServerAddress(url: url) }
    }

    @Test(
        "a server that listens everywhere is asked on this machine",
        arguments: [
            ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.1", "10.0.0.1"),
        ])
    func everywhere(host: String, asked: String) {
        var settings = ServerSettings()
        settings.host = host
        #expect(ServerAddress(settings) == .http(host: asked, port: "8080"))
    }

    @Test("a server is asked where it is easiest: at its Unix socket, over HTTP, or else over HTTPS")
    func preference() {
        var settings = ServerSettings()
        settings.tlsCertificate = "cert.pem"
        #expect(ServerAddress(settings) == .http(host: "127.0.0.1", port: "8080"))
        settings.tlsOnly = true
        #expect(ServerAddress(settings) == .https(host: "127.0.0.1", port: "8443"))
        settings.unixSocket = "/run/dense.sock"
        #expect(ServerAddress(settings) == .unix(path: "/run/dense.sock"))
    }
}
