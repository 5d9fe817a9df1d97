import DenseEngine
import TensorCoding
import Testing
import dense_bench

@Suite("The comparison of servers")
struct LoadComparisonTests {
    @Test("rows stand load by load, with ratios to the first server and the times of starting")
    func rows() throws {
        var comparison = LoadComparison()
        #expect(comparison.add(try load("mine", "A json", 2000, errors: 0)))
        #expect(comparison.add(try load("mine", "B json", 300, errors: 0)))
        #expect(comparison.add(try load("theirs", "A json", 500, errors: 7)))
        var start = StartMeasurement.Result()
        start.seconds = [0.011, 0.012, 0.5]
        start.idleBytes = 15_500_000
        #expect(comparison.add(try ConfigValue(json: start.json(server: "theirs"))))
        let lines = comparison.text.split(separator: "\n").dropFirst().map { line in
            line.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines == [
                "A json mine 2000 1.00 1.500 20.0 10.0 12.0 - - 0",
                "A json theirs 500.0 4.00 1.500 20.0 10.0 12.0 15.5 12.0 7",
                "B json mine 300.0 1.00 1.500 20.0 10.0 12.0 - - 0",
            ])
    }

    @Test("what a load wrote can be read, and what is no report cannot")
    func reports() throws {
        var tally = LoadTally()
        tally.answers = 10
        tally.statuses = [500: 2]
        let result = LoadResult(
            name: "A json", plan: LoadPlan(connections: 1), tally: tally, seconds: 2, processes: [],
            before: ProcessUsage(of: []), after: ProcessUsage(of: []), ownProcessorSeconds: 1)
        let report = LoadReport(server: "mine", url: "http://localhost", results: [result])
        var comparison = LoadComparison()
        #expect(comparison.add(try ConfigValue(json: report.json)))
        #expect(comparison.text.split(separator: "\n").last?.hasSuffix(" 2") == true)
        for other in ["[]", "{}", #"{"server":"x"}"#, #"{"server":"x","results":[{}]}"#, #"{"server":1,"start":{}}"#] {
            #expect(!comparison.add(try ConfigValue(json: other)), "\(other)")
        }
    }

    private func load(_ server: String, _ name: String, _ rate: Double, errors: Int) throws -> ConfigValue {
        try ConfigValue(
            json: """
                {"server": "\(server)", "results": [{"load": "\(name)", "answers": 100, "answers_per_second": \(rate),
                "latency": {"p50": 0.0015, "p99": 0.02}, "server_processor_seconds": 0.001,
                "server_resident_bytes": 12000000,
                "errors": {"statuses": {"503": \(errors)}, "connect": 0, "read": 0, "timeout": 0, "wrong": 0}}]}
                """)
    }
}
