import DenseEngine
import Locks
import Testing

@Suite("The cut of a product")
struct MatmulPartitionTests {
    @Test(
        "pieces cover the output exactly once and begin at panels",
        arguments: [(1, 1, 1), (1, 5, 1), (1, 4096, 32), (31, 1000, 32), (300, 100, 32), (1000, 7, 1), (500, 513, 16)],
        [1, 2, 3, 8])
    func cover(size: (rows: Int, units: Int, granularity: Int), threads: Int) {
        let partition = MatmulPartition(
            rows: size.rows, units: size.units, unitGranularity: size.granularity, threads: threads)
        var counts = [Int](repeating: 0, count: size.rows * size.units)
        for piece in (0..<partition.count).map({ partition[$0] }) {
            #expect(!piece.rows.isEmpty && !piece.units.isEmpty)
            #expect(piece.units.lowerBound % size.granularity == 0)
            for row in piece.rows { for unit in piece.units { counts[row * size.units + unit] += 1 } }
        }
        #expect(counts.allSatisfy { $0 == 1 })
    }

    @Test("every thread has a piece when there is enough to share", arguments: [2, 3, 8])
    func share(threads: Int) {
        let fewRows = MatmulPartition(rows: 1, units: 4096, unitGranularity: 32, threads: threads)
        #expect(fewRows.count % threads == 0 && fewRows.count >= threads)
        let narrow = MatmulPartition(rows: 100, units: threads * 32, unitGranularity: 32, threads: threads)
        #expect(narrow.count == threads)
        let manyRows = MatmulPartition(rows: 4096, units: 64, unitGranularity: 32, threads: threads)
        #expect(manyRows.count >= threads)
    }

    @Test("threads have equal shares of rows", arguments: [2, 3, 8], [(512, 768), (1000, 64), (4096, 3000)])
    func balance(threads: Int, size: (rows: Int, units: Int)) {
        let (rows, units) = size
        let partition = MatmulPartition(rows: rows, units: units, unitGranularity: 32, threads: threads)
        let sizes = (0..<partition.count).map { partition[$0].rows.count * partition[$0].units.count }
        #expect(partition.count % threads == 0)
        #expect((sizes.max() ?? 0) <= (sizes.min() ?? 0) + max(units, 32 * rows))
    }

    @Test("an empty output has no pieces")
    func empty() {
        #expect(MatmulPartition(rows: 0, units: 4, unitGranularity: 1, threads: 2).count == 0)
        #expect(MatmulPartition(rows: 4, units: 0, unitGranularity: 16, threads: 2).count == 0)
    }

    @Test("small products stay on one thread, whatever their sizes claim")
    func usefulThreads() {
        #expect(MatmulRun.usefulThreads(rows: 32, inputDimension: 784, units: 128) == 1)
        #expect(MatmulRun.usefulThreads(rows: 1024, inputDimension: 1024, units: 1024) == ComputeThreads.cores)
        #expect(MatmulRun.usefulThreads(rows: 1, inputDimension: 4096, units: 4096) == ComputeThreads.cores)
        #expect(MatmulRun.usefulThreads(rows: .max, inputDimension: .max, units: .max) == ComputeThreads.cores)
        #expect(MatmulRun.usefulThreads(rows: 0, inputDimension: 0, units: 0) == 1)
    }
}
