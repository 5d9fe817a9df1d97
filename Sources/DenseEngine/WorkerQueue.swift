internal import Dispatch
internal import Locks

/// The bounded queue on which the engine's work runs: at most `width` pieces of work at a time, first come first
/// served, and an immediate refusal when it holds too many requests or bytes.
///
/// Order and bounds are kept here, in a list under a mutex, and Dispatch lends the threads: a concurrent Dispatch queue
/// by itself has no bound, and starts more threads than cores when work blocks.
package final class WorkerQueue: Sendable {
    private struct Item {
        let bytes: Int
        let work: @Sendable () -> Void
    }

    private struct State {
        /// Work that nobody has taken, from `next` on; the slots before it are empty.
        var waiting: [Item?] = []
        var next = 0
        /// Threads that are taking work.
        var lanes = 0
        /// Waiting and running.
        var requests = 0
        var bytes = 0

        mutating func takeNext() -> Item? {
            guard next < waiting.count else { return nil }
            let item = waiting[next].take()
            next += 1
            // Empty slots are dropped in bulk, so that taking costs constant time on average.
            if next == waiting.count {
                waiting.removeAll(keepingCapacity: waiting.capacity <= 1024)
                next = 0
            } else if next >= 1024, next * 2 >= waiting.count {
                waiting.removeFirst(next)
                next = 0
            }
            return item
        }
    }

    private let width: Int
    private let maximumRequests: Int
    private let maximumBytes: Int
    private let queue = DispatchQueue(label: "dense.workers", qos: .userInitiated, attributes: .concurrent)
    private let busyLanes = DispatchGroup()
    private let state = Lock(State())

    /// - Parameters:
    ///   - width: how many pieces of work run at a time; the number of cores, usually. At least 1.
    ///   - maximumRequests: the bound of work waiting and running together.
    ///   - maximumBytes: the bound of the bytes given with that work.
    package init(width: Int, maximumRequests: Int, maximumBytes: Int) {
        self.width = max(width, 1)
        self.maximumRequests = maximumRequests
        self.maximumBytes = maximumBytes
    }

    /// Work waiting and running, and the bytes given with it.
    package var depth: (requests: Int, bytes: Int) {
        state.withLock { ($0.requests, $0.bytes) }
    }

    /// Runs `work` on a worker's thread, after all that came before has started.
    ///
    /// - Parameter bytes: what the work holds in memory; a negative number counts as 0.
    /// - Throws: `EngineError.queueFull`, at once, when the queue holds as much as it may. `work` is then dropped.
    package func async(bytes: Int, _ work: @escaping @Sendable () -> Void) throws(EngineError) {
        let bytes = max(bytes, 0)
        enum Decision { case full(String), enqueued, enqueuedWithNewLane }
        let decision = state.withLock { state -> Decision in
            guard state.requests < maximumRequests else { return .full("max_queue_requests (\(maximumRequests))") }
            guard reserve(bytes, in: &state) else { return .full("max_queue_bytes (\(maximumBytes))") }
            state.requests += 1
            state.waiting.append(Item(bytes: bytes, work: work))
            guard state.lanes < width else { return .enqueued }
            state.lanes += 1
            return .enqueuedWithNewLane
        }
        switch decision {
        case .full(let limit): throw .queueFull(limit: limit)
        case .enqueued: break
        case .enqueuedWithNewLane: queue.async(group: busyLanes) { self.runLane() }
        }
    }

    /// Counts `bytes` more for work that is running and needs them, until `release` is called with as many.
    ///
    /// - Throws: `EngineError.queueFull` when they would be more than the queue may hold.
    package func hold(bytes: Int) throws(EngineError) {
        guard state.withLock({ reserve(max(bytes, 0), in: &$0) }) else {
            throw .queueFull(limit: "max_queue_bytes (\(maximumBytes))")
        }
    }

    /// Gives back what `hold` counted.
    package func release(bytes: Int) {
        state.withLock { $0.bytes -= max(bytes, 0) }
    }

    private func reserve(_ bytes: Int, in state: inout State) -> Bool {
        // Not a sum, which could overflow.
        guard bytes <= maximumBytes, state.bytes <= maximumBytes - bytes else { return false }
        state.bytes += bytes
        return true
    }

    /// Runs `work` on the caller's thread, at once and outside the bounds: for work that costs less than a hop to another
    /// thread. It is not counted in `depth`.
    package func sync<R>(_ work: () -> R) -> R {
        queue.sync(execute: work)
    }

    /// Blocks the caller until nothing waits or runs, or the time is up; never to be called from work on this queue.
    /// Refusing new work meanwhile is the caller's business.
    ///
    /// - Returns: whether the queue became idle in time.
    @discardableResult
    package func waitUntilIdle(timeoutMilliseconds: Int? = nil) -> Bool {
        guard let timeoutMilliseconds else {
            busyLanes.wait()
            return true
        }
        return busyLanes.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success
    }

    /// Takes and runs work until none is left.
    private func runLane() {
        while let item = nextItem() {
            item.work()
            state.withLock {
                $0.requests -= 1
                $0.bytes -= item.bytes
            }
        }
    }

    /// The next piece of work; without one the calling lane is counted as gone, under the same lock, so that work which
    /// comes a moment later starts a new lane.
    private func nextItem() -> Item? {
        state.withLock { state in
            let item = state.takeNext()
            if item == nil { state.lanes -= 1 }
            return item
        }
    }
}
