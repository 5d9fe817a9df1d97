/// How requests for one model are computed together, and how many of them may wait.
package struct BatchLimits: Hashable, Sendable {
    /// The most rows of one matmul, where rows are all positions of a tensor but its last axis. A request with more is
    /// computed by itself; 1 computes every request by itself.
    package var maximumRows: Int
    /// How long a batch that is not full waits for more requests, in microseconds. With 0 only those share that wait
    /// anyway.
    package var maximumDelay: Int
    /// The most requests waiting or running.
    package var maximumRequests: Int
    /// The most bytes of their bodies.
    package var maximumBytes: Int

    /// Limits from their parts; those that are not given do not limit.
    package init(maximumRows: Int = 64, maximumDelay: Int = 0, maximumRequests: Int = .max, maximumBytes: Int = .max) {
        self.maximumRows = maximumRows
        self.maximumDelay = maximumDelay
        self.maximumRequests = maximumRequests
        self.maximumBytes = maximumBytes
    }
}

/// What one model has of its own among the limits; the server's count for the others.
package struct BatchOptions: Hashable, Sendable {
    /// `BatchLimits.maximumRows`
    package var maximumRows: Int?
    /// `BatchLimits.maximumDelay`
    package var maximumDelay: Int?
    /// The most requests of this model waiting or running, besides the server's own bound of all requests.
    package var maximumRequests: Int?
    /// The most bytes of those requests' bodies, likewise.
    package var maximumBytes: Int?

    /// Nothing of its own.
    package init() {}

    /// The limits that count for the model.
    ///
    /// - Parameter server: the server's.
    package func limits(_ server: BatchLimits) -> BatchLimits {
        BatchLimits(
            maximumRows: maximumRows ?? server.maximumRows, maximumDelay: maximumDelay ?? server.maximumDelay,
            maximumRequests: maximumRequests ?? .max, maximumBytes: maximumBytes ?? .max)
    }
}
