import Dispatch
import Glibc
import Locks

/// Takes finished log lines from any thread and writes them to a file descriptor on a queue of its own. It never makes
/// a caller wait for the reader of the log: what does not fit the buffer is dropped and counted, and the count is
/// logged once there is room again.
package final class LogWriter: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var droppedLines = 0
        var isScheduled = false
    }

    private let descriptor: Int32
    private let limit: Int
    private let droppedLine: @Sendable (_ count: Int) -> [UInt8]
    private let state = Lock(State())
    private let queue = DispatchQueue(label: "log")

    /// Lines wait this long for others, so that a busy server writes many at once.
    private static let delay = DispatchTimeInterval.milliseconds(10)

    /// - Parameters:
    ///   - limit: bytes that wait at most.
    ///   - droppedLine: makes the line that tells how many were dropped.
    package init(
        descriptor: Int32, limit: Int = 1 << 20, droppedLine: @escaping @Sendable (_ count: Int) -> [UInt8]
    ) {
        self.descriptor = descriptor
        self.limit = limit
        self.droppedLine = droppedLine
    }

    /// Takes a line to be written soon, or drops it.
    package func write(_ line: [UInt8]) {
        let mustSchedule = state.withLock { state in
            guard state.pending.count + line.count <= limit else {
                state.droppedLines += 1
                return false
            }
            state.pending += line
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule {
            queue.asyncAfter(deadline: .now() + Self.delay) { self.writePending() }
        }
    }

    /// Lines dropped and not yet reported.
    package var droppedLines: Int { state.withLock { $0.droppedLines } }

    /// Waits until what was taken is written, for a second at most: the reader may have stopped reading.
    package func flush() {
        let written = DispatchSemaphore(value: 0)
        queue.async {
            self.writePending()
            written.signal()
        }
        _ = written.wait(timeout: .now() + .seconds(1))
    }

    private func writePending() {
        var (bytes, dropped) = state.withLock { state in
            state.isScheduled = false
            defer {
                state.pending.removeAll(keepingCapacity: false)
                state.droppedLines = 0
            }
            return (state.pending, state.droppedLines)
        }
        if dropped > 0 { bytes += droppedLine(dropped) }
        StandardStream.write(bytes, to: descriptor)
    }
}
