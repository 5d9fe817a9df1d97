/// The connections that can take a request, longest waiting first, so that a low rate goes over all of them.
struct ReadyList {
    private var ring: [Int32]
    private var first = 0
    private(set) var count = 0

    init(capacity: Int) { ring = Array(repeating: 0, count: max(capacity, 1)) }

    /// Adds a connection that is not in the list.
    mutating func append(_ index: Int) {
        ring[(first + count) % ring.count] = Int32(truncatingIfNeeded: index)
        count += 1
    }

    mutating func removeFirst() -> Int? {
        guard count > 0 else { return nil }
        defer {
            first = (first + 1) % ring.count
            count -= 1
        }
        return Int(ring[first])
    }
}
