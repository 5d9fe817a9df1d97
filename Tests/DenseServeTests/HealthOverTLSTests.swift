import Testing
import TestCertificates

/// `dense-serve health` where a server speaks HTTPS alone.
@Suite("dense-serve health over HTTPS")
struct HealthOverTLSTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    /// The settings of a server that speaks HTTPS alone, but for its port, as variables.
    private func settings(_ identity: TestIdentity, requiresCertificates: Bool = false) -> [String: String] {
        var settings = [
            "DENSE_TLS_ONLY": "true", "DENSE_TLS_PORT": "0", "DENSE_TLS_CERTIFICATE": identity.certificate,
            "DENSE_TLS_KEY": identity.key, "DENSE_MODELS": "",
        ]
        if requiresCertificates {
            settings["DENSE_TLS_CLIENT_CERTIFICATES"] = "required"
            settings["DENSE_TLS_CLIENT_CA"] = authority.file
        }
        return settings
    }

    /// What a container's health check says of a server with these settings.
    private func check(
        _ settings: [String: String], of address: String, _ flags: [String] = []
    ) throws -> ChildProcess.Result {
        var settings = settings
        settings["DENSE_TLS_PORT"] = address.split(separator: ":").last.map(String.init)
        return try ChildProcess(["health"] + flags, environment: settings).wait()
    }

    @Test("by its settings a server is asked without a check of its certificate, or with one")
    func settings() throws {
        let settings = settings(try authority.issue("server"))
        let server = try ChildProcess(["serve"], environment: settings)
        let address = try server.address()
        #expect(address.hasPrefix("https://127.0.0.1:"))
        let result = try check(settings, of: address)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "ready\n")
        #expect(try check(settings, of: address, ["--ca", authority.file]).status == 0)
        let another = try TestAuthority("Another")
        let untrusted = try check(settings, of: address, ["--ca", another.file])
        #expect(untrusted.status == 1)
        #expect(untrusted.errors.contains("is not trusted"), "\(untrusted.errors)")
    }

    @Test("by its URL a server is asked only if its certificate is good, unless that does not matter")
    func url() throws {
        let settings = settings(try authority.issue("server"))
        let server = try ChildProcess(["serve"], environment: settings)
        let address = try server.address()
        let unknown = try ChildProcess.run("health", "--url", address)
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("The server's certificate is not trusted."), "\(unknown.errors)")
        #expect(try ChildProcess.run("health", "--url", address, "--ca", authority.file).output == "ready\n")
        #expect(try ChildProcess.run("health", "--url", address, "--insecure").output == "ready\n")
        // Where OpenSSL looks for the system's authorities.
        let system = try ChildProcess.run("health", "--url", address, environment: ["SSL_CERT_FILE": authority.file])
        #expect(system.output == "ready\n", "\(system.errors)")
        let missing = try ChildProcess.run("health", "--url", address, "--ca", "/nowhere/ca.pem")
        #expect(missing.status == 1 && missing.errors.contains("/nowhere/ca.pem"), "\(missing.errors)")
    }

    @Test("a certificate for another host is not trusted")
    func otherHost() throws {
        let settings = settings(try authority.issue("server", names: "DNS:other.example"))
        let server = try ChildProcess(["serve"], environment: settings)
        let result = try ChildProcess.run("health", "--url", try server.address(), "--ca", authority.file)
        #expect(result.status == 1)
        #expect(result.errors.contains("mismatch"), "\(result.errors)")
    }

    @Test("where clients must show a certificate, the server's own will do if it is one for clients, or another")
    func clientCertificates() throws {
        let both = settings(try authority.issue("both", usage: "serverAuth,clientAuth"), requiresCertificates: true)
        let first = try ChildProcess(["serve"], environment: both)
        let result = try check(both, of: try first.address())
        #expect(result.status == 0, "\(result.errors)")

        let one = settings(try authority.issue("one"), requiresCertificates: true)
        let second = try ChildProcess(["serve"], environment: one)
        let address = try second.address()
        let refused = try check(one, of: address)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("it may require a certificate"), "\(refused.errors)")
        let client = try authority.issue("client", usage: "clientAuth")
        let identity = ["--certificate", client.certificate, "--key", client.key]
        #expect(try check(one, of: address, identity).status == 0)
        #expect(try ChildProcess(["health", "--url", address, "--insecure"] + identity).wait().status == 0)
    }

    @Test("HTTP in clear text is not taken for HTTPS, and flags that contradict each other are refused")
    func misuse() throws {
        let server = try ChildProcess(["serve", "--port", "0", "--models", ""])
        let port = try #require(try server.address().split(separator: ":").last)
        let result = try ChildProcess.run("health", "--url", "https://127.0.0.1:\(port)", "--insecure")
        #expect(result.status == 1)
        #expect(result.errors.contains("The server does not speak TLS"), "\(result.errors)")
        for flags in [["--ca", "a", "--insecure"], ["--key", "a"]] {
            let result = try ChildProcess(["health", "--url", "https://127.0.0.1:\(port)"] + flags).wait()
            #expect(result.status == 64 && result.errors.contains("received"), "\(result.errors)")
        }
    }
}
