import ModelStore
import Testing

@Suite("Statistics of a model")
struct ModelStatisticsTests {
    private func success(rows: Int, of batchRows: Int, counts: Bool) -> ModelStatistics.Success {
        ModelStatistics.Success(
            rows: rows, batchRows: batchRows, countsBatch: counts, total: 100, queue: 10, decode: 20, compute: 30,
            encode: 40, ended: 7)
    }

    @Test("requests, rows, batches and times are summed, whatever the size of the batch", arguments: [4, 8, 9, 5_000])
    func sums(batchRows: Int) {
        let statistics = ModelStatistics()
        statistics.record(success(rows: 1, of: batchRows, counts: true))
        statistics.record(success(rows: 3, of: batchRows, counts: false))
        statistics.recordFailure(nanoseconds: 5)
        let totals = statistics.totals
        #expect(totals.success == .init(count: 2, nanoseconds: 200))
        #expect(totals.failure == .init(count: 1, nanoseconds: 5))
        #expect(totals.queue == .init(count: 2, nanoseconds: 20))
        #expect(totals.decode == .init(count: 2, nanoseconds: 40))
        #expect(totals.compute == .init(count: 2, nanoseconds: 60))
        #expect(totals.encode == .init(count: 2, nanoseconds: 80))
        #expect(totals.rows == 4)
        #expect(totals.executions == 1)
        #expect(totals.lastEnded == 7)
        // A batch's computing is counted once, its requests' own parts for each of them.
        #expect(
            totals.batches == [
                .init(
                    rows: batchRows, decode: .init(count: 1, nanoseconds: 40),
                    compute: .init(count: 1, nanoseconds: 30), encode: .init(count: 1, nanoseconds: 80))
            ])
    }

    @Test("the sizes of batches that are told apart are bounded")
    func bounded() {
        let statistics = ModelStatistics()
        for rows in 1...1_000 { statistics.record(success(rows: rows, of: rows, counts: true)) }
        let totals = statistics.totals
        #expect(totals.executions == 1_000)
        #expect(totals.batches.count == 8 + 256)
        #expect(totals.batches.map(\.rows) == Array(1...264))
    }
}
