/// Counts what costs the server more than the client and brings nobody an answer, so that a connection that sends little
/// else is ended with ENHANCE_YOUR_CALM (RFC 9113, section 10.5).
///
/// Each kind has a bound: so many at once, some again with every second, and more for every answer and every DATA frame
/// that moved, since honest clients send these things beside their requests.
///
/// | kind | at once | a second | an answer | a DATA frame | guards against |
/// |---|---|---|---|---|---|
/// | reset | 200 | 20 | 1 | 0 | rapid reset, CVE-2023-44487 |
/// | ownReset | 100 | 10 | 0 | 0 | streams made to be reset by the server, CVE-2025-8671 |
/// | settings | 20 | 1 | 0 | 0 | SETTINGS flood, CVE-2019-9515 |
/// | ping | 200 | 10 | 1 | 1 | PING flood, CVE-2019-9512 |
/// | priority | 200 | 10 | 2 | 0 | PRIORITY flood, CVE-2019-9513 |
/// | emptyData | 100 | 10 | 1 | 0 | empty DATA frames, CVE-2019-9518 |
/// | windowUpdate | 1,000 | 100 | 4 | 4 | windows opened byte by byte, CVE-2019-9511 |
///
/// CONTINUATION frames (CVE-2024-27316) are bounded for each head by the session: 8, and one more for every 16 KiB that
/// the largest head may have. Frames of unknown types are skipped before they cost anything.
package struct HTTP2FloodGuard: Sendable {
    /// What is counted.
    package enum Kind: Int, CaseIterable, Sendable {
        case reset, ownReset, settings, ping, priority, emptyData, windowUpdate
    }

    /// How many of a kind are allowed.
    package struct Bound: Sendable {
        /// At once; never more are saved up.
        package var burst: Int
        package var perSecond: Int
        package var perAnswer: Int
        package var perDataFrame: Int
    }

    /// The bound of a kind.
    package static func bound(of kind: Kind) -> Bound {
        switch kind {
        case .reset: Bound(burst: 200, perSecond: 20, perAnswer: 1, perDataFrame: 0)
        case .ownReset: Bound(burst: 100, perSecond: 10, perAnswer: 0, perDataFrame: 0)
        case .settings: Bound(burst: 20, perSecond: 1, perAnswer: 0, perDataFrame: 0)
        case .ping: Bound(burst: 200, perSecond: 10, perAnswer: 1, perDataFrame: 1)
        case .priority: Bound(burst: 200, perSecond: 10, perAnswer: 2, perDataFrame: 0)
        case .emptyData: Bound(burst: 100, perSecond: 10, perAnswer: 1, perDataFrame: 0)
        case .windowUpdate: Bound(burst: 1000, perSecond: 100, perAnswer: 4, perDataFrame: 4)
        }
    }

    private static let bounds = Kind.allCases.map(bound)

    private var left = bounds.map(\.burst)
    private var refilled: UInt64
    private var answers = 0
    private var dataFrames = 0

    /// A guard whose every kind is full; `now` in nanoseconds.
    package init(now: UInt64) { refilled = now }

    /// Counts one of a kind. False when it is one too many.
    package mutating func allows(_ kind: Kind, now: UInt64) -> Bool {
        if left[kind.rawValue] == 0 { refill(now: now) }
        guard left[kind.rawValue] > 0 else { return false }
        left[kind.rawValue] -= 1
        return true
    }

    /// An answer was sent whole.
    package mutating func earnAnswer() { answers += 1 }

    /// A DATA frame with something in it was sent or received.
    package mutating func earnDataFrame() { dataFrames += 1 }

    /// Gives back what whole seconds, answers and DATA frames have earned. Only done when something has run out, so that
    /// earning costs nothing.
    private mutating func refill(now: UInt64) {
        let seconds = (now &- min(refilled, now)) / 1_000_000_000
        refilled &+= seconds &* 1_000_000_000
        // No bound takes longer to fill than this, and nothing overflows.
        let (elapsed, answers, frames) = (Int(clamping: min(seconds, 1000)), min(answers, 1000), min(dataFrames, 1000))
        (self.answers, dataFrames) = (0, 0)
        for (index, bound) in Self.bounds.enumerated() {
            let earned = elapsed * bound.perSecond + answers * bound.perAnswer + frames * bound.perDataFrame
            left[index] = min(bound.burst, left[index] + earned)
        }
    }
}
