internal import Glibc
internal import Synchronization

/// A row of counters that many threads add to without meeting: every thread adds to one of several copies, and a reader
/// sums them. A reader sees every finished addition, and may miss those of this very moment.
///
/// `@unchecked Sendable`: the cells are atomic, and the pointer to them never changes.
@safe final class ShardedCounters: @unchecked Sendable {
    /// A power of two, several times the threads of a usual machine.
    private static let shardCount = 16

    /// Counters of one cache line: rows of different shards never share one.
    private static let cacheLine = 64 / MemoryLayout<Int>.size

    private let cells: UnsafeMutablePointer<Atomic<Int>>
    private let stride: Int

    init(count: Int) {
        stride = (count + Self.cacheLine - 1) / Self.cacheLine * Self.cacheLine + Self.cacheLine
        unsafe cells = .allocate(capacity: stride * Self.shardCount)
        for index in 0..<stride * Self.shardCount { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe cells.deinitialize(count: stride * Self.shardCount)
        unsafe cells.deallocate()
    }

    /// - Parameter index: less than the `count` given at creation.
    func add(_ amount: Int, at index: Int) {
        precondition(index >= 0 && index < stride)
        unsafe cells[Self.shard * stride + index].wrappingAdd(amount, ordering: .relaxed)
    }

    func sum(at index: Int) -> Int {
        precondition(index >= 0 && index < stride)
        var sum = 0
        for shard in 0..<Self.shardCount {
            sum &+= unsafe cells[shard * stride + index].load(ordering: .relaxed)
        }
        return sum
    }

    /// The calling thread's shard: its handle, an address, spread by a multiplicative hash.
    private static var shard: Int {
        let handle = UInt64(pthread_self())
        return Int((handle &* 0x9E37_79B9_7F4A_7C15) >> 60)
    }
}
