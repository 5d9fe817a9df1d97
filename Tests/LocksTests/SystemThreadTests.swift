import Glibc
import Locks
import Testing

@Suite("A thread of the system's")
struct SystemThreadTests {
    @Test("the body runs once on a thread of its own, and what it holds goes with it")
    func once() throws {
        let numbers = Lock<[Int]>([])
        weak var released: Holder?
        do {
            let holder = Holder()
            released = holder
            let thread = try SystemThread.start {
                numbers.withLock { $0.append(ThreadNumber.current) }
                withExtendedLifetime(holder) {}
            }
            #expect(pthread_join(thread, nil) == 0)
        }
        let own = ThreadNumber.current
        numbers.withLock { #expect($0.count == 1 && $0 != [own]) }
        #expect(released == nil)
    }

    private final class Holder: Sendable {}
}
