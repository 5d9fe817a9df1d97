import HTTPServer
import Logging

/// Keeps a server's certificates those of its files.
enum CertificateReload {
    /// Says what the operator should know of the certificate, and has it read again on SIGHUP and when its files change.
    static func begin(_ tls: TLSContexts, _ reloads: Reloads, _ logger: Logger) {
        describe(tls, logger)
        reloads.add("certificates", isDue: tls.shouldReload) {
            try tls.reload()
            describe(tls, logger)
        }
    }

    private static func describe(_ tls: TLSContexts, _ logger: Logger) {
        for warning in tls.warnings { logger.warning("about TLS", metadata: ["warning": "\(warning)"]) }
        let end = [UInt8](capacity: 24) { text in
            LogTimestamp(secondsSince1970: tls.validUntil, milliseconds: 0).append(to: &text)
        }
        logger.info(
            "certificate in use",
            metadata: ["subject": "\(tls.subject)", "valid_until": "\(String(decoding: end, as: UTF8.self))"])
    }
}
