internal import Synchronization

/// The requests of one registered model that wait or run: their identity as a group, and how many they are.
package final class BatchLine: Sendable {
    private let requests = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)

    /// A line without requests.
    package init() {}

    /// Requests waiting and running, and the bytes of their bodies.
    package var depth: (requests: Int, bytes: Int) {
        (requests.load(ordering: .relaxed), bytes.load(ordering: .relaxed))
    }

    /// Counts a request until `leave` is called with the same bytes.
    ///
    /// - Throws: `EngineError.queueFull` when the line holds as much as the model allows.
    package func enter(bytes added: Int, _ limits: BatchLimits) throws(EngineError) {
        let added = max(added, 0)
        guard requests.add(1, ordering: .relaxed).newValue <= limits.maximumRequests else {
            requests.subtract(1, ordering: .relaxed)
            throw .queueFull(limit: "the model's max_queue_requests (\(limits.maximumRequests))")
        }
        guard bytes.wrappingAdd(added, ordering: .relaxed).newValue <= limits.maximumBytes else {
            requests.subtract(1, ordering: .relaxed)
            bytes.wrappingSubtract(added, ordering: .relaxed)
            throw .queueFull(limit: "the model's max_queue_bytes (\(limits.maximumBytes))")
        }
    }

    /// Gives back what `enter` counted.
    package func leave(bytes added: Int) {
        requests.subtract(1, ordering: .relaxed)
        bytes.wrappingSubtract(max(added, 0), ordering: .relaxed)
    }
}
