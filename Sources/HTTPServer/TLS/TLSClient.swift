/// How a client of TLS knows the server, and how the server knows it.
package struct TLSClientConfiguration: Hashable, Sendable {
    /// Whose word for the server's certificate is taken.
    package enum Trust: Hashable, Sendable {
        /// The authorities' that the system trusts.
        case system
        /// The authorities' of a file (PEM).
        case authorities(String)
        /// Anybody's: the certificate is not checked.
        case anybody
    }

    /// The client's own certificate and its key, as files in PEM.
    package struct Identity: Hashable, Sendable {
        package var certificate: String
        package var key: String

        /// Without a key's file the key stands in the certificate's.
        package init(certificate: String, key: String? = nil) {
            self.certificate = certificate
            self.key = key ?? certificate
        }
    }

    /// Whether the server is the right one.
    package var trust = Trust.system
    /// What is shown to servers that ask for a certificate.
    package var identity: Identity?

    /// The system's authorities, and no certificate.
    package init() {}

    fileprivate func context() throws(TLSError) -> OpenSSLContext {
        var authorities: String?
        if case .authorities(let file) = trust { authorities = file }
        var contents: TLSContents?
        if let identity {
            contents = try TLSContents(TLSConfiguration(certificate: identity.certificate, key: identity.key))
        }
        return try OpenSSLContext(client: authorities, insecure: trust == .anybody, certificate: contents)
    }
}

/// The client's end of TLS, HTTP/1.1 over it unless something else is offered, on a socket that blocks and that somebody else owns.
package final class TLSClient {
    private let session: OpenSSLSession

    /// Shakes hands. `host` is what the server's certificate has to be for, `protocols` is what ALPN offers.
    package init(
        _ configuration: TLSClientConfiguration, host: String, over descriptor: Int32,
        protocols: [String] = ["http/1.1"]
    ) throws(TLSClientError) {
        let context: OpenSSLContext
        do throws(TLSError) { context = try configuration.context() } catch { throw .unusable(error) }
        guard
            let session = OpenSSLSession(context, connectedTo: host, over: descriptor, protocols: protocols)
        else { throw .unusable(.library(reason: "no memory")) }
        self.session = session
        guard try count(self.session.shakeHands()) != nil else { throw .brokenOff }
    }

    /// Sends all the bytes.
    package func write(_ bytes: [UInt8]) throws(TLSClientError) {
        var position = 0
        while position < bytes.count {
            let step = unsafe bytes.withUnsafeBytes { unsafe session.write(.init(rebasing: $0[position...])) }
            guard let count = try count(step) else { throw .brokenOff }
            position += count
        }
    }

    /// Waits for some bytes; none at the end.
    package func read(into buffer: inout [UInt8]) throws(TLSClientError) -> Int {
        try count(unsafe buffer.withUnsafeMutableBytes { unsafe session.read(into: $0) }) ?? 0
    }

    /// How many bytes a step has moved; nil at the end.
    private func count(_ step: OpenSSLSession.Step) throws(TLSClientError) -> Int? {
        switch step {
        case .bytes(let count): return count
        case .closed, .truncated: return nil
        // The socket blocks, so its time is over.
        case .wantsToRead, .wantsToWrite: throw .timeout
        // The alert may be lost when the server closes before it has read everything.
        case .disconnected, .failed(.clientAlert): throw .brokenOff
        case .failed(.clientCertificate): throw .untrusted(reason: session.verificationFailure ?? "no reason")
        case .failed: throw .otherProtocol
        }
    }
}

/// Why a client of TLS comes to nothing.
package enum TLSClientError: Error, Hashable, Sendable {
    /// A file of the client's own cannot be used.
    case unusable(TLSError)
    /// The server's certificate is not taken.
    case untrusted(reason: String)
    /// The server ended the connection.
    case brokenOff
    case timeout
    /// The server speaks no TLS, or none that the client does.
    case otherProtocol
}

extension TLSClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unusable(let error): error.description
        case .untrusted(let reason):
            "The server's certificate is not trusted. Expected one for this host of a trusted authority, received: "
                + "\(reason)."
        case .brokenOff:
            "The server broke the connection off. Expected it to accept the client, received no answer; it may require a "
                + "certificate that tls_client_ca signed."
        case .timeout: "The server takes too long. Expected an answer in time, received none."
        case .otherProtocol: "The server does not speak TLS 1.2 or 1.3. Expected a handshake, received something else."
        }
    }
}
