internal import Dispatch
internal import Locks

/// Looks after the deadlines of what waits: one timer, set to the earliest of them. It has a thread of its own to wake, since
/// deadlines pass when the workers have no time.
final class Expiry: Sendable {
    private struct State {
        /// What drops the work that is over, and gives the next deadline.
        var check: @Sendable () -> Instant = { .never }
        /// What the timer is set to; `never` while it is not.
        var next = Instant.never
    }

    private let state = Lock(State())
    private let clock: @Sendable () -> Instant
    private let queue = DispatchQueue(label: "dense.expiry", qos: .userInitiated)

    init(_ clock: @escaping @Sendable () -> Instant) { self.clock = clock }

    /// Sets what runs, on a thread of its own, when a deadline has passed: it drops what is over, and gives the next deadline.
    func onExpiry(_ check: @escaping @Sendable () -> Instant) { state.withLock { $0.check = check } }

    /// Sees to it that the check runs when the deadline has passed.
    func watch(_ deadline: Instant) {
        let isEarlier = state.withLock { state in
            guard deadline < state.next else { return false }
            state.next = deadline
            return true
        }
        guard isEarlier else { return }
        queue.asyncAfter(deadline: .now() + .nanoseconds(max(deadline.since(clock()), 0))) { [self] in
            let check = state.withLock { state -> (@Sendable () -> Instant)? in
                // An earlier one took its place, and has gone on from there.
                guard state.next == deadline else { return nil }
                state.next = .never
                return state.check
            }
            if let check { watch(check()) }
        }
    }
}
