import Synchronization
internal import Locks

/// Shut while there are no descriptors to accept connections with. Whoever frees one opens it, and wakes the loop that
/// accepts.
final class AcceptGate: Sendable {
    private let isShut = Atomic<Bool>(false)
    private let sleeper = Lock<(@Sendable () -> Void)?>(nil)

    var isOpen: Bool { !isShut.load(ordering: .acquiring) }

    /// Shuts it; `wake` is called when it opens, from any thread.
    func close(_ wake: @escaping @Sendable () -> Void) {
        sleeper.withLock { $0 = wake }
        isShut.store(true, ordering: .releasing)
    }

    /// Opens it, if it is shut.
    func open() {
        guard isShut.load(ordering: .relaxed), isShut.exchange(false, ordering: .acquiringAndReleasing) else { return }
        sleeper.withLock { $0.take() }?()
    }
}
