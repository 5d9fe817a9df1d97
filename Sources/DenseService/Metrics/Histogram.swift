/// Durations counted by size, for Prometheus: a fixed range of counters in a `ShardedCounters`.
struct Histogram: Sendable {
    /// Upper bounds of the buckets, in nanoseconds: 1, 2.5 and 5 of each power of ten from a microsecond to a minute's
    /// order. The last bucket has no bound.
    static let bounds: [Int] = {
        let decades = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000]
        return decades.flatMap { [$0, $0 * 5 / 2, $0 * 5] }
    }()

    /// How many counters one histogram takes: the buckets, the one without a bound, and the sum.
    static let width = bounds.count + 2

    private let counters: ShardedCounters
    private let first: Int

    /// - Parameter first: the index of the first of its `width` counters.
    init(_ counters: ShardedCounters, first: Int) {
        self.counters = counters
        self.first = first
    }

    func record(nanoseconds: Int) { record(nanoseconds: nanoseconds, in: counters.row) }

    /// Adds to a row of its counters that the caller has at hand.
    func record(nanoseconds: Int, in row: ShardedCounters.Row) {
        row.add(1, at: first + Self.bucket(of: nanoseconds))
        row.add(max(nanoseconds, 0), at: first + Self.width - 1)
    }

    /// The index of the first bound that is not below `nanoseconds`, found by halving.
    private static func bucket(of nanoseconds: Int) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < nanoseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The samples of one histogram: cumulative buckets, sum and count.
    func write(_ name: String, labels: [(String, String)], to text: inout PrometheusText) {
        var total = 0
        for (index, bound) in Self.bounds.enumerated() {
            total += counters.sum(at: first + index)
            text.sample(name + "_bucket", labels + [("le", PrometheusText.seconds(bound))], String(total))
        }
        total += counters.sum(at: first + Self.bounds.count)
        text.sample(name + "_bucket", labels + [("le", "+Inf")], String(total))
        text.sample(name + "_sum", labels, PrometheusText.seconds(counters.sum(at: first + Self.width - 1)))
        text.sample(name + "_count", labels, String(total))
    }
}
