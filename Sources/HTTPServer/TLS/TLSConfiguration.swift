/// What a server's TLS is made of: files, and what is asked of clients.
package struct TLSConfiguration: Hashable, Sendable {
    /// Whether clients have to show a certificate.
    package enum ClientCertificates: String, CaseIterable, Sendable {
        /// They are not asked for one.
        case none
        /// They may; one that is not valid ends the handshake all the same.
        case optional
        /// They must.
        case required
    }

    /// The oldest version of the protocol that is spoken.
    package enum Version: String, CaseIterable, Sendable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// The server's certificate and the chain behind it, the server's own first (PEM).
    package var certificate: String
    /// The certificate's private key (PEM); may be the same file.
    package var key: String
    /// The authorities whose certificates are taken from clients (PEM); nil when no client is asked.
    package var clientAuthorities: String?
    /// Whether clients have to show a certificate.
    package var clientCertificates = ClientCertificates.none
    /// The oldest version spoken.
    package var minimumVersion = Version.tls12
    /// Whether HTTP/2 is offered.
    package var http2 = true

    /// The defaults around a certificate. Without a key's file the key stands in the certificate's.
    package init(certificate: String, key: String? = nil) {
        self.certificate = certificate
        self.key = key ?? certificate
    }

    /// Every file that is read.
    var files: [String] { [certificate, key] + (clientAuthorities.map { [$0] } ?? []) }
}
