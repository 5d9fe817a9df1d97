internal import Locks
internal import Synchronization

/// What is counted of the requests to one version of a model, for protocols whose clients ask for it. Threads add to copies
/// of their own, so that adding is a few relaxed additions; reading sums the copies.
///
/// `@unchecked Sendable`: the cells are atomic, and the pointer to them never changes.
@safe package final class ModelStatistics: @unchecked Sendable {
    /// One answered request.
    package struct Success: Sendable {
        /// Its own rows: all positions of its tensor but its last axis.
        package var rows: Int
        /// Those of the batch that it was computed in.
        package var batchRows: Int
        /// Whether it is the one that counts the batch.
        package var countsBatch: Bool
        /// Nanoseconds from its arrival to its answer, and of its parts.
        package var total, queue, decode, compute, encode: Int
        /// When it was answered, in nanoseconds of the monotonic clock.
        package var ended: Int

        package init(
            rows: Int, batchRows: Int, countsBatch: Bool, total: Int, queue: Int, decode: Int, compute: Int,
            encode: Int, ended: Int
        ) {
            self.rows = rows
            self.batchRows = batchRows
            self.countsBatch = countsBatch
            self.total = total
            self.queue = queue
            self.decode = decode
            self.compute = compute
            self.encode = encode
            self.ended = ended
        }
    }

    /// How often, and how long in nanoseconds altogether.
    package struct Duration: Hashable, Sendable {
        package var count = 0
        package var nanoseconds = 0

        package init(count: Int = 0, nanoseconds: Int = 0) {
            self.count = count
            self.nanoseconds = nanoseconds
        }
    }

    /// What was computed in batches of one size.
    package struct Batch: Hashable, Sendable {
        package var rows: Int
        package var decode: Duration
        package var compute: Duration
        package var encode: Duration

        package init(
            rows: Int, decode: Duration = Duration(), compute: Duration = Duration(), encode: Duration = Duration()
        ) {
            self.rows = rows
            self.decode = decode
            self.compute = compute
            self.encode = encode
        }
    }

    /// All that was counted.
    package struct Totals: Sendable {
        package internal(set) var success = Duration()
        package internal(set) var failure = Duration()
        package internal(set) var queue = Duration()
        package internal(set) var decode = Duration()
        package internal(set) var compute = Duration()
        package internal(set) var encode = Duration()
        /// Rows computed.
        package internal(set) var rows = 0
        /// Batches computed.
        package internal(set) var executions = 0
        /// When a request was answered last, in nanoseconds of the monotonic clock; 0 for never.
        package internal(set) var lastEnded = 0
        /// By ascending size.
        package internal(set) var batches: [Batch] = []
    }

    private enum Cell: Int, CaseIterable {
        case succeeded, total, failed, failedTime, queue, decode, compute, encode, rows, executions, lastEnded
    }

    private static let shardCount = 4
    /// Batches of up to so many rows are counted in the cells, others under a lock.
    private static let smallBatch = 8
    /// Of larger batches, so many different sizes are told apart; further ones are not listed.
    private static let maximumSizes = 256
    private static let firstBatchCell = 16
    /// Two cache lines for the totals, half of one for each small size.
    private static let stride = firstBatchCell + 4 * smallBatch

    private let cells: UnsafeMutablePointer<Atomic<Int>>
    private let large = Lock<[Int: Batch]>([:])

    /// Nothing counted yet.
    package init() {
        let count = Self.stride * Self.shardCount
        unsafe cells = .allocate(capacity: count)
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe cells.deallocate() }

    // MARK: Counting

    private func add(_ amount: Int, _ index: Int) {
        let shard = ThreadNumber.current % Self.shardCount * Self.stride
        _ = unsafe cells[shard + index].wrappingAdd(amount, ordering: .relaxed)
    }

    /// Counts an answered request.
    package func record(_ success: Success) {
        add(1, Cell.succeeded.rawValue)
        add(success.total, Cell.total.rawValue)
        add(success.queue, Cell.queue.rawValue)
        add(success.decode, Cell.decode.rawValue)
        add(success.compute, Cell.compute.rawValue)
        add(success.encode, Cell.encode.rawValue)
        add(success.rows, Cell.rows.rawValue)
        let shard = ThreadNumber.current % Self.shardCount * Self.stride
        unsafe cells[shard + Cell.lastEnded.rawValue].store(success.ended, ordering: .relaxed)
        if success.countsBatch { add(1, Cell.executions.rawValue) }
        guard (1...Self.smallBatch).contains(success.batchRows) else { return recordLarge(success) }
        let first = Self.firstBatchCell + 4 * (success.batchRows - 1)
        if success.countsBatch {
            add(1, first)
            add(success.compute, first + 1)
        }
        add(success.decode, first + 2)
        add(success.encode, first + 3)
    }

    private func recordLarge(_ success: Success) {
        large.withLock { sizes in
            var batch = sizes[success.batchRows] ?? Batch(rows: success.batchRows)
            guard sizes[success.batchRows] != nil || sizes.count < Self.maximumSizes else { return }
            if success.countsBatch {
                batch.compute.count &+= 1
                batch.compute.nanoseconds &+= success.compute
            }
            batch.decode.nanoseconds &+= success.decode
            batch.encode.nanoseconds &+= success.encode
            sizes[success.batchRows] = batch
        }
    }

    /// Counts a request that was answered with an error.
    ///
    /// - Parameter nanoseconds: from its arrival to its answer.
    package func recordFailure(nanoseconds: Int) {
        add(1, Cell.failed.rawValue)
        add(nanoseconds, Cell.failedTime.rawValue)
    }

    // MARK: Reading

    private func sum(_ index: Int) -> Int {
        (0..<Self.shardCount).reduce(0) { sum, shard in
            unsafe sum &+ cells[shard * Self.stride + index].load(ordering: .relaxed)
        }
    }

    private func duration(_ count: Int, _ time: Cell) -> Duration {
        Duration(count: count, nanoseconds: sum(time.rawValue))
    }

    /// What was counted until now.
    package var totals: Totals {
        var totals = Totals()
        let count = sum(Cell.succeeded.rawValue)
        totals.success = duration(count, .total)
        totals.failure = duration(sum(Cell.failed.rawValue), .failedTime)
        totals.queue = duration(count, .queue)
        totals.decode = duration(count, .decode)
        totals.compute = duration(count, .compute)
        totals.encode = duration(count, .encode)
        totals.rows = sum(Cell.rows.rawValue)
        totals.executions = sum(Cell.executions.rawValue)
        totals.lastEnded = (0..<Self.shardCount).reduce(0) { last, shard in
            unsafe max(last, cells[shard * Self.stride + Cell.lastEnded.rawValue].load(ordering: .relaxed))
        }
        for rows in 1...Self.smallBatch {
            let first = Self.firstBatchCell + 4 * (rows - 1)
            let count = sum(first)
            guard count > 0 else { continue }
            totals.batches.append(
                Batch(
                    rows: rows, decode: Duration(count: count, nanoseconds: sum(first + 2)),
                    compute: Duration(count: count, nanoseconds: sum(first + 1)),
                    encode: Duration(count: count, nanoseconds: sum(first + 3))))
        }
        for var batch in large.withLock({ $0 }).values.sorted(by: { $0.rows < $1.rows }) {
            batch.decode.count = batch.compute.count
            batch.encode.count = batch.compute.count
            totals.batches.append(batch)
        }
        return totals
    }
}
