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
}
