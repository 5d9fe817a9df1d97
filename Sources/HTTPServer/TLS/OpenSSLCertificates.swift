import COpenSSL
import Glibc

/// What a certificate says of itself, for logs and metrics.
struct CertificateFacts: Sendable {
    /// The subject as RFC 2253 writes it.
    let subject: String
    /// When it begins and ends to be valid, in seconds since 1970.
    let validFrom: Int
    let validUntil: Int
}

/// What files in PEM hold, and the library's errors.
enum OpenSSL {
    /// Forgets what earlier calls left in the thread's queue of errors, so that it is not taken for the next call's.
    static func forgetErrors() { ERR_clear_error() }

    /// The reason of the newest error as text.
    static func takeReason() -> String {
        defer { ERR_clear_error() }
        guard let text = unsafe ERR_reason_error_string(ERR_peek_last_error()) else { return "no reason" }
        return unsafe String(cString: text)
    }

    static func check(_ result: Int32) throws(TLSError) {
        guard result > 0 else { throw .library(reason: takeReason()) }
    }

    /// Bytes that nobody can foresee.
    static func randomBytes(_ count: Int) throws(TLSError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try check(unsafe RAND_bytes(&bytes, Int32(count)))
        return bytes
    }

    /// The SHA-256 digest.
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe SHA256(bytes, bytes.count, &digest)
        return digest
    }

    /// Shows every certificate of a file's contents, one at the least.
    static func forEachCertificate(
        _ contents: [UInt8], file: String, _ body: (OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        forgetErrors()
        let bio = unsafe BIO_new_mem_buf(contents, Int32(clamping: contents.count))
        defer { unsafe BIO_free(bio) }
        var number = 0
        while let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil) {
            defer { unsafe X509_free(certificate) }
            number += 1
            try unsafe body(certificate)
        }
        // The end of the file, or of what can be read.
        let reason = ERR_GET_REASON(ERR_peek_last_error())
        forgetErrors()
        guard reason == PEM_R_NO_START_LINE else { throw .brokenCertificate(file: file, number: number + 1) }
        guard number > 0 else { throw .noCertificate(file: file) }
    }

    /// The private key in a file's contents, which the caller frees.
    static func key(_ contents: [UInt8], file: String) throws(TLSError) -> OpaquePointer {
        forgetErrors()
        let bio = unsafe BIO_new_mem_buf(contents, Int32(clamping: contents.count))
        defer {
            unsafe BIO_free(bio)
            forgetErrors()
        }
        var isEncrypted = false
        // Without a function of ours it would ask on the terminal.
        let key = unsafe PEM_read_bio_PrivateKey(
            bio, nil,
            { _, _, _, isEncrypted in
                unsafe isEncrypted?.assumingMemoryBound(to: Bool.self).pointee = true
                return -1
            }, &isEncrypted)
        if let key = unsafe key { return unsafe key }
        throw isEncrypted ? .encryptedKey(file: file) : .noKey(file: file)
    }

    /// A name as RFC 2253 writes it, with the characters of other scripts as they are.
    static func text(_ name: OpaquePointer?) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(bio) }
        unsafe copenssl_print_name(bio, name)
        var start: UnsafeMutableRawPointer?
        let count = unsafe BIO_ctrl(bio, BIO_CTRL_INFO, 0, &start)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: max(0, count)), as: UTF8.self)
    }
}

extension CertificateFacts {
    init(_ certificate: OpaquePointer) {
        subject = unsafe OpenSSL.text(X509_get_subject_name(certificate))
        validFrom = unsafe Self.seconds(X509_get0_notBefore(certificate))
        validUntil = unsafe Self.seconds(X509_get0_notAfter(certificate))
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return unsafe timegm(&parts)
    }
}

extension ClientCertificate {
    init(_ certificate: OpaquePointer) {
        let name = unsafe X509_get_subject_name(certificate)
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        unsafe X509_digest(certificate, EVP_sha256(), &digest, &count)
        self.init(
            subject: unsafe OpenSSL.text(name), commonName: unsafe Self.commonName(name),
            names: unsafe Self.names(certificate),
            fingerprint: digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }

    /// The last of them, which is the most specific.
    private static func commonName(_ name: OpaquePointer?) -> String? {
        var index: Int32 = -1
        while true {
            let next = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, index)
            if next < 0 { break }
            index = next
        }
        guard index >= 0 else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(
            &bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)))
        defer { unsafe CRYPTO_free(bytes, #fileID, 0) }
        return unsafe text(UnsafeBufferPointer(start: bytes, count: Int(max(0, count))))
    }

    private static func names(_ certificate: OpaquePointer) -> [String] {
        guard let list = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(list)
        defer { unsafe GENERAL_NAMES_free(names) }
        var result: [String] = []
        for index in 0..<(unsafe copenssl_name_count(names)) {
            var kind: Int32 = 0
            let value = unsafe GENERAL_NAME_get0_value(copenssl_name(names, index), &kind)
            let prefix: String
            switch kind {
            case GEN_DNS: prefix = "DNS:"
            case GEN_URI: prefix = "URI:"
            case GEN_EMAIL: prefix = "email:"
            default: continue
            }
            let string = unsafe value?.assumingMemoryBound(to: ASN1_STRING.self)
            let bytes = unsafe UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
            if let text = unsafe text(bytes) { result.append(prefix + text) }
        }
        return result
    }

    /// Text without control characters; nil otherwise: what looks like one name to some and like another to others is none.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard !bytes.isEmpty, unsafe bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return unsafe String(validating: bytes, as: UTF8.self)
    }
}
