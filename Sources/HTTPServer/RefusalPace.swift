/// Keeps refusals from eating the time that answers need.
///
/// A refusal for want of room (503) costs about 20 µs, so a crowd that asks again at once could fill a loop with nothing but
/// refusals. Beyond so many a second, a connection that was refused rests: it is not read from, its client waits as TCP's flow
/// control has it, and whoever has rested longest goes on first. Nobody rests for longer than the second that `Retry-After`
/// asks for, and everybody goes on as soon as nothing is refused any more. Confined to its loop's thread.
package struct RefusalPace<Client> {
    /// So many nanoseconds' refusals may come at once before anybody rests.
    private static var burst: UInt64 { 20_000_000 }
    /// The longest rest, in nanoseconds.
    private static var longestRest: UInt64 { 1_000_000_000 }

    private struct Rest {
        var client: Client
        /// When it has lasted long enough, whatever is refused.
        var end: UInt64
    }

    /// Nanoseconds between two refusals in the long run; 0 without a bound.
    private let interval: UInt64
    /// When one more refusal is within the pace.
    private var next: UInt64 = 0
    private var resting: ArraySlice<Rest> = []

    /// - Parameter rate: refusals a second; 0 for any number.
    package init(rate: Int) {
        interval = rate > 0 ? 1_000_000_000 / UInt64(rate) : 0
    }

    /// Counts a refusal.
    package mutating func countRefusal(at now: UInt64) {
        next = max(next, now - min(now, Self.burst)) + interval
    }

    /// Has a connection that was refused rest, if there were too many refusals; false if it may go on.
    package mutating func rest(_ client: Client, at now: UInt64) -> Bool {
        guard next > now else { return false }
        resting.append(Rest(client: client, end: now + Self.longestRest))
        return true
    }

    /// Takes out whoever goes on next, nil when all have to rest. `isOneMore` says whether it would be beside others who go on
    /// now, of whom it is not known yet what becomes of them.
    package mutating func takeRested(at now: UInt64, isOneMore: Bool) -> Client? {
        guard let first = resting.first, first.end <= now || next <= now && !isOneMore else { return nil }
        return resting.removeFirst().client
    }

    /// When the next one may go on; `.max` when nobody rests.
    package var nextEnd: UInt64 { resting.first.map { min($0.end, next) } ?? .max }
}
