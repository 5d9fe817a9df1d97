import Dispatch
import Locks
import Testing

@Suite("ThreadNumber")
struct ThreadNumberTests {
    @Test("a thread keeps its number")
    func stable() {
        let first = ThreadNumber.current
        #expect(first >= 0)
        #expect((0..<100).allSatisfy { _ in ThreadNumber.current == first })
    }

    @Test("threads that live at a time have different numbers")
    func distinct() {
        let numbers = Lock<[Int]>([])
        let arrived = DispatchGroup()
        let leave = DispatchSemaphore(value: 0)
        let left = DispatchGroup()
        for _ in 0..<8 {
            arrived.enter()
            left.enter()
            DispatchQueue(label: "number").async {
                let number = ThreadNumber.current
                numbers.withLock { $0.append(number) }
                arrived.leave()
                leave.wait()
                left.leave()
            }
        }
        arrived.wait()
        for _ in 0..<8 { leave.signal() }
        left.wait()
        #expect(Set(numbers.withLock { $0 }).count == 8)
    }
}
