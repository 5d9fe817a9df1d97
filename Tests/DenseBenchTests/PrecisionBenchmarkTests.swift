import Testing
import dense_bench

@Suite("The benchmark of precisions")
struct PrecisionBenchmarkTests {
    @Test("every precision has figures, and answers near those of float32", arguments: [1, 5])
    func figures(rows: Int) throws {
        let results = try PrecisionBenchmark(size: 96, threads: 1, budget: 0.001).run(rows: rows)
        #expect(results.first?.name == "float32" && results.count >= 3)
        for result in results {
            #expect(result.time.best > 0 && result.time.best <= result.time.median && result.speed > 0)
            let isExact = result.name == "float32"
            #expect(isExact == (result.distance.typical == 0), "\(result.name)")
            #expect(result.distance.typical < 0.2 && result.distance.largest < 1, "\(result.name)")
            #expect(result.bytes > 0)
        }
    }
}
