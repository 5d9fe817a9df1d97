/// How long requests took, counted in buckets: below 256 ns one for each nanosecond, then 128 for each doubling.
///
/// What is read from it is a bucket's middle, so within 1/256 (0.4 %) of an exact percentile; the least, the greatest and
/// the mean are exact. The memory is the same for ten requests as for a billion. Durations from 73 minutes on are counted
/// in the last bucket.
package struct LatencyHistogram: Sendable {
    /// The binary digits of a duration that tell buckets apart, behind the first.
    private static let digits = 7
    private static let largest = 1 << 42 - 1
    private static let bucketCount = index(of: largest) + 1

    private var buckets = [Int](repeating: 0, count: Self.bucketCount)
    /// The number of durations recorded.
    package private(set) var count = 0
    private var sum = 0.0
    private var least = Int.max
    private var greatest = 0

    /// An empty one.
    package init() {}

    /// Adds a duration in nanoseconds; a negative one counts as zero.
    package mutating func record(_ nanoseconds: Int) {
        let value = max(nanoseconds, 0)
        buckets[Self.index(of: min(value, Self.largest))] += 1
        count += 1
        sum += Double(value)
        least = min(least, value)
        greatest = max(greatest, value)
    }

    /// Adds all that another one has counted.
    package mutating func merge(_ other: LatencyHistogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        sum += other.sum
        least = min(least, other.least)
        greatest = max(greatest, other.greatest)
    }

    /// The greatest duration recorded, in nanoseconds; 0 when there is none.
    package var maximum: Int { greatest }

    /// The mean duration in nanoseconds; 0 when there is none.
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The duration in nanoseconds that `percent` of the durations do not exceed (nearest rank); 0 when there is none.
    package func percentile(_ percent: Double) -> Int {
        guard count > 0 else { return 0 }
        let rank = min(max(Int((percent / 100 * Double(count)).rounded(.up)), 1), count)
        // The ends are known exactly.
        if rank == 1 { return least }
        if rank == count { return greatest }
        var below = 0
        for (index, bucket) in buckets.enumerated() {
            below += bucket
            if below >= rank { return min(max(Self.middle(of: index), least), greatest) }
        }
        return greatest
    }

    /// Values with the same leading digits share a bucket: `shift` counts the digits that are left out.
    private static func index(of value: Int) -> Int {
        let shift = max(Int.bitWidth - 1 - value.leadingZeroBitCount - digits, 0)
        return shift << digits + value >> shift
    }

    private static func middle(of index: Int) -> Int {
        let shift = max(index >> digits - 1, 0)
        let start = (index - shift << digits) << shift
        return start + (1 << shift) / 2
    }
}
