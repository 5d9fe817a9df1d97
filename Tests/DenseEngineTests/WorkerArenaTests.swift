import DenseEngine
import Dispatch
import Glibc
import Locks
import Testing

/// Runs the body on a thread of its own, which keeps nothing yet, and waits for its end.
private func onNewThread(_ body: @escaping @Sendable () -> Void) {
    guard let thread = try? SystemThread.start(body) else {
        Issue.record("There is no thread.")
        return
    }
    pthread_join(thread, nil)
}

@Suite("A thread's arena")
struct WorkerArenaTests {
    @Test("the same memory is lent again, aligned to a cache line")
    func reused() {
        onNewThread {
            #expect(WorkerArena.keptCount == 0)
            let first = unsafe WorkerArena.withFloats(count: 5000) { Int(bitPattern: $0) }
            let kept = WorkerArena.keptCount
            let second = unsafe WorkerArena.withFloats(count: 10) { Int(bitPattern: $0) }
            #expect(first == second && first % 64 == 0)
            #expect(kept >= 5000 && WorkerArena.keptCount == kept)
        }
    }

    @Test("what is larger than the bound is not kept")
    func bounded() {
        onNewThread {
            for count in [WorkerArena.maximumCount + 1, WorkerArena.maximumCount, 1] {
                unsafe WorkerArena.withFloats(count: count) { floats in
                    unsafe floats[0] = 1
                    unsafe floats[count - 1] = 2
                }
                #expect(WorkerArena.keptCount <= WorkerArena.maximumCount)
            }
            #expect(WorkerArena.keptCount == WorkerArena.maximumCount)
        }
    }

    @Test("a call inside another gets memory of its own, however much it needs")
    func nested() {
        onNewThread {
            unsafe WorkerArena.withFloats(count: 100) { outer in
                unsafe outer.update(repeating: 1, count: 100)
                for count in [100, 100_000] {
                    unsafe WorkerArena.withFloats(count: count) { unsafe $0.update(repeating: 2, count: count) }
                }
                let sum = unsafe UnsafeBufferPointer(start: outer, count: 100).reduce(0, +)
                #expect(sum == 100)
            }
        }
    }

    @Test("every thread has its own")
    func separate() {
        let wrong = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 32) { iteration in
            let count = 1000 + iteration * 500
            unsafe WorkerArena.withFloats(count: count) { floats in
                unsafe floats.update(repeating: Float(iteration), count: count)
                let isWhole = unsafe UnsafeBufferPointer(start: floats, count: count)
                    .allSatisfy { $0 == Float(iteration) }
                if !isWhole { wrong.withLock { $0 += 1 } }
            }
        }
        #expect(wrong.withLock { $0 } == 0)
    }
}
