import Glibc

/// Why certificates, keys and the like cannot be used.
package enum TLSError: Error, Hashable, Sendable {
    /// A file cannot be read; `errno` says why.
    case unreadable(file: String, errno: Int32)
    /// A file holds no certificate in PEM.
    case noCertificate(file: String)
    /// A certificate in the file is broken. `number` counts from 1.
    case brokenCertificate(file: String, number: Int)
    /// A file holds no private key in PEM.
    case noKey(file: String)
    /// The private key needs a password.
    case encryptedKey(file: String)
    /// The key is not the certificate's.
    case keyMismatch(certificate: String, key: String)
    /// Clients are asked for certificates, and nobody says whose.
    case noClientAuthorities
    /// OpenSSL does not take what the file holds; a key that is too short, as a rule.
    case refused(file: String, reason: String)
    /// OpenSSL itself does not work.
    case library(reason: String)
}

extension TLSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let file, let errno):
            "The file \(file) cannot be read. Expected a file in PEM, received: "
                + "\(unsafe String(cString: strerror(errno)))."
        case .noCertificate(let file):
            "The file \(file) holds no certificate. Expected one or more in PEM (-----BEGIN CERTIFICATE-----), received "
                + "something else."
        case .brokenCertificate(let file, let number):
            "Certificate \(number) in \(file) is broken. Expected a certificate in PEM, received something else."
        case .noKey(let file):
            "The file \(file) holds no private key. Expected one in PEM (-----BEGIN PRIVATE KEY-----), received something "
                + "else."
        case .encryptedKey(let file):
            "The private key in \(file) is encrypted. Expected one without a password, as `openssl pkey -in FILE` writes "
                + "it, received one with a password."
        case .keyMismatch(let certificate, let key):
            "The private key in \(key) does not belong to the certificate in \(certificate). Expected the two halves of "
                + "one pair, received others."
        case .noClientAuthorities:
            "There is nothing to check client certificates against. Expected tls_client_ca to name a file, received none."
        case .refused(let file, let reason):
            "OpenSSL does not take what is in \(file). Expected a certificate and a key of today's strength, received: "
                + "\(reason)."
        case .library(let reason):
            "TLS cannot be set up. Expected OpenSSL to work, received: \(reason)."
        }
    }
}
