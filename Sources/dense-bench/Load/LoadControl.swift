internal import Synchronization

/// What the threads of a load and the one that watches them tell each other.
final class LoadControl: Sendable {
    /// The times at which counting begins and ends, by the clock.
    let start: Int
    let end: Int

    private let stops = Atomic<Int>(0)
    private let answered = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    private let ended = Atomic<Int>(0)

    init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// Asks the threads to stop: the first time after the answers that are due, the second time at once.
    func stop() { stops.wrappingAdd(1, ordering: .relaxed) }

    var isStopped: Bool { stops.load(ordering: .relaxed) > 0 }
    var isAborted: Bool { stops.load(ordering: .relaxed) > 1 }

    /// A thread's news since its last.
    func publish(answers: Int, errors: Int) {
        if answers > 0 { answered.wrappingAdd(answers, ordering: .relaxed) }
        if errors > 0 { failed.wrappingAdd(errors, ordering: .relaxed) }
    }

    /// Answers and errors that counted so far.
    var progress: (answers: Int, errors: Int) {
        (answered.load(ordering: .relaxed), failed.load(ordering: .relaxed))
    }

    /// A thread is done.
    func finish() { ended.wrappingAdd(1, ordering: .releasing) }

    /// How many threads are done.
    var finished: Int { ended.load(ordering: .acquiring) }
}
