/// The TLS session that a connection's requests come over.
package final class TLSDetails: Sendable {
    /// The protocol's version: `TLSv1.2` or `TLSv1.3`.
    package let version: String
    /// The cipher suite, by its name in the standard's registry.
    package let cipher: String
    /// Whether the session continued an earlier one.
    package let isResumed: Bool
    /// Who the client is; nil when it showed no certificate, or was not asked for one.
    package let clientCertificate: ClientCertificate?

    /// What is known once the handshake is complete.
    package init(version: String, cipher: String, isResumed: Bool, clientCertificate: ClientCertificate?) {
        self.version = version
        self.cipher = cipher
        self.isResumed = isResumed
        self.clientCertificate = clientCertificate
    }
}

/// A client's certificate, found to be signed by an authority of `tls_client_ca` and to be valid now.
package struct ClientCertificate: Hashable, Sendable {
    /// The subject as RFC 2253 writes it: `CN=trainer,O=Example`, the last attribute of the certificate first.
    package let subject: String
    /// The subject's common name; nil when it has none.
    package let commonName: String?
    /// The subject's alternative names with their kinds: `DNS:trainer.example`, `URI:spiffe://example/trainer`,
    /// `email:trainer@example.org`.
    package let names: [String]
    /// The SHA-256 digest of the whole certificate, in hexadecimal.
    package let fingerprint: String

    /// A certificate with these facts.
    package init(subject: String, commonName: String?, names: [String], fingerprint: String) {
        self.subject = subject
        self.commonName = commonName
        self.names = names
        self.fingerprint = fingerprint
    }
}
