package import DenseEngine

/// What is counted of the batches that workers computed, and of what the queue dropped.
package final class BatchMetrics: Sendable {
    /// Upper bounds of the buckets of both histograms; the last one has none.
    private static let bounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    /// The buckets, the one without a bound, and the sum.
    private static let width = bounds.count + 2

    private static let rows = 0
    private static let requests = width
    private static let dropped = 2 * width

    private let counters = ShardedCounters(count: dropped + DropReason.allCases.count)

    /// Counts a batch, once for all its requests.
    func count(_ facts: BatchFacts) {
        add(facts.rows, to: Self.rows)
        add(facts.requests, to: Self.requests)
    }

    /// Counts a request that was dropped.
    func count(_ reason: DropReason) { counters.add(1, at: Self.dropped + Self.index(of: reason)) }

    /// Batches computed, and the requests in them.
    package var computed: (batches: Int, requests: Int) {
        let buckets = (0...Self.bounds.count).reduce(0) { $0 + counters.sum(at: Self.requests + $1) }
        return (buckets, counters.sum(at: Self.requests + Self.width - 1))
    }

    /// Requests dropped for one reason.
    package func dropped(_ reason: DropReason) -> Int { counters.sum(at: Self.dropped + Self.index(of: reason)) }

    func write(to text: inout PrometheusText) {
        text.family("dense_batch_rows", .histogram, "Rows of the matmuls that workers computed for registered models.")
        write("dense_batch_rows", first: Self.rows, to: &text)
        text.family("dense_batch_requests", .histogram, "Requests that shared such a matmul.")
        write("dense_batch_requests", first: Self.requests, to: &text)
        text.family(
            "dense_queue_dropped_total", .counter,
            "Requests dropped before they were computed, because their deadline had passed or their client had gone.")
        for reason in DropReason.allCases {
            text.sample("dense_queue_dropped_total", [("reason", Self.label(of: reason))], String(dropped(reason)))
        }
    }

    private func add(_ value: Int, to first: Int) {
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        counters.add(1, at: first + bucket)
        counters.add(value, at: first + Self.width - 1)
    }

    private func write(_ name: String, first: Int, to text: inout PrometheusText) {
        var total = 0
        for (index, bound) in Self.bounds.enumerated() {
            total += counters.sum(at: first + index)
            text.sample(name + "_bucket", [("le", String(bound))], String(total))
        }
        total += counters.sum(at: first + Self.bounds.count)
        text.sample(name + "_bucket", [("le", "+Inf")], String(total))
        text.sample(name + "_sum", [], String(counters.sum(at: first + Self.width - 1)))
        text.sample(name + "_count", [], String(total))
    }

    private static func index(of reason: DropReason) -> Int {
        switch reason {
        case .deadlinePassed: 0
        case .cancelled: 1
        }
    }

    private static func label(of reason: DropReason) -> String {
        switch reason {
        case .deadlinePassed: "deadline_passed"
        case .cancelled: "client_gone"
        }
    }
}
