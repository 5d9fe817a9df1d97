import Dispatch
import Locks
import Testing

@Suite("The lock")
struct LockTests {
    private struct Refusal: Error {}

    private final class Tracked: Sendable {
        let whenGone: @Sendable () -> Void
        init(whenGone: @escaping @Sendable () -> Void) { self.whenGone = whenGone }
        deinit { whenGone() }
    }

    private struct Token: ~Copyable { let number: Int }

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
        #expect(throws: Refusal.self) {
            try value.withLock { value throws(Refusal) in
                value = 2
                throw Refusal()
            }
        }
        #expect(value.withLock { $0 } == 2)
    }

    @Test("the value goes with the lock")
    func releases() {
        let gone = Lock(0)
        do {
            let lock = Lock(Tracked { gone.withLock { $0 += 1 } })
            lock.withLock { _ in }
            #expect(gone.withLock { $0 } == 0)
        }
        #expect(gone.withLock { $0 } == 1)
    }

    @Test("a value that cannot be copied goes in and out")
    func tokens() {
        let lock = Lock<Token?>(Token(number: 7))
        var numbers: [Int] = []
        for _ in 0..<2 {
            if let token = lock.withLock({ $0.take() }) { numbers.append(token.number) }
        }
        #expect(numbers == [7])
    }
}
