/// When a connection's client has to have done what its protocol waits for.
struct WireTime {
    private var phase = WirePhase.finished
    private var progress = UInt64.max
    /// In nanoseconds of the monotonic clock; `.max` while the client is not waited for.
    private(set) var deadline = UInt64.max

    /// Takes note of what the protocol waits for now. Its time begins anew with every other phase, and when the protocol says
    /// that the client has earned it.
    mutating func update(_ wire: any WireProtocol, _ loop: LoopState) {
        let (phase, progress) = (wire.phase, wire.progress)
        if phase == .streams {
            deadline = wire.deadline
            return
        }
        if phase == self.phase, progress == self.progress { return }
        self.phase = phase
        self.progress = progress
        switch phase {
        case .idle: deadline = loop.deadline(in: loop.idleTimeout)
        case .head: deadline = loop.deadline(in: loop.configuration.headTimeout)
        case .body: deadline = loop.deadline(in: loop.configuration.bodyTimeout)
        case .answer, .streams, .finished: deadline = .max
        }
    }

    /// There is no more time than until then for what is waited for now.
    mutating func hasten(to deadline: UInt64) { self.deadline = min(self.deadline, deadline) }

    /// Whatever comes next begins anew.
    mutating func forget() { progress = .max }
}

/// How fast a client takes what is sent to it: so many bytes in each stretch of time. What the kernel has taken in the
/// client's place does not count.
package struct SendTime {
    private let step: Int
    private let stretch: UInt64
    private var before = 0
    /// When the stretch ends, in nanoseconds of the monotonic clock.
    package private(set) var deadline = UInt64.max

    /// - Parameter configuration: says how long a stretch is, and how many bytes belong to it.
    package init(_ configuration: ServerConfiguration) {
        step = configuration.sendStep
        stretch = UInt64(max(0, configuration.sendTimeout)) &* 1_000_000
    }

    /// Begins a stretch, the client having taken so many bytes.
    package mutating func begin(taken: Int, now: UInt64) {
        before = taken
        deadline = now &+ stretch
    }

    /// At the end of a stretch: begins another one, or tells that the client was too slow.
    package mutating func goOn(taken: Int, now: UInt64) -> Bool {
        guard taken - before >= step else { return false }
        begin(taken: taken, now: now)
        return true
    }
}
