import Dispatch
import Glibc
import Locks
import Synchronization

/// Takes log lines from any thread and writes them to a file descriptor on a queue of its own. It never makes a caller
/// wait for the reader of the log: what does not fit the buffer is dropped and counted, and the count is logged once
/// there is room again.
///
/// Lines that come with every request go to buffers of the threads that write them, so that event loops never wait for each
/// other: those of one thread stay in order, those of several are put together a hundred times a second. The other lines
/// stay in order whoever writes them.
package final class LogWriter: Sendable {
    private struct Buffer {
        var bytes: [UInt8] = []
        var droppedLines = 0
    }

    private let descriptor: Int32
    private let limit: Int
    private let droppedLine: @Sendable (_ count: Int) -> [UInt8]
    /// The last is for what all threads write to; the others are the threads' own.
    private let buffers: [Shared] = (0...8).map { _ in Shared() }
    /// Lines that are lost, and were not told of yet.
    private let unreported = Atomic<Int>(0)
    private let isScheduled = Atomic<Bool>(false)
    private let queue = DispatchQueue(label: "log")

    /// A lock cannot be an array's element.
    private final class Shared: Sendable {
        let buffer = Lock(Buffer())
    }

    /// Lines wait this long for others, so that a busy server writes many at once.
    private static let delay = DispatchTimeInterval.milliseconds(10)
    /// A buffer that has grown beyond this is not kept for the next lines.
    private static let keptCapacity = 256 << 10

    /// - Parameters:
    ///   - limit: bytes that wait at most in one buffer.
    ///   - droppedLine: makes the line that tells how many were dropped.
    package init(
        descriptor: Int32, limit: Int = 1 << 20, droppedLine: @escaping @Sendable (_ count: Int) -> [UInt8]
    ) {
        self.descriptor = descriptor
        self.limit = limit
        self.droppedLine = droppedLine
    }

    /// Takes a line to be written soon, behind all that were taken this way before, or drops it.
    package func write(_ line: [UInt8]) {
        write(to: buffers[buffers.count - 1]) { $0 += line }
    }

    /// Takes one of many lines, behind those that the calling thread wrote this way before: `append` puts its `count` bytes
    /// at most at the end of what it is given, which nobody else uses meanwhile.
    package func write(atMost count: Int, _ append: (inout OutputSpan<UInt8>) -> Void) {
        write(to: buffers[ThreadNumber.current % (buffers.count - 1)]) {
            $0.append(addingCapacity: count, initializingWith: append)
        }
    }

    private func write(to shared: Shared, _ append: (inout [UInt8]) -> Void) {
        shared.buffer.withLock { buffer in
            let count = buffer.bytes.count
            append(&buffer.bytes)
            if buffer.bytes.count > limit {
                buffer.bytes.removeLast(buffer.bytes.count - count)
                buffer.droppedLines += 1
            }
        }
        // Whoever reads `true` here appended before the buffer was emptied: `writePending` resets it first.
        if !isScheduled.load(ordering: .relaxed), !isScheduled.exchange(true, ordering: .relaxed) {
            queue.asyncAfter(deadline: .now() + Self.delay) { self.writePending() }
        }
    }

    /// Lines dropped and not yet reported.
    package var droppedLines: Int {
        buffers.reduce(unreported.load(ordering: .relaxed)) { $0 + $1.buffer.withLock { $0.droppedLines } }
    }

    /// Waits until what was taken is written, for so many milliseconds at most: the reader may have stopped reading.
    package func flush(timeout: Int = 1_000) {
        // Not a semaphore, whose time is that of the wall clock.
        let writing = DispatchGroup()
        queue.async(group: writing) { self.writePending() }
        _ = writing.wait(timeout: .now() + .milliseconds(timeout))
    }

    private func writePending() {
        isScheduled.store(false, ordering: .relaxed)
        for shared in buffers {
            var taken: [UInt8] = []
            shared.buffer.withLock { buffer in
                swap(&taken, &buffer.bytes)
                unreported.wrappingAdd(buffer.droppedLines, ordering: .relaxed)
                buffer.droppedLines = 0
            }
            guard !taken.isEmpty else { continue }
            let count = StandardStream.count(writing: taken, to: descriptor)
            // A disk is full, say.
            unreported.wrappingAdd(taken[count...].count { $0 == UInt8(ascii: "\n") }, ordering: .relaxed)
            guard taken.capacity <= Self.keptCapacity else { continue }
            taken.removeAll(keepingCapacity: true)
            shared.buffer.withLock { buffer in
                if buffer.bytes.isEmpty { swap(&taken, &buffer.bytes) }
            }
        }
        let dropped = unreported.load(ordering: .relaxed)
        guard dropped > 0, StandardStream.write(droppedLine(dropped), to: descriptor) else { return }
        unreported.wrappingSubtract(dropped, ordering: .relaxed)
    }
}
