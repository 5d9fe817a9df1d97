/// How a server is driven, always for a bounded time.
package struct LoadPlan: Hashable, Sendable {
    /// How many connections there are, over all threads.
    package var connections: Int
    package var threads = 1
    /// Requests in flight on one connection.
    package var pipeline = 1
    /// Requests a second that are due, whatever the server does (open loop); `nil` sends the next request when an answer
    /// has come (closed loop).
    package var rate: Double?
    /// Seconds before anything counts.
    package var warmup = 1.0
    /// Seconds that count.
    package var seconds = 5.0
    /// Answers that count at most; `nil` leaves the bound to the time.
    package var requests: Int?
    /// Seconds an answer may take.
    package var timeout = 30.0

    /// A plan with the usual bounds.
    package init(connections: Int) { self.connections = connections }

    /// The share of `total` that a thread has.
    func share(of total: Int, thread index: Int) -> Int { total / threads + (index < total % threads ? 1 : 0) }
}
