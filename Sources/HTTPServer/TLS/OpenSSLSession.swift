import COpenSSL
import Glibc

/// One end of a TLS connection (`SSL`) over a socket that somebody else owns. Confined to one thread at a time.
@safe struct OpenSSLSession: ~Copyable {
    /// What came of a step.
    enum Step {
        case bytes(Int)
        /// The socket has nothing to read.
        case wantsToRead
        /// The socket takes nothing more.
        case wantsToWrite
        /// The other side said that nothing follows.
        case closed
        /// The socket's stream ended without that.
        case truncated
        /// The socket is broken.
        case disconnected
        /// What came is no proper TLS, or not acceptable. The other side has been told, if there is a way.
        case failed(TLSFailure)
    }

    private let session: OpaquePointer

    /// The server's end of a connection. Nil when there is no memory for it.
    init?(_ context: OpenSSLContext, acceptingFrom descriptor: Int32) {
        guard let made = unsafe Self.make(context, descriptor) else { return nil }
        unsafe session = made
        unsafe SSL_set_accept_state(session)
    }

    /// The client's end. `host` is what the certificate has to be for, unless it is not checked; `protocols` is what ALPN
    /// offers.
    init?(_ context: OpenSSLContext, connectedTo host: String, over descriptor: Int32, protocols: [String]) {
        guard let made = unsafe Self.make(context, descriptor) else { return nil }
        unsafe session = made
        unsafe SSL_set_connect_state(session)
        let isAddress = unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
        if !isAddress {
            _ = unsafe copenssl_set_server_name(session, host)
            _ = unsafe SSL_set1_host(session, host)
        }
        let names = protocols.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
        _ = unsafe SSL_set_alpn_protos(session, names, UInt32(names.count))
        OpenSSL.forgetErrors()
    }

    deinit { unsafe SSL_free(session) }

    private static func make(_ context: OpenSSLContext, _ descriptor: Int32) -> OpaquePointer? {
        OpenSSL.forgetErrors()
        guard let bio = unsafe BIO_new(socketMethod) else { return nil }
        unsafe BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1))
        unsafe BIO_set_init(bio, 1)
        guard let made = unsafe SSL_new(context.context) else {
            unsafe BIO_free(bio)
            return nil
        }
        unsafe SSL_set_bio(made, bio, bio)
        return unsafe made
    }

    // MARK: Steps

    /// Goes on with the handshake; 0 bytes when it is complete.
    func shakeHands() -> Step {
        OpenSSL.forgetErrors()
        let result = unsafe SSL_do_handshake(session)
        return result == 1 ? .bytes(0) : step(result)
    }

    /// Reads one record's bytes, or as many as fit.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Step {
        OpenSSL.forgetErrors()
        let result = unsafe SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count))
        return result > 0 ? .bytes(Int(result)) : step(result)
    }

    /// Writes one record, or as much as fits into it. What could not be written has to come again.
    func write(_ bytes: UnsafeRawBufferPointer) -> Step {
        OpenSSL.forgetErrors()
        let result = unsafe SSL_write(session, bytes.baseAddress, Int32(clamping: bytes.count))
        return result > 0 ? .bytes(Int(result)) : step(result)
    }

    /// Tells the other side that nothing follows.
    func close() {
        OpenSSL.forgetErrors()
        _ = unsafe SSL_shutdown(session)
        OpenSSL.forgetErrors()
    }

    private func step(_ result: Int32) -> Step {
        defer { OpenSSL.forgetErrors() }
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wantsToRead
        case SSL_ERROR_WANT_WRITE: return .wantsToWrite
        case SSL_ERROR_ZERO_RETURN:
            return unsafe BIO_test_flags(SSL_get_rbio(session), BIO_FLAGS_IN_EOF) == 0 ? .closed : .truncated
        case SSL_ERROR_SSL: return .failed(TLSFailure(reason: ERR_GET_REASON(ERR_peek_error())))
        default: return .disconnected
        }
    }

    // MARK: Facts

    /// Whether there are bytes inside that the socket does not tell of.
    var hasPending: Bool { unsafe SSL_has_pending(session) == 1 }

    /// Whether ALPN chose HTTP/2.
    var isHTTP2: Bool {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &count)
        return unsafe UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual("h2".utf8)
    }

    /// What is known once the handshake is complete.
    var details: TLSDetails {
        let certificate = unsafe SSL_get0_peer_certificate(session)
        return unsafe TLSDetails(
            version: String(cString: SSL_get_version(session)),
            cipher: SSL_CIPHER_standard_name(SSL_get_current_cipher(session)).map { unsafe String(cString: $0) } ?? "-",
            isResumed: SSL_session_reused(session) == 1,
            clientCertificate: certificate.map { unsafe ClientCertificate($0) })
    }

    /// Why the other side's certificate was not taken; nil when it was, or there was none.
    var verificationFailure: String? {
        let result = unsafe SSL_get_verify_result(session)
        guard result != X509_V_OK, let text = unsafe X509_verify_cert_error_string(result) else { return nil }
        return unsafe String(cString: text)
    }

    /// Whether the other side's certificate has expired, which may be when the session is an earlier one continued.
    var peerHasExpired: Bool {
        guard let certificate = unsafe SSL_get0_peer_certificate(session) else { return false }
        return unsafe X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0
    }
}

// MARK: - The socket below

/// How OpenSSL reads and writes a socket: `recv` and `send`, so that no signal is raised. The descriptor's number plus one is
/// where others have a pointer.
nonisolated(unsafe) private let socketMethod: OpaquePointer? = {
    guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket") else { return nil }
    unsafe BIO_meth_set_read(method) { bio, bytes, count in
        unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        let result = SystemCallResult.of { unsafe recv(descriptor(bio), bytes, Int(count), 0) }
        if case .value(0) = result { unsafe BIO_set_flags(bio, BIO_FLAGS_IN_EOF) }
        return unsafe settle(bio, result, BIO_FLAGS_READ)
    }
    unsafe BIO_meth_set_write(method) { bio, bytes, count in
        unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        let result = SystemCallResult.of { unsafe send(descriptor(bio), bytes, Int(count), Int32(MSG_NOSIGNAL)) }
        return unsafe settle(bio, result, BIO_FLAGS_WRITE)
    }
    unsafe BIO_meth_set_ctrl(method) { bio, command, _, _ in
        switch command {
        case BIO_CTRL_FLUSH: 1
        case BIO_CTRL_EOF: unsafe BIO_test_flags(bio, BIO_FLAGS_IN_EOF) == 0 ? 0 : 1
        default: 0
        }
    }
    return unsafe method
}()

private func descriptor(_ bio: OpaquePointer?) -> Int32 { Int32(unsafe Int(bitPattern: BIO_get_data(bio)) - 1) }

private func settle(_ bio: OpaquePointer?, _ result: SystemCallResult, _ direction: Int32) -> Int32 {
    switch result {
    case .value(let count): return Int32(clamping: count)
    case .failed(let code):
        if code == EAGAIN { unsafe BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY) }
        return -1
    }
}

extension TLSFailure {
    /// What the library's reason comes to.
    fileprivate init(reason: Int32) {
        switch reason {
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH, SSL_R_UNKNOWN_PROTOCOL,
            SSL_R_NO_PROTOCOLS_AVAILABLE:
            self = .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_WRONG_CURVE:
            self = .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL: self = .protocolName
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: self = .noClientCertificate
        case SSL_R_CERTIFICATE_VERIFY_FAILED: self = .clientCertificate
        case SSL_AD_REASON_OFFSET...SSL_AD_REASON_OFFSET + 255: self = .clientAlert
        default: self = .malformed
        }
    }
}
