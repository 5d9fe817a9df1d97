import DenseEngine
import Locks
import Testing

@Suite("The worker queue's order")
final class WorkerQueueOrderTests: Sendable {
    private let clock = TestClock()
    private let seen = Lock<[String]>([])

    private func queue(requests: Int = 1_000) -> WorkerQueue {
        WorkerQueue(width: 1, maximumRequests: requests, maximumBytes: 1 << 30) { [clock] in clock.now }
    }

    private func add(_ name: String, _ options: WorkOptions, to queue: WorkerQueue) throws {
        try queue.async(options) { [self] reason in
            seen.withLock { $0.append(reason.map { "\(name) \($0)" } ?? name) }
        }
    }

    @Test("higher priorities come first, and within one priority who came first")
    func priorities() throws {
        let queue = queue()
        let gate = try queue.occupy(1)
        for (name, priority) in [("a", 0), ("b", 5), ("c", 9), ("d", 5), ("e", 0), ("f", 9), ("g", 6)] {
            try add(name, WorkOptions(priority: priority), to: queue)
        }
        gate.open()
        queue.waitUntilIdle()
        #expect(seen.withLock { $0 } == ["c", "f", "g", "b", "d", "a", "e"])
    }

    @Test("work without a priority has 5, and one outside 0 to 9 is the nearest")
    func defaults() throws {
        #expect(WorkOptions().priority == 5)
        #expect(WorkOptions(priority: 10).priority == 9 && WorkOptions(priority: -1).priority == 0)
        #expect(WorkOptions(bytes: -5).bytes == 0)
    }

    @Test("no priority starves: a level is worth a tenth of a second")
    func ageing() throws {
        let queue = queue()
        let gate = try queue.occupy(1)
        try add("low", WorkOptions(priority: 0), to: queue)
        clock.advance(milliseconds: 899)
        try add("soon enough", WorkOptions(priority: 9), to: queue)
        clock.advance(milliseconds: 2)
        try add("too late", WorkOptions(priority: 9), to: queue)
        try add("much too late", WorkOptions(priority: 8), to: queue)
        gate.open()
        queue.waitUntilIdle()
        #expect(seen.withLock { $0 } == ["soon enough", "low", "too late", "much too late"])
    }

    @Test("work whose deadline passes is told so, though no worker is free")
    func expired() throws {
        let queue = queue()
        let gate = try queue.occupy(1)
        let isTold = Gate()
        try add("in time", WorkOptions(deadline: clock.now.advanced(milliseconds: 11)), to: queue)
        let soon = WorkOptions(bytes: 5, deadline: clock.now.advanced(milliseconds: 10))
        try queue.async(soon) { [self] (reason) -> Void in
            seen.withLock { $0.append(reason == .deadlinePassed ? "late" : "computed") }
            isTold.open()
        }
        clock.advance(milliseconds: 10)
        isTold.wait()
        #expect(seen.withLock { $0 } == ["late"])
        gate.open()
        queue.waitUntilIdle()
        #expect(seen.withLock { $0 } == ["late", "in time"])
        #expect(queue.depth == (0, 0))
    }

    @Test("work whose deadline has passed, or that nobody wants, is told so when its turn comes at the latest")
    func dropped() throws {
        let queue = queue()
        let gate = try queue.occupy(1)
        let isGone = Lock(false)
        try add("in time", WorkOptions(deadline: clock.now.advanced(milliseconds: 11)), to: queue)
        try add("late", WorkOptions(deadline: clock.now.advanced(milliseconds: 10)), to: queue)
        try add("gone", WorkOptions(isCancelled: { isGone.withLock { $0 } }), to: queue)
        clock.advance(milliseconds: 10)
        isGone.withLock { $0 = true }
        gate.open()
        queue.waitUntilIdle()
        #expect(seen.withLock { $0.sorted() } == ["gone cancelled", "in time", "late deadlinePassed"])
        #expect(queue.depth == (0, 0))
    }

    @Test("a request is dropped from its batch when its time passes while the others are prepared")
    func droppedFromBatch() throws {
        let queue = queue()
        let (model, outcomes) = (try TestModel.wide(), Outcomes())
        var numbers = TestNumbers(seed: 1)
        let input = try numbers.tensor([1, 300])
        let gate = try queue.occupy(1)
        try queue.add(
            model.request(0, input, into: outcomes), WorkOptions(deadline: clock.now.advanced(milliseconds: 5)))
        try queue.async(WorkOptions()) { [clock] _ in
            clock.advance(milliseconds: 5)
            return .request(model.request(1, input, into: outcomes))
        }
        gate.open()
        queue.waitUntilIdle()
        #expect(outcomes.dropReason(0) == .deadlinePassed)
        #expect(outcomes.facts(1)?.requests == 1)
        #expect(queue.depth == (0, 0))
    }

    @Test("the urgent go into the batch first when it has not room for all")
    func urgentFirst() throws {
        let queue = queue()
        let (model, outcomes) = (try TestModel.wide(limits: BatchLimits(maximumRows: 2)), Outcomes())
        var numbers = TestNumbers(seed: 1)
        let input = try numbers.tensor([1, 300])
        let gate = try queue.occupy(1)
        for (number, priority) in [1, 9, 1, 9].enumerated() {
            try queue.add(model.request(number, input, into: outcomes), WorkOptions(priority: priority))
        }
        gate.open()
        queue.waitUntilIdle()
        #expect(outcomes.order == [1, 3, 0, 2])
    }

    @Test("work that turns out to be of another kind runs by itself, and counts until it has run")
    func otherWork() throws {
        let queue = queue()
        try queue.async(WorkOptions(bytes: 7)) { [self] _ in
            .work { [self] reason in seen.withLock { $0.append("ran \(reason == nil) \(queue.depth)") } }
        }
        queue.waitUntilIdle()
        #expect(seen.withLock { $0 } == ["ran true (requests: 1, bytes: 7)"])
        #expect(queue.depth == (0, 0))
    }

    @Test("a model's own bounds refuse what is too many for it, and count nothing of that")
    func lines() throws {
        let line = BatchLine()
        let limits = BatchLimits(maximumRequests: 2, maximumBytes: 100)
        try line.enter(bytes: 60, limits)
        #expect(throws: EngineError.queueFull(limit: "the model's max_queue_bytes (100)")) {
            try line.enter(bytes: 41, limits)
        }
        try line.enter(bytes: 40, limits)
        #expect(throws: EngineError.queueFull(limit: "the model's max_queue_requests (2)")) {
            try line.enter(bytes: 0, limits)
        }
        #expect(line.depth == (2, 100))
        line.leave(bytes: 60)
        line.leave(bytes: 40)
        #expect(line.depth == (0, 0))
    }
}
