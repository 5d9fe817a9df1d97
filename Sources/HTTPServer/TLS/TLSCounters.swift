/// What is counted of TLS while a server runs.
final class TLSCounters: Sendable {
    let handshakes12 = Counter()
    let handshakes13 = Counter()
    let resumed = Counter()
    let truncated = Counter()
    let reloads = Counter()
    let failedReloads = Counter()
    private let failures = TLSFailure.allCases.map { _ in Counter() }

    /// A handshake was completed.
    func completed(_ details: TLSDetails) {
        (details.version == "TLSv1.3" ? handshakes13 : handshakes12).add(1)
        if details.isResumed { resumed.add(1) }
    }

    /// A handshake, or a session, failed.
    func failed(_ failure: TLSFailure) {
        guard let index = TLSFailure.allCases.firstIndex(of: failure) else { return }
        failures[index].add(1)
    }

    func counts(validUntil: Int) -> TLSCounts {
        TLSCounts(
            handshakes12: handshakes12.value, handshakes13: handshakes13.value, resumed: resumed.value,
            failures: zip(TLSFailure.allCases, failures).map { (reason: $0, count: $1.value) },
            truncated: truncated.value,
            reloads: reloads.value, failedReloads: failedReloads.value, validUntil: validUntil)
    }
}

/// What a server has counted of TLS since its start.
package struct TLSCounts: Sendable {
    /// Completed handshakes, by version.
    package let handshakes12: Int
    package let handshakes13: Int
    /// Those among them that continued an earlier session.
    package let resumed: Int
    /// What failed, by reason.
    package let failures: [(reason: TLSFailure, count: Int)]
    /// Connections whose client closed them without saying so first.
    package let truncated: Int
    /// How often certificates were read again, and how often that failed.
    package let reloads: Int
    package let failedReloads: Int
    /// Until when the certificate is valid, in seconds since 1970.
    package let validUntil: Int
}
