/// The times at which the requests of an open loop are due: evenly spaced, fixed beforehand, whatever the server does.
///
/// Several threads share one schedule by taking turns: of `threads`, the thread `index` has every `threads`-th request.
package struct LoadSchedule: Sendable {
    private let start: Int
    private let interval: Double
    private let stride: Int
    private var position: Int

    /// - Parameters:
    ///   - rate: requests a second of all threads together.
    ///   - start: when the first one is due, in nanoseconds.
    package init(rate: Double, start: Int, thread index: Int = 0, of threads: Int = 1) {
        self.start = start
        interval = 1e9 / rate
        stride = threads
        position = index
    }

    /// When the next request is due, in nanoseconds.
    package var next: Int { start + Int(Double(position) * interval) }

    /// Takes the next request if its time has come, and gives that time.
    package mutating func take(at now: Int) -> Int? {
        let due = next
        guard due <= now else { return nil }
        position += stride
        return due
    }
}
