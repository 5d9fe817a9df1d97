internal import COpenSSL
internal import FoundationEssentials
internal import Glibc

/// A certificate and its key as files.
package struct TestIdentity {
    package var certificate: String
    package var key: String
}

/// An authority with a folder of its own, where it puts the certificates it issues.
@safe package final class TestAuthority {
    package let folder: String
    private let name: String
    private let key: OpaquePointer
    private let certificate: OpaquePointer
    /// The authority's own certificate.
    package let file: String

    package init(_ name: String = "Test authority") throws {
        let unique = "tls-\(UInt64.random(in: .min ... .max))"
        folder = FileManager.default.temporaryDirectory.appending(path: unique).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.name = name
        unsafe key = try Self.makeKey()
        unsafe certificate = try Self.make(
            subject: [("CN", name)], serial: 1, key: key, issuer: nil, signedBy: key, from: -3600, to: 86_400,
            extensions: [(NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign")])
        file = folder + "/ca.pem"
        try Self.write(unsafe Self.pem(certificate: certificate), to: file)
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Issues a certificate; `from` and `to` are seconds from now, `usage` is who may use it.
    package func issue(
        _ file: String, subject: [(String, String)] = [("CN", "localhost")],
        names: String = "DNS:localhost,IP:127.0.0.1", usage: String = "serverAuth", from: Int = -3600,
        to: Int = 86_400, password: String? = nil
    ) throws -> TestIdentity {
        let identity = TestIdentity(certificate: "\(folder)/\(file).pem", key: "\(folder)/\(file).key")
        let newKey = unsafe try Self.makeKey()
        defer { unsafe EVP_PKEY_free(newKey) }
        let made = unsafe try Self.make(
            subject: subject, serial: .random(in: 2...1_000_000), key: newKey, issuer: certificate, signedBy: key,
            from: from, to: to, extensions: [(NID_subject_alt_name, names), (NID_ext_key_usage, usage)])
        defer { unsafe X509_free(made) }
        try Self.write(unsafe Self.pem(certificate: made), to: identity.certificate)
        try Self.write(unsafe Self.pem(key: newKey, password: password), to: identity.key)
        unsafe chmod(identity.key, 0o600)
        return identity
    }

    // MARK: Making them

    private static func makeKey() throws -> OpaquePointer {
        let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        try check(unsafe EVP_PKEY_keygen_init(context) == 1)
        try check(unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1)
        try check(unsafe EVP_PKEY_generate(context, &key) == 1)
        return unsafe try require(key)
    }

    private static func make(
        subject: [(String, String)], serial: Int, key: OpaquePointer, issuer: OpaquePointer?,
        signedBy signer: OpaquePointer, from: Int, to: Int, extensions: [(Int32, String)]
    ) throws -> OpaquePointer {
        let made = unsafe try require(X509_new())
        unsafe X509_set_version(made, 2)
        unsafe ASN1_INTEGER_set(X509_get_serialNumber(made), serial)
        _ = unsafe X509_gmtime_adj(X509_getm_notBefore(made), from)
        _ = unsafe X509_gmtime_adj(X509_getm_notAfter(made), to)
        unsafe X509_set_pubkey(made, key)
        let name = unsafe X509_get_subject_name(made)
        for (kind, value) in subject {
            let bytes = Array(value.utf8)
            let added = unsafe X509_NAME_add_entry_by_txt(
                name, kind, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
            try check(added == 1)
        }
        unsafe X509_set_issuer_name(made, issuer.map { unsafe X509_get_subject_name($0) } ?? name)
        for (kind, value) in extensions {
            let entry = unsafe try require(X509V3_EXT_conf_nid(nil, nil, kind, value))
            unsafe X509_add_ext(made, entry, -1)
            unsafe X509_EXTENSION_free(entry)
        }
        try check(unsafe X509_sign(made, signer, EVP_sha256()) > 0)
        return unsafe made
    }

    private static func pem(certificate: OpaquePointer) throws -> [UInt8] {
        try unsafe pem { unsafe PEM_write_bio_X509($0, certificate) }
    }

    private static func pem(key: OpaquePointer, password: String?) throws -> [UInt8] {
        let secret = Array((password ?? "").utf8)
        return try unsafe pem {
            unsafe PEM_write_bio_PrivateKey(
                $0, key, password == nil ? nil : EVP_aes_128_cbc(), secret, Int32(secret.count), nil, nil)
        }
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws -> [UInt8] {
        let bio = unsafe try require(BIO_new(BIO_s_mem()))
        defer { unsafe BIO_free(bio) }
        try check(unsafe write(bio) == 1)
        var start: UnsafeMutableRawPointer?
        let count = unsafe BIO_ctrl(bio, BIO_CTRL_INFO, 0, &start)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    package static func read(_ file: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: file))) }

    package static func write(_ bytes: [UInt8], to file: String) throws {
        try Data(bytes).write(to: URL(filePath: file), options: .atomic)
    }

    // MARK: Failures

    /// The library, or the system, does not do what is asked.
    private struct Failure: Error {}

    private static func check(_ isDone: Bool) throws { guard isDone else { throw Failure() } }

    private static func require(_ pointer: OpaquePointer?) throws -> OpaquePointer {
        guard let pointer = unsafe pointer else { throw Failure() }
        return unsafe pointer
    }
}
