internal import Dispatch
internal import Synchronization

extension LimitLoops {
    /// The most float32 operations a second that threads do together.
    ///
    /// - Parameter round: seconds of each of the rounds of which the best counts. What is compared with the rate should
    ///   take as long: the shorter a round, the more of them have a moment in which the clock was faster.
    func operationRate(threads: Int, budget: Double, round: Double = 1e-3) -> Double {
        let iterations = 2_000
        return Self.together(threads, budget, round: round) { _ in
            Sink.take(multiplyAdd(iterations, 0.75))
            return Double(iterations * operationsPerIteration)
        }
    }

    /// The most bytes a second that threads read together, each again and again from memory of its own: the best
    /// number of streams counts.
    func readRate(bytesEach: Int, threads: Int, budget: Double, streams: [Int] = [1, 2, 4, 8]) -> Double {
        let count = max(bytesEach / 4096 * 4096, 4096)
        let buffers = (0..<threads).map { _ in Floats(zeros: count / MemoryLayout<Float>.size) }
        let passes = max((1 << 20) / count, 1)
        let rates = streams.map { streams in
            Self.together(threads, budget / 2, round: 1e-3) { thread in
                Sink.take(unsafe read(UnsafeRawPointer(buffers[thread].start), count, streams, passes))
                return Double(count * passes)
            }
        }
        return rates.max() ?? 0
    }

    /// The most work a second that threads did together in any of many short rounds, as the best call of a product is
    /// the best of many. `work` does some and says how much.
    private static func together(
        _ threads: Int, _ budget: Double, round: Double, _ work: @Sendable (Int) -> Double
    ) -> Double {
        let round = min(budget / 5, round)
        var best = 0.0
        let end = Stopwatch.now + budget
        repeat {
            let start = Stopwatch.now
            let (done, last) = parallel(threads, until: start + round, work)
            best = max(best, done / (last - start))
        } while Stopwatch.now < end
        return best
    }

    /// The work that threads did until a time, and when the last of them stopped.
    private static func parallel(
        _ threads: Int, until end: Double, _ work: @Sendable (Int) -> Double
    ) -> (done: Double, last: Double) {
        let results = Mutex((done: 0.0, last: 0.0))
        @Sendable func loop(_ thread: Int) {
            var done = 0.0
            repeat { done += work(thread) } while Stopwatch.now < end
            let last = Stopwatch.now
            results.withLock { $0 = ($0.done + done, max($0.last, last)) }
        }
        if threads == 1 {
            loop(0)
        } else {
            DispatchQueue.concurrentPerform(iterations: threads, execute: loop)
        }
        return results.withLock(\.self)
    }
}
