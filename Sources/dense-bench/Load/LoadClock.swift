internal import Glibc

/// A clock that only goes forward, in nanoseconds.
enum LoadClock {
    static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// Seconds as nanoseconds.
func nanoseconds(_ seconds: Double) -> Int { Int(seconds * 1e9) }
