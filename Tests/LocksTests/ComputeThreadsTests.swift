import Dispatch
import Locks
import Testing

@Suite("ComputeThreads")
struct ComputeThreadsTests {
    @Test("a call alone gets what it asks for, as far as there are cores", arguments: [(1, 1), (2, 2), (4, 4), (9, 4)])
    func alone(most: Int, threads: Int) {
        let compute = ComputeThreads(cores: 4)
        #expect(compute.withIdle(most: most) { $0 } == threads)
        // Given back.
        #expect(compute.withIdle(most: most) { $0 } == threads)
    }

    @Test("the maximum bounds it", arguments: [(1, 1), (3, 3), (0, 1), (100, 4)])
    func bounded(maximum: Int, threads: Int) {
        let compute = ComputeThreads(cores: 4)
        compute.maximum = maximum
        #expect(compute.withIdle(most: 8) { $0 } == threads)
    }

    @Test("a thread counts once, however deep its calls")
    func nested() {
        let compute = ComputeThreads(cores: 4)
        let threads = compute.counted {
            compute.withIdle(most: 3) { outer in (outer, compute.withIdle(most: 4) { $0 }) }
        }
        #expect(threads == (3, 2))
    }

    @Test("threads that compute leave fewer to others, and never keep a caller from computing")
    func busy() {
        let compute = ComputeThreads(cores: 3)
        let (arrived, left) = (DispatchGroup(), DispatchGroup())
        let leave = DispatchSemaphore(value: 0)
        for _ in 0..<4 {
            arrived.enter()
            left.enter()
            DispatchQueue(label: "busy").async {
                compute.counted {
                    arrived.leave()
                    leave.wait()
                }
                left.leave()
            }
        }
        arrived.wait()
        #expect(compute.withIdle(most: 3) { $0 } == 1)
        for _ in 0..<4 { leave.signal() }
        left.wait()
        #expect(compute.withIdle(most: 3) { $0 } == 3)
    }

    @Test("every part is worked on once, by no more threads than that", arguments: [1, 2, 5], [0, 1, 2, 40])
    func parts(threads: Int, parts: Int) {
        let counts = Lock<(done: [Int], now: Int, most: Int)>((Array(repeating: 0, count: parts), 0, 0))
        ComputeThreads.perform(parts, threads: threads) { part in
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            counts.withLock {
                $0.done[part] += 1
                $0.now -= 1
            }
        }
        let (done, _, most) = counts.withLock { $0 }
        #expect(done.allSatisfy { $0 == 1 })
        #expect(most <= threads)
    }
}
