import Testing
import dense_bench

@Suite("The benchmark of precisions")
struct PrecisionBenchmarkTests {
    @Test("every precision has figures", arguments: [1, 5])
    func figures(rows: Int) throws {
        let results = try PrecisionBenchmark(size: 96, threads: 1, budget: 0.001).run(rows: rows)
        #expect(results.first?.name == "float32" && results.count == 8)
        for result in results {
            #expect(result.time.best > 0 && result.time.best <= result.time.median && result.speed > 0)
            #expect(result.bytes > 0)
        }
    }

    @Test("answers are near those of float32, and not the same")
    func distances() throws {
        let distances = try PrecisionBenchmark(size: 96, threads: 1, budget: 0.001).distances()
        #expect(distances.count == 14)
        for distance in distances {
            #expect(distance.mean > 0 && distance.mean < 0.2 && distance.largest < 2, "\(distance)")
            #expect(distance.mean < distance.largest)
        }
    }
}
