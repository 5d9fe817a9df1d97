import DenseEngine
import Dispatch
import Testing

@Suite("The lock")
struct LockTests {
    @Test("threads that add to one value lose no addition, and the thread sanitizer has nothing to say")
    func additions() {
        let sum = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<20_000 { sum.withLock { $0 += 1 } }
        }
        #expect(sum.withLock { $0 } == 80_000)
    }

    @Test("an error leaves the lock open")
    func errors() {
        let value = Lock(1)
        #expect(throws: EngineError.queueFull(limit: "test")) {
            try value.withLock { (_) throws(EngineError) -> Void in throw .queueFull(limit: "test") }
        }
        #expect(value.withLock { $0 } == 1)
    }
}
