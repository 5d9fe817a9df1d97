internal import Glibc

/// Nanoseconds on the system's monotonic clock.
struct Instant: Comparable {
    let nanoseconds: Int

    static var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: time.tv_sec &* 1_000_000_000 &+ time.tv_nsec)
    }

    func advanced(milliseconds: Int) -> Instant {
        let (distance, tooFar) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow) = nanoseconds.addingReportingOverflow(distance)
        return Instant(nanoseconds: tooFar || overflow ? .max : sum)
    }

    /// Nanoseconds from another instant to this one.
    func since(_ other: Instant) -> Int { nanoseconds - other.nanoseconds }

    static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
}
