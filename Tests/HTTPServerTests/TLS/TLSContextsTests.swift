import Glibc
import HTTPServer
import TestCertificates
import Testing

@Suite("Certificates and keys from files")
struct TLSContextsTests {
    private let authority: TestAuthority
    private let identity: TestIdentity

    init() throws {
        authority = try TestAuthority()
        identity = try authority.issue("server")
    }

    private func error(_ change: (inout TLSConfiguration) throws -> Void) throws -> TLSError? {
        var configuration = TLSConfiguration(identity)
        try change(&configuration)
        return #expect(throws: TLSError.self) { try TLSContexts(configuration) }
    }

    @Test("files that are not there or not files are named, with the system's reason")
    func unreadable() throws {
        #expect(try error { $0.certificate = "/nowhere/a.pem" } == .unreadable(file: "/nowhere/a.pem", errno: ENOENT))
        #expect(try error { $0.key = "/nowhere/a.key" } == .unreadable(file: "/nowhere/a.key", errno: ENOENT))
        #expect(try error { $0.key = "/tmp" } == .unreadable(file: "/tmp", errno: EISDIR))
        let missing = try error {
            $0.clientCertificates = .required
            $0.clientAuthorities = "/nowhere/ca.pem"
        }
        #expect(missing == .unreadable(file: "/nowhere/ca.pem", errno: ENOENT))
        #expect("\(try #require(missing))".contains("No such file or directory"))
    }

    @Test("files with something else in them are named")
    func otherContents() throws {
        let text = authority.folder + "/text"
        try TestAuthority.write(Array("-----BEGIN NOTHING-----\nTUlJ\n-----END NOTHING-----\n".utf8), to: text)
        #expect(try error { $0.certificate = text } == .noCertificate(file: text))
        #expect(try error { $0.key = text } == .noKey(file: text))
        #expect(try error { $0.certificate = $0.key } == .noCertificate(file: identity.key))
        #expect(try error { $0.key = $0.certificate } == .noKey(file: identity.certificate))
        let broken = authority.folder + "/broken"
        try TestAuthority.write(
            Array("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".utf8), to: broken)
        #expect(try error { $0.certificate = broken } == .brokenCertificate(file: broken, number: 1))
        let authorities = try error {
            $0.clientCertificates = .optional
            $0.clientAuthorities = text
        }
        #expect(authorities == .noCertificate(file: text))
    }

    @Test("a key of another certificate, one with a password, and client certificates of nobody are refused")
    func mismatches() throws {
        let other = try authority.issue("other")
        #expect(
            try error { $0.key = other.key }
                == .keyMismatch(certificate: identity.certificate, key: other.key))
        let secret = try authority.issue("secret", password: "swordfish")
        #expect(
            try error {
                $0.certificate = secret.certificate
                $0.key = secret.key
            } == .encryptedKey(file: secret.key))
        #expect(try error { $0.clientCertificates = .optional } == .noClientAuthorities)
    }

    @Test("certificate and key may share a file, and a chain follows the certificate")
    func oneFile() throws {
        let file = authority.folder + "/all.pem"
        let parts = try [identity.certificate, authority.file, identity.key].flatMap { try TestAuthority.read($0) }
        try TestAuthority.write(parts, to: file)
        let server = try TestServer(tls: TLSConfiguration(certificate: file))
        let client = try TLSTestClient(server.address, .init(authority: authority.file))
        #expect(try client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(client.chainLength == 2)
    }

    @Test("expired certificates and keys that everybody can read are warned of")
    func warnings() throws {
        #expect(try TLSContexts(TLSConfiguration(identity)).warnings == [])
        unsafe chmod(identity.key, 0o644)
        let readable = try TLSContexts(TLSConfiguration(identity)).warnings
        #expect(readable.count == 1 && readable[0].contains(identity.key), "\(readable)")
        let expired = try TLSContexts(TLSConfiguration(authority.issue("old", from: -172_800, to: -90_000)))
        #expect(expired.warnings.count == 1 && expired.warnings[0].contains("has expired"), "\(expired.warnings)")
        let early = try TLSContexts(TLSConfiguration(authority.issue("new", from: 86_400, to: 172_800)))
        #expect(early.warnings.count == 1 && early.warnings[0].contains("not valid yet"), "\(early.warnings)")
        #expect(early.subject == "CN=localhost")
    }

    @Test("HTTPS needs a host, and HTTPS alone a certificate")
    func configuration() throws {
        let tls = try TLSContexts(TLSConfiguration(identity))
        #expect(throws: HTTPServerError.self) {
            try TestServer {
                $0.tls = tls
                $0.host = nil
                $0.unixSocket = "/tmp/never"
            }
        }
        #expect(throws: HTTPServerError.self) { try TestServer { $0.speaksClearText = false } }
    }

    @Test("HTTP and HTTPS listen side by side")
    func both() throws {
        let tls = try TLSContexts(TLSConfiguration(identity))
        let server = try TestServer {
            $0.tls = tls
            $0.tlsPort = 0
        }
        let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(try TestClient(server.addresses[0]).exchange(request).text == "GET /a ")
        #expect(try TLSTestClient(server.addresses[1]).exchange(request).text == "GET /a ")
        #expect(server.server.urls == ["http://\(server.addresses[0])", "https://\(server.addresses[1])"])
    }
}
