import DenseEngine
import Dispatch
import Glibc
import Locks
import Synchronization
import Testing

@Suite("The worker queue")
struct WorkerQueueTests {
    @Test("all work runs, once, and the queue is empty afterwards", arguments: [1, 2, 8])
    func runsEverything(width: Int) throws {
        let queue = WorkerQueue(width: width, maximumRequests: 10_000, maximumBytes: 1 << 20)
        let runs = Atomic<Int>(0)
        for _ in 0..<3_000 { try queue.async(bytes: 10) { runs.add(1, ordering: .relaxed) } }
        queue.waitUntilIdle()
        #expect(runs.load(ordering: .relaxed) == 3_000)
        #expect(queue.depth == (0, 0))
    }

    @Test("one worker runs work in the order it came")
    func order() throws {
        let queue = WorkerQueue(width: 1, maximumRequests: 5_000, maximumBytes: 0)
        let seen = Lock<[Int]>([])
        for index in 0..<5_000 { try queue.async(bytes: 0) { seen.withLock { $0.append(index) } } }
        queue.waitUntilIdle()
        #expect(seen.withLock { $0 } == Array(0..<5_000))
    }

    @Test("as many run at a time as the queue is wide, and no more", arguments: [1, 2, 3])
    func width(width: Int) throws {
        let queue = WorkerQueue(width: width, maximumRequests: 100, maximumBytes: 0)
        let running = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let (started, gate) = (Gate(), Gate())
        for _ in 0..<12 {
            try queue.async(bytes: 0) {
                let now = running.add(1, ordering: .sequentiallyConsistent).newValue
                most.max(now, ordering: .sequentiallyConsistent)
                started.open()
                gate.wait()
                running.subtract(1, ordering: .sequentiallyConsistent)
            }
        }
        // All lanes are busy at the same time: `width` starts come while nothing may finish.
        for _ in 0..<width { started.wait() }
        #expect(queue.depth.requests == 12)
        gate.open(times: 12)
        queue.waitUntilIdle()
        #expect(most.load(ordering: .sequentiallyConsistent) == width)
    }

    @Test("a large call is split over idle workers only: where all work, over none")
    func splits() throws {
        let queue = WorkerQueue(width: ComputeThreads.cores, maximumRequests: 100, maximumBytes: 0)
        let (started, all, done) = (Gate(), Gate(), Gate())
        let threads = Lock<[Int]>([])
        for _ in 0..<ComputeThreads.cores {
            try queue.async(bytes: 0) {
                started.open()
                all.wait()
                threads.withLock { $0.append(ComputeThreads.shared.withIdle(most: 64) { $0 }) }
                started.open()
                done.wait()
            }
        }
        for _ in 0..<ComputeThreads.cores { started.wait() }
        all.open(times: ComputeThreads.cores)
        for _ in 0..<ComputeThreads.cores { started.wait() }
        done.open(times: ComputeThreads.cores)
        queue.waitUntilIdle()
        #expect(threads.withLock(\.self) == Array(repeating: 1, count: ComputeThreads.cores))
    }

    @Test("past the bound of requests, work is refused at once and counted nowhere")
    func requestBound() throws {
        let queue = WorkerQueue(width: 1, maximumRequests: 3, maximumBytes: 100)
        let gate = Gate()
        for _ in 0..<3 { try queue.async(bytes: 1) { gate.wait() } }
        #expect(throws: EngineError.queueFull(limit: "max_queue_requests (3)")) {
            try queue.async(bytes: 1) { Issue.record("refused work ran") }
        }
        #expect(queue.depth == (3, 3))
        gate.open(times: 3)
        queue.waitUntilIdle()
        try queue.async(bytes: 1) {}
        queue.waitUntilIdle()
        #expect(queue.depth == (0, 0))
    }

    @Test(
        "who is refused learns how long a queue of this length takes, and that is counted",
        arguments: [0, 3200, 90_000])
    func retryAfter(milliseconds: Int) throws {
        let clock = TestClock()
        let queue = WorkerQueue(width: 1, maximumRequests: 2, maximumBytes: 100) { clock.now }
        let gate = Gate()
        let hasBegun = Gate()
        try queue.async(bytes: 0) {
            hasBegun.open()
            gate.wait()
        }
        hasBegun.wait()
        #expect(queue.objection(to: 1) == nil)
        try queue.async(bytes: 0) {}
        clock.advance(milliseconds: milliseconds)
        let seconds = [0: 1, 3200: 4, 90_000: 60][milliseconds] ?? 0
        #expect(queue.objection(to: 1) == .queueFull(limit: "max_queue_requests (2)", seconds: seconds))
        #expect(throws: EngineError.queueFull(limit: "max_queue_requests (2)", seconds: seconds)) {
            try queue.async(bytes: 0) {}
        }
        #expect(queue.refused == 2)
        gate.open()
        queue.waitUntilIdle()
    }

    @Test("past the bound of bytes, work is refused", arguments: [51, 101, Int.max])
    func byteBound(bytes: Int) throws {
        let queue = WorkerQueue(width: 1, maximumRequests: 10, maximumBytes: 100)
        let gate = Gate()
        try queue.async(bytes: 50) { gate.wait() }
        #expect(throws: EngineError.queueFull(limit: "max_queue_bytes (100)")) {
            try queue.async(bytes: bytes) { Issue.record("refused work ran") }
        }
        try queue.async(bytes: 50) {}
        #expect(queue.depth == (2, 100))
        gate.open()
        queue.waitUntilIdle()
        #expect(queue.depth == (0, 0))
    }

    @Test("work that needs more than it was reckoned at counts it while it does, within the bound")
    func holding() throws {
        let queue = WorkerQueue(width: 1, maximumRequests: 10, maximumBytes: 100)
        try queue.hold(bytes: 60)
        #expect(queue.depth == (0, 60))
        for bytes in [41, Int.max] {
            #expect(throws: EngineError.queueFull(limit: "max_queue_bytes (100)")) { try queue.hold(bytes: bytes) }
        }
        #expect(throws: EngineError.self) { try queue.async(bytes: 41) {} }
        queue.release(bytes: 60)
        try queue.async(bytes: 100) {}
        queue.waitUntilIdle()
        #expect(queue.depth == (0, 0))
    }

    private struct Multiplication: InlineWork {
        var product = 0
        var thread: pthread_t?

        mutating func run() {
            product = 6 * 7
            thread = pthread_self()
        }
    }

    @Test("sync runs on the caller's thread and gives the result, even when the workers are busy")
    func sync() throws {
        let queue = WorkerQueue(width: 1, maximumRequests: 1, maximumBytes: 0)
        let gate = Gate()
        try queue.async(bytes: 0) { gate.wait() }
        var work = Multiplication()
        queue.sync(&work)
        #expect(work.product == 42)
        #expect(work.thread == pthread_self())
        #expect(queue.depth.requests == 1)
        gate.open()
        queue.waitUntilIdle()
    }

    @Test("waiting for an idle queue ends at the timeout when work goes on")
    func timeout() throws {
        let queue = WorkerQueue(width: 1, maximumRequests: 1, maximumBytes: 0)
        #expect(queue.waitUntilIdle(timeoutMilliseconds: 0))
        let gate = Gate()
        try queue.async(bytes: 0) { gate.wait() }
        #expect(!queue.waitUntilIdle(timeoutMilliseconds: 1))
        gate.open()
        #expect(queue.waitUntilIdle(timeoutMilliseconds: 60_000))
    }

    @Test("work may add work, and many threads may add at once")
    func concurrentProducers() throws {
        let queue = WorkerQueue(width: 2, maximumRequests: 100_000, maximumBytes: 1 << 30)
        let runs = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<500 {
                try? queue.async(bytes: 1) {
                    runs.add(1, ordering: .relaxed)
                    try? queue.async(bytes: 1) { runs.add(1, ordering: .relaxed) }
                }
            }
        }
        queue.waitUntilIdle()
        #expect(runs.load(ordering: .relaxed) == 8_000)
        #expect(queue.depth == (0, 0))
    }
}
