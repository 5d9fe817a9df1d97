import COpenSSL

/// What sessions are made of (`SSL_CTX`): certificates, keys, rules. Not changed once it is made.
///
/// Only the files named `OpenSSL...` touch the library. `@unchecked Sendable`: OpenSSL locks what contexts share.
@safe final class OpenSSLContext: @unchecked Sendable {
    /// How many bytes the keys of session tickets have.
    static let ticketKeyCount = 80

    /// AEAD with ephemeral keys and nothing else; the cheapest of equal worth first.
    private static let suites12 = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")
    private static let suites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"

    let context: OpaquePointer
    /// The server's own certificate.
    private(set) var certificate: CertificateFacts?

    /// A server's context of the contents of its files.
    init(server contents: TLSContents, ticketKeys: [UInt8]) throws(TLSError) {
        guard let made = unsafe SSL_CTX_new(TLS_server_method()) else { throw .library(reason: OpenSSL.takeReason()) }
        unsafe context = made
        let configuration = contents.configuration
        try setRules(minimum: configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION)
        unsafe copenssl_set_server_options(context)
        unsafe copenssl_forget_sessions(context)
        try OpenSSL.check(unsafe copenssl_set_ticket_keys(context, ticketKeys, ticketKeys.count))
        // A ticket is good only where the same was asked of the client that has it.
        let scope = contents.sessionScope
        try OpenSSL.check(unsafe SSL_CTX_set_session_id_context(context, scope, UInt32(scope.count)))
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, length, offered, count, preference in
                guard let chosen = unsafe chosen, let length = unsafe length else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                return unsafe choose(&chosen.pointee, &length.pointee, offered, Int(count), http2: preference != nil)
            }, configuration.http2 ? UnsafeMutableRawPointer(context) : nil)
        try useCertificate(contents)
        if let authorities = contents.clientAuthorities { try verifyClients(authorities, configuration) }
    }

    /// A client's context. Servers are checked against the authorities of the file, the system's by default; with
    /// `insecure` not at all. Without `isModern` it is TLS 1.2 alone.
    init(
        client authorities: String?, insecure: Bool, certificate: TLSContents?, isModern: Bool = true
    ) throws(TLSError) {
        guard let made = unsafe SSL_CTX_new(TLS_client_method()) else { throw .library(reason: OpenSSL.takeReason()) }
        unsafe context = made
        try setRules(minimum: TLS1_2_VERSION, maximum: isModern ? TLS1_3_VERSION : TLS1_2_VERSION)
        unsafe SSL_CTX_set_verify(context, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        if let authorities {
            guard unsafe SSL_CTX_load_verify_file(context, authorities) == 1 else {
                throw .refused(file: authorities, reason: OpenSSL.takeReason())
            }
        } else if !insecure {
            _ = unsafe SSL_CTX_set_default_verify_paths(context)
        }
        if let certificate { try useCertificate(certificate) }
    }

    deinit { unsafe SSL_CTX_free(context) }

    private func setRules(minimum: Int32, maximum: Int32 = TLS1_3_VERSION) throws(TLSError) {
        unsafe copenssl_set_mode(context)
        unsafe copenssl_set_read_ahead(context)
        // 112 bits: RSA from 2048 on, no SHA-1.
        unsafe SSL_CTX_set_security_level(context, 2)
        try OpenSSL.check(unsafe copenssl_set_versions(context, minimum, maximum))
        try OpenSSL.check(unsafe SSL_CTX_set_cipher_list(context, Self.suites12))
        try OpenSSL.check(unsafe SSL_CTX_set_ciphersuites(context, Self.suites13))
        try OpenSSL.check(unsafe copenssl_set_groups(context, Self.groups))
    }

    // MARK: Files

    private func useCertificate(_ contents: TLSContents) throws(TLSError) {
        let (certificateFile, keyFile) = (contents.configuration.certificate, contents.configuration.key)
        var leaf: OpaquePointer?
        defer { unsafe X509_free(leaf) }
        try unsafe OpenSSL.forEachCertificate(contents.certificate, file: certificateFile) {
            certificate throws(TLSError) in
            if unsafe leaf == nil {
                unsafe leaf = certificate
                unsafe X509_up_ref(certificate)
                guard unsafe SSL_CTX_use_certificate(context, certificate) == 1 else {
                    throw .refused(file: certificateFile, reason: OpenSSL.takeReason())
                }
                self.certificate = unsafe CertificateFacts(certificate)
            } else {
                unsafe X509_up_ref(certificate)
                guard unsafe copenssl_add_chain_certificate(context, certificate) == 1 else {
                    unsafe X509_free(certificate)
                    throw .refused(file: certificateFile, reason: OpenSSL.takeReason())
                }
            }
        }
        let key = try unsafe OpenSSL.key(contents.key, file: keyFile)
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe X509_check_private_key(leaf, key) == 1 else {
            OpenSSL.forgetErrors()
            throw .keyMismatch(certificate: certificateFile, key: keyFile)
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1 else {
            throw .refused(file: keyFile, reason: OpenSSL.takeReason())
        }
    }

    private func verifyClients(_ authorities: [UInt8], _ configuration: TLSConfiguration) throws(TLSError) {
        let store = unsafe SSL_CTX_get_cert_store(context)
        let file = configuration.clientAuthorities ?? ""
        try unsafe OpenSSL.forEachCertificate(authorities, file: file) { certificate throws(TLSError) in
            // The names of those whose certificates a client may show are sent to it.
            guard unsafe X509_STORE_add_cert(store, certificate) == 1,
                unsafe SSL_CTX_add_client_CA(context, certificate) == 1
            else { throw .refused(file: file, reason: OpenSSL.takeReason()) }
        }
        let must = configuration.clientCertificates == .required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, nil)
    }
}

// MARK: - ALPN

/// Takes the first protocol of the server's that the client offers (RFC 7301, section 3.2); without one the handshake fails.
private func choose(
    _ chosen: inout UnsafePointer<UInt8>?, _ length: inout UInt8, _ offered: UnsafePointer<UInt8>?, _ count: Int,
    http2: Bool
) -> Int32 {
    let list = unsafe UnsafeBufferPointer(start: offered, count: count)
    for name in (http2 ? ["h2", "http/1.1", "http/1.0"] : ["http/1.1", "http/1.0"]) {
        var index = 0
        while index < list.count {
            let end = unsafe index + 1 + Int(list[index])
            guard end <= list.count else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let entry = unsafe UnsafeBufferPointer(rebasing: list[index + 1..<end])
            if unsafe entry.elementsEqual(name.utf8) {
                unsafe chosen = entry.baseAddress
                length = UInt8(truncatingIfNeeded: entry.count)
                return SSL_TLSEXT_ERR_OK
            }
            index = end
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
