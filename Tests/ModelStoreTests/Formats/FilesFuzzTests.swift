import ModelStore
import Testing
import dense_fuzz

@Suite("Fuzzing of model files, in short")
struct FilesFuzzTests {
    @Test("the readers hold against mutated files of every kind")
    func files() throws {
        let more = GoldenFiles.cases.filter { $0.bytes.count <= 24 << 10 && $0.options.activations == nil }
        #expect(more.count > 15)
        let target = FilesFuzz.target(more.map { ($0.bytes, $0.options.configuration) })
        let outcomes = try target.run(count: 1_500, seed: 20_261_122)
        #expect(outcomes["ok", default: 0] > 30)
        #expect(outcomes.count > 25)
    }

    @Test("the readers of adapters hold against mutated bodies and files, and what they read computes")
    func adapters() throws {
        let outcomes = try AdapterFuzz.target.run(count: 2_000, seed: 20_261_129)
        #expect(outcomes["ok", default: 0] > 20)
        #expect(outcomes.count > 12)
    }
}
