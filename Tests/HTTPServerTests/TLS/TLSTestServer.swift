import HTTPServer
import TestCertificates
import Testing

extension TestServer {
    /// A server that speaks HTTPS alone. Its answers tell the version of TLS, who the client is, and echo the request.
    convenience init(
        tls configuration: TLSConfiguration, _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        let tls = try TLSContexts(configuration)
        try self.init(
            { server in
                server.tls = tls
                server.tlsPort = 0
                server.speaksClearText = false
                change(&server)
            },
            handle: { request, responder in
                var response = HTTPResponse.echo(request)
                response.headers.append(("X-TLS", request.head.tls?.version ?? "none"))
                response.headers.append(("X-Client", request.head.clientCertificate?.subject ?? "nobody"))
                responder.respond(response)
            })
    }

    /// What TLS has counted.
    var tls: TLSCounts? { server.counters.tls }

    /// How often something failed for this reason.
    func failures(_ reason: TLSFailure) -> Int { tls?.failures.first { $0.reason == reason }?.count ?? 0 }
}

extension TLSConfiguration {
    init(_ identity: TestIdentity) { self.init(certificate: identity.certificate, key: identity.key) }

    /// With clients' certificates checked against an authority.
    init(_ identity: TestIdentity, _ clients: ClientCertificates, of authority: TestAuthority) {
        self.init(identity)
        clientCertificates = clients
        clientAuthorities = authority.file
    }
}
