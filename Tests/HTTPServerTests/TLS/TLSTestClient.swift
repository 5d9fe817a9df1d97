import COpenSSL
import Glibc
import HTTPServer
import TestCertificates

/// A client that speaks TLS by memory: what goes to the socket passes through its hands, and can be cut as it likes.
@safe final class TLSTestClient: TestClient {
    struct Options {
        var versions = TLS1_2_VERSION...TLS1_3_VERSION
        /// What ALPN offers; nothing for no ALPN.
        var protocols: [String] = []
        var identity: TestIdentity?
        /// The authority the server's certificate is checked against; nil for no check.
        var authority: String?
        /// An earlier session to go on with.
        var session: Session?
        var suites: String?
        /// Sends every byte by itself.
        var isByByte = false
    }

    /// A session that can be resumed.
    @safe final class Session {
        fileprivate let session: OpaquePointer
        fileprivate init(_ session: OpaquePointer) { unsafe self.session = session }
        deinit { unsafe SSL_SESSION_free(session) }
    }

    /// What the library said.
    struct TLSFailure: Error { var reason: String }

    private let context: OpaquePointer
    private let session: OpaquePointer
    private let fromServer: OpaquePointer
    private let toServer: OpaquePointer
    private let isByByte: Bool

    init(_ address: SocketAddress, _ options: Options = Options(), receiveBuffer: Int32? = nil) throws {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw Self.failure() }
        unsafe self.context = context
        // Else it would not even offer the old versions.
        unsafe SSL_CTX_set_security_level(context, 0)
        _ = unsafe copenssl_set_versions(context, options.versions.lowerBound, options.versions.upperBound)
        if let suites = options.suites { unsafe SSL_CTX_set_cipher_list(context, suites) }
        if let identity = options.identity {
            guard unsafe SSL_CTX_use_certificate_chain_file(context, identity.certificate) == 1,
                unsafe SSL_CTX_use_PrivateKey_file(context, identity.key, SSL_FILETYPE_PEM) == 1
            else { throw Self.failure() }
        }
        if let authority = options.authority {
            unsafe SSL_CTX_load_verify_file(context, authority)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        }
        guard let session = unsafe SSL_new(context), let fromServer = unsafe BIO_new(BIO_s_mem()),
            let toServer = unsafe BIO_new(BIO_s_mem())
        else { throw Self.failure() }
        unsafe self.session = session
        unsafe self.fromServer = fromServer
        unsafe self.toServer = toServer
        unsafe SSL_set_bio(session, fromServer, toServer)
        unsafe SSL_set_connect_state(session)
        if options.authority != nil { unsafe SSL_set1_host(session, "localhost") }
        if !options.protocols.isEmpty {
            let names = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            unsafe SSL_set_alpn_protos(session, names, UInt32(names.count))
        }
        if let earlier = options.session { unsafe SSL_set_session(session, earlier.session) }
        isByByte = options.isByByte
        try super.init(address, receiveBuffer: receiveBuffer)
    }

    deinit {
        unsafe SSL_free(session)
        unsafe SSL_CTX_free(context)
    }

    // MARK: Facts

    var version: String { unsafe String(cString: SSL_get_version(session)) }
    var isResumed: Bool { unsafe SSL_session_reused(session) == 1 }
    /// The serial number of the server's certificate.
    var serial: Int { unsafe ASN1_INTEGER_get(X509_get_serialNumber(SSL_get0_peer_certificate(session))) }
    /// How many certificates the server has shown.
    var chainLength: Int { unsafe Int(copenssl_chain_length(session)) }
    /// Whether the server has said that nothing follows.
    var wasToldTheEnd: Bool { unsafe SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN != 0 }

    /// What ALPN chose; nil for nothing.
    var chosen: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &count)
        return count == 0
            ? nil : unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// The session so far, to be resumed by another client. Over TLS 1.3 tickets come after the handshake.
    func takeSession() throws -> Session {
        guard let taken = unsafe SSL_get1_session(session) else { throw Self.failure() }
        return unsafe Session(taken)
    }

    // MARK: Bytes

    /// Shakes hands. Over TLS 1.3 the server may refuse the client after that, which the next receiving shows.
    func shakeHands() throws { _ = try step { unsafe SSL_do_handshake(session) } }

    /// The first flight, without sending it.
    func firstFlight() -> [UInt8] {
        unsafe SSL_do_handshake(session)
        return takeOutput()
    }

    /// Sends bytes as they are.
    func sendRaw(_ bytes: [UInt8]) throws { try super.send(bytes) }

    override func send(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let rest = Array(bytes[position..<min(bytes.count, position + 1 << 20)])
            position += try step { unsafe SSL_write(session, rest, Int32(rest.count)) }
        }
    }

    override func receiveBytes() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = try step { unsafe SSL_read(session, &buffer, Int32(buffer.count)) }
        return Array(buffer[..<count])
    }

    /// What is on its way to the client, without looking at it; nothing at the end.
    func receiveRaw() throws -> [UInt8] { try super.receiveBytes() }

    /// Says that nothing follows.
    func sayGoodbye() throws {
        unsafe SSL_shutdown(session)
        try flush()
    }

    /// Takes a step until it needs nothing more from the socket. Returns 0 at the end of the stream.
    private func step(_ body: () -> Int32) throws -> Int {
        while true {
            ERR_clear_error()
            let result = body()
            try flush()
            if result > 0 { return Int(result) }
            switch unsafe SSL_get_error(session, result) {
            case SSL_ERROR_WANT_READ:
                let bytes = try super.receiveBytes()
                if bytes.isEmpty { throw TLSFailure(reason: "end of stream") }
                _ = unsafe BIO_write(fromServer, bytes, Int32(bytes.count))
            case SSL_ERROR_ZERO_RETURN: return 0
            default: throw Self.failure()
            }
        }
    }

    private func flush() throws {
        let bytes = takeOutput()
        if isByByte {
            for byte in bytes { try super.send([byte]) }
        } else if !bytes.isEmpty {
            try super.send(bytes)
        }
    }

    private func takeOutput() -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe BIO_read(toServer, &chunk, Int32(chunk.count))
            guard count > 0 else { return bytes }
            bytes += chunk[..<Int(count)]
        }
    }

    private static func failure() -> TLSFailure {
        let reason = unsafe ERR_reason_error_string(ERR_peek_error())
        return TLSFailure(reason: unsafe reason.map { unsafe String(cString: $0) } ?? "unknown")
    }
}
