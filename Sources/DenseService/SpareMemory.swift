internal import CMalloc
internal import Dispatch
internal import Locks

/// Gives memory back to the system that the process does not use any more. The C library keeps much of what a burst of large
/// requests has needed, in a heap for every thread that worked on them: hundreds of megabytes after sixteen bodies of 20 MB.
///
/// Only while nothing large is there, since the next large request would have to get its memory anew.
package final class SpareMemory: Sendable {
    private static let pause = DispatchTimeInterval.seconds(2)

    private let queue = DispatchQueue(label: "dense.memory", qos: .utility)
    private let watch = Lock(SpareMemoryWatch())
    /// Whether nothing large is there; nil once nobody cares.
    private let isQuiet: @Sendable () -> Bool?

    private init(_ isQuiet: @escaping @Sendable () -> Bool?) { self.isQuiet = isQuiet }

    /// Looks after the process from now on, as long as the service is there.
    package static func look(after service: Service) {
        SpareMemory { [weak service] in service.map(\.isQuiet) }.lookLater()
    }

    private func lookLater() {
        queue.asyncAfter(deadline: .now() + Self.pause) { [self] in
            guard let isQuiet = isQuiet() else { return }
            let before = ProcessFacts.residentBytes
            if watch.withLock({ $0.isWorthwhile(isQuiet: isQuiet, resident: before) }) {
                malloc_trim(0)
                let now = ProcessFacts.residentBytes
                watch.withLock { $0.gaveBack(before: before, now: now) }
            }
            lookLater()
        }
    }
}

/// When it is worth while to look for memory to give back.
package struct SpareMemoryWatch {
    /// As many bytes more than there were at least.
    package static let growth = 16 << 20

    /// Memory that there is not so much of that it would be worth while.
    private static let little = 1 << 20
    /// The most looks between two attempts that bring nothing.
    private static let mostLooks = 64

    private var least = Int.max
    private var last = 0
    private var wasQuiet = false
    private var looks = 0
    private var pause = 1

    /// Nothing is known yet.
    package init() {}

    /// Whether there is more memory than there was at least, and nothing large was there at this look and at the one before.
    /// What was in use the last time may not be so any more, so it is looked for again, ever more rarely while there is none.
    ///
    /// - Parameter resident: the process's memory, in bytes.
    package mutating func isWorthwhile(isQuiet: Bool, resident: Int) -> Bool {
        defer { wasQuiet = isQuiet }
        least = min(least, resident)
        guard isQuiet, wasQuiet, resident - least >= Self.growth else { return false }
        looks += 1
        return looks >= pause || resident - last >= Self.growth
    }

    /// What came of it.
    package mutating func gaveBack(before: Int, now: Int) {
        last = now
        looks = 0
        pause = before - now >= Self.little ? 1 : min(2 * pause, Self.mostLooks)
    }
}
