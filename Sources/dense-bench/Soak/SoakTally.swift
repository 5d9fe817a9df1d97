internal import Locks

/// What the clients of a soak have counted, from all threads.
final class SoakTally: Sendable {
    /// The numbers.
    struct Counts: Sendable {
        /// Answers that were right, bit for bit.
        var right = 0
        /// Requests refused with 503, as an overloaded server does.
        var refused = 0
        /// What clients got up to that expected nothing: malformed requests, broken connections.
        var mischief = 0
        /// Answers that were wrong, and honest requests without one.
        var failures = 0
        var firstFailure: String?
    }

    private let counts = Lock(Counts())

    var current: Counts { counts.withLock { $0 } }

    func right(_ count: Int = 1) { counts.withLock { $0.right += count } }
    func refused() { counts.withLock { $0.refused += 1 } }
    func mischief() { counts.withLock { $0.mischief += 1 } }

    func failed(_ who: String, _ reason: String) {
        counts.withLock { counts in
            counts.failures += 1
            counts.firstFailure = counts.firstFailure ?? "\(who): \(reason)"
        }
    }
}
