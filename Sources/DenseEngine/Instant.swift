internal import Glibc

/// Nanoseconds on the system's monotonic clock.
package struct Instant: Hashable, Comparable, Sendable {
    /// Since a moment that is the same for the whole process.
    package let nanoseconds: Int

    /// An instant at so many nanoseconds.
    package init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

    /// A moment that never comes.
    package static let never = Instant(nanoseconds: .max)

    /// What the clock says.
    package static var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: time.tv_sec &* 1_000_000_000 &+ time.tv_nsec)
    }

    /// So many milliseconds later, or `never` when that is too far away.
    package func advanced(milliseconds: Int) -> Instant { advanced(milliseconds, times: 1_000_000) }

    /// So many microseconds later, or `never` when that is too far away.
    package func advanced(microseconds: Int) -> Instant { advanced(microseconds, times: 1_000) }

    private func advanced(_ count: Int, times unit: Int) -> Instant {
        let (distance, tooFar) = count.multipliedReportingOverflow(by: unit)
        let (sum, overflow) = nanoseconds.addingReportingOverflow(distance)
        return tooFar || overflow ? .never : Instant(nanoseconds: sum)
    }

    /// Nanoseconds from another instant to this one.
    package func since(_ other: Instant) -> Int { nanoseconds &- other.nanoseconds }

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
}
