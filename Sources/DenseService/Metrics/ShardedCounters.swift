internal import Glibc
internal import Locks
internal import Synchronization

/// A row of counters that many threads add to without meeting: every thread adds to a copy of its own, and a reader sums
/// them. A reader sees every finished addition, and may miss those of this very moment.
///
/// `@unchecked Sendable`: the cells are atomic, and the pointer to them never changes.
@safe final class ShardedCounters: @unchecked Sendable {
    /// More copies than threads count at a time on most machines. Beyond them two threads share one, which is slower and
    /// as right. A copy nobody adds to takes no memory.
    private static let shardCount = 64

    /// Copies begin and end with a page, so that they share none.
    private static let page = 4096 / MemoryLayout<Int>.size

    private let cells: UnsafeMutablePointer<Atomic<Int>>
    private let stride: Int

    init(count: Int) {
        stride = (count + Self.page - 1) / Self.page * Self.page
        let bytes = stride * Self.shardCount * MemoryLayout<Int>.size
        // Fresh pages are zero, which is what an atomic 0 looks like, and are in memory only once they are written to.
        let pages = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start = unsafe pages, unsafe start != MAP_FAILED else {
            preconditionFailure("Out of memory. Expected \(bytes) bytes of address space for counters.")
        }
        unsafe cells = start.bindMemory(to: Atomic<Int>.self, capacity: stride * Self.shardCount)
    }

    deinit {
        unsafe munmap(cells, stride * Self.shardCount * MemoryLayout<Int>.size)
    }

    /// The calling thread's own copy.
    @safe struct Row {
        fileprivate let cells: UnsafeMutablePointer<Atomic<Int>>
        fileprivate let count: Int

        /// - Parameter index: less than the `count` given at creation.
        func add(_ amount: Int, at index: Int) {
            precondition(index >= 0 && index < count)
            unsafe cells[index].wrappingAdd(amount, ordering: .relaxed)
        }
    }

    /// For several additions at once; not to be kept, or handed to another thread.
    var row: Row {
        unsafe Row(cells: cells + ThreadNumber.current % Self.shardCount * stride, count: stride)
    }

    /// - Parameter index: less than the `count` given at creation.
    func add(_ amount: Int, at index: Int) { row.add(amount, at: index) }

    func sum(at index: Int) -> Int {
        precondition(index >= 0 && index < stride)
        var sum = 0
        for shard in 0..<Self.shardCount {
            sum &+= unsafe cells[shard * stride + index].load(ordering: .relaxed)
        }
        return sum
    }
}
