internal import Locks

/// How many threads the numbers of one large tensor may take, and from how many numbers on. What is read or written, errors
/// and their places included, never depends on it.
package struct CodingThreads: Sendable {
    private let count: Int
    /// Below these, a second thread costs more than it brings (about 0.4 ms of work).
    private let minimumRead: Int
    private let minimumWritten: Int

    /// As many as may compute, for tensors that are worth it.
    package static var all: CodingThreads { CodingThreads(count: ComputeThreads.shared.maximum) }
    /// The caller's thread alone.
    package static let one = CodingThreads(count: 1)

    /// - Parameter minimum: the fewest numbers that are split; the usual bounds unless given.
    package init(count: Int, minimum: Int? = nil) {
        self.count = max(count, 1)
        minimumRead = minimum ?? 80_000
        minimumWritten = minimum ?? 40_000
    }

    /// The most parts a tensor is cut into.
    static let maximumParts = 32

    /// Parts to read numbers in: more than threads, so that a thread that comes late still finds some.
    func partsToRead(_ numbers: Int) -> Int { parts(numbers, minimumRead) }

    /// Parts to write numbers in.
    func partsToWrite(_ numbers: Int) -> Int { parts(numbers, minimumWritten) }

    private func parts(_ numbers: Int, _ minimum: Int) -> Int {
        guard count > 1, numbers >= max(minimum, 2) else { return 1 }
        return min(4 * min(count, Self.maximumParts), Self.maximumParts, numbers)
    }

    /// The numbers of one of several parts.
    static func range(_ part: Int, of parts: Int, _ numbers: Int) -> Range<Int> {
        let (share, rest) = numbers.quotientAndRemainder(dividingBy: parts)
        let start = part * share + min(part, rest)
        return start..<start + share + (part < rest ? 1 : 0)
    }

    /// Runs `work` for each part, on the caller's thread and as many others as are idle, and returns when all are done.
    static func perform(_ parts: Int, _ work: @Sendable (Int) -> Void) {
        guard parts > 1 else { return work(0) }
        ComputeThreads.shared.withIdle(most: parts) { threads in ComputeThreads.perform(parts, threads: threads, work) }
    }
}
