import COpenSSL
import HTTPServer
import TestCertificates
import Testing

private let get = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"

@Suite("Certificates of clients")
struct ClientCertificateTests {
    private let authority: TestAuthority
    private let clients: TestAuthority
    private let identity: TestIdentity

    init() throws {
        authority = try TestAuthority()
        clients = try TestAuthority("Clients' authority")
        identity = try authority.issue("server")
    }

    private func server(_ asked: TLSConfiguration.ClientCertificates) throws -> TestServer {
        try TestServer(tls: TLSConfiguration(identity, asked, of: clients))
    }

    @Test(
        "a good one is taken, and the handler knows whose it is", arguments: [TLS1_2_VERSION, TLS1_3_VERSION],
        [TLSConfiguration.ClientCertificates.optional, .required])
    func good(version: Int32, asked: TLSConfiguration.ClientCertificates) throws {
        let server = try server(asked)
        let client = try clients.issue(
            "client", subject: [("O", "Example, Inc."), ("CN", "trainer é")],
            names: "DNS:trainer.example,URI:spiffe://example/trainer,email:a@example.org,IP:10.0.0.1",
            usage: "clientAuth")
        let connection = try TLSTestClient(
            server.address, .init(versions: version...version, identity: client))
        #expect(try connection.exchange(get).fields["x-client"] == "CN=trainer é,O=Example\\, Inc.")
        let certificate = try #require(server.records.next()?.head?.clientCertificate)
        #expect(certificate.commonName == "trainer é")
        #expect(
            certificate.names == ["DNS:trainer.example", "URI:spiffe://example/trainer", "email:a@example.org"])
        #expect(certificate.fingerprint.count == 64)
    }

    @Test("without one the request comes from nobody, or not at all", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func missing(version: Int32) throws {
        let options = TLSTestClient.Options(versions: version...version)
        let lenient = try server(.optional)
        #expect(try TLSTestClient(lenient.address, options).exchange(get).fields["x-client"] == "nobody")
        let strict = try server(.required)
        #expect(throws: TLSTestClient.TLSFailure.self) { try TLSTestClient(strict.address, options).exchange(get) }
        #expect(eventually { strict.failures(.noClientCertificate) == 1 })
    }

    @Test(
        "a bad one ends the handshake, even where none is needed",
        arguments: ["authority", "expired", "not yet", "usage"],
        [TLSConfiguration.ClientCertificates.optional, .required])
    func bad(kind: String, asked: TLSConfiguration.ClientCertificates) throws {
        let server = try server(asked)
        let client =
            switch kind {
            case "authority": try authority.issue("client", usage: "clientAuth")
            case "expired": try clients.issue("client", usage: "clientAuth", from: -7_200, to: -3_600)
            case "not yet": try clients.issue("client", usage: "clientAuth", from: 3_600, to: 7_200)
            default: try clients.issue("client", usage: "serverAuth")
            }
        for version in [TLS1_2_VERSION, TLS1_3_VERSION] {
            let connection = try TLSTestClient(
                server.address, .init(versions: version...version, identity: client))
            #expect(throws: TLSTestClient.TLSFailure.self) { try connection.exchange(get) }
        }
        #expect(eventually { server.failures(.clientCertificate) == 2 })
    }

    @Test("clients that are not asked for one show none")
    func notAsked() throws {
        let server = try TestServer(tls: TLSConfiguration(identity))
        let client = try clients.issue("client", usage: "clientAuth")
        #expect(
            try TLSTestClient(server.address, .init(identity: client)).exchange(get).fields["x-client"] == "nobody")
    }
}
