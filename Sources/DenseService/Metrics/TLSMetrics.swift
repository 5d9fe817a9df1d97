internal import HTTPServer

extension TLSCounts {
    /// The families of what TLS has counted.
    func write(to text: inout PrometheusText) {
        text.family("dense_tls_handshakes_total", .counter, "TLS handshakes completed, by the protocol's version.")
        text.sample("dense_tls_handshakes_total", [("version", "TLSv1.2")], String(handshakes12))
        text.sample("dense_tls_handshakes_total", [("version", "TLSv1.3")], String(handshakes13))
        text.single(
            "dense_tls_resumed_handshakes_total", .counter, String(resumed),
            "TLS handshakes that continued an earlier session.")
        text.family("dense_tls_failures_total", .counter, "TLS handshakes and sessions that failed, by reason.")
        for (reason, count) in failures {
            text.sample("dense_tls_failures_total", [("reason", reason.rawValue)], String(count))
        }
        text.single(
            "dense_tls_truncated_total", .counter, String(truncated),
            "TLS connections whose client left without saying so.")
        text.family("dense_tls_certificate_reloads_total", .counter, "Certificates read again, by what came of it.")
        text.sample("dense_tls_certificate_reloads_total", [("result", "taken")], String(reloads))
        text.sample("dense_tls_certificate_reloads_total", [("result", "refused")], String(failedReloads))
        text.single(
            "dense_tls_certificate_expiry_timestamp_seconds", .gauge, String(validUntil),
            "When the server's certificate ends, since 1970.")
    }
}
