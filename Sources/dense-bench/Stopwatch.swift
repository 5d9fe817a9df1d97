internal import Glibc
internal import Synchronization

/// How long something takes.
package struct Measurement: Sendable {
    /// Seconds a call: the least of all samples, and the middle one.
    package let best: Double
    package let median: Double
}

package enum Stopwatch {
    /// Seconds of a clock that only goes forward.
    package static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Runs `body` again and again for about `budget` seconds (three times at least), in samples that are long enough
    /// for the clock.
    package static func measure(budget: Double, _ body: () -> Void) -> Measurement {
        body()
        let sample = min(budget / 10, 5e-4)
        var calls = 1
        var samples = [time(calls, body)]
        while samples[0] * Double(calls) < sample, calls < 1 << 24 {
            calls *= 2
            samples = [time(calls, body)]
        }
        let end = now + budget
        while samples.count < 3 || now < end { samples.append(time(calls, body)) }
        samples.sort()
        return Measurement(best: samples[0], median: samples[samples.count / 2])
    }

    /// Seconds a call.
    private static func time(_ calls: Int, _ body: () -> Void) -> Double {
        let start = now
        for _ in 0..<calls { body() }
        return max(now - start, 1e-9) / Double(calls)
    }
}

/// Takes results nobody wants, so that what computed them is not optimised away.
enum Sink {
    private static let last = Atomic<UInt32>(0)

    static func take(_ value: Float) { last.store(value.bitPattern, ordering: .relaxed) }
}
