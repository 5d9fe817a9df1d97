/// Why a handshake failed, or a session that had begun.
package enum TLSFailure: String, CaseIterable, Hashable, Sendable {
    /// The client left in the middle of the handshake.
    case closed
    /// The handshake took too long.
    case timeout
    /// The client spoke HTTP in clear text.
    case clearText = "clear_text"
    /// No version that both speak.
    case version
    /// No cipher suite, group or signature that both have.
    case cipher
    /// No protocol of ALPN that both have.
    case protocolName = "alpn"
    /// The client showed no certificate.
    case noClientCertificate = "no_client_certificate"
    /// The client's certificate is not valid: of an unknown authority, expired, or for something else.
    case clientCertificate = "client_certificate"
    /// The client broke off with an alert: it does not trust the server's certificate, as a rule.
    case clientAlert = "client_alert"
    /// What came is no TLS, or not as the RFCs have it.
    case malformed
}
