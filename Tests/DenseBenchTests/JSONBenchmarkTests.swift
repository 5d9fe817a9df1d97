import DenseEngine
import TensorCoding
import Testing
import dense_bench

@Suite("The benchmark of JSON")
struct JSONBenchmarkTests {
    @Test("a short run has positive, finite figures in every style", arguments: NumberStyle.allCases)
    func figures(style: NumberStyle) throws {
        let results = try JSONBenchmark(numbers: 1_000, seconds: 0.001).run(style)
        #expect(results.map(\.direction) == [.decode, .decode, .encode, .encode])
        #expect(results.map(\.threads) == [1, 2, 1, 2])
        for result in results {
            #expect(result.numbers == 1_024)
            #expect(result.bytes > 2_048)
            for figure in [result.nanoseconds, result.bytesPerSecond, result.reference.best, result.copy.best] {
                #expect(figure > 0 && figure.isFinite)
            }
            #expect(JSONReport.cells(result).count == JSONReport.title.count)
        }
        let json = String(decoding: JSONReport.json(results), as: UTF8.self)
        guard case .array(let items) = try ConfigValue(json: json), case .object(let item) = items.last else {
            Issue.record("no array of objects: \(json)")
            return
        }
        #expect(items.count == 4)
        #expect(item["style"] == .string(style.rawValue))
        #expect(item["direction"] == .string("encode"))
        #expect(item["nanoseconds_per_number"] == .double(results[3].nanoseconds))
    }

    @Test("a dense sample of all floats is written as the standard library has it")
    func sample() {
        let result = FloatTextCheck(stride: 4_099, threads: 2).run()
        #expect(result.wrong.isEmpty, "\(result.wrong)")
        #expect(result.checked > 1_000_000)
    }

    @Test(
        "a text that is wrong is found",
        arguments: [
            "[0.1,2.0,-3e-5]", "[0.1,2.5,-3e-05]", "[0.1,2.5,-3e-5", "[0.1,2.5,3e-5]", "[0.10,2.5,-3e-5]",
            "[.1,2.5,-3e-5]",
            "[0.1,2.5,-3e-5]]", "[0.1 ,2.5,-3e-5]", "[0.10000001,2.5,-3e-5]", "", "[0.1,2.5,-3e-5],",
        ])
    func wrong(text: String) {
        let values: [Float] = [0.1, 2.5, -3e-5]
        #expect(FloatTextCheck.faults(values, Array("[0.1,2.5,-3e-5]".utf8)).isEmpty)
        #expect(!FloatTextCheck.faults(values, Array(text.utf8)).isEmpty)
    }
}
