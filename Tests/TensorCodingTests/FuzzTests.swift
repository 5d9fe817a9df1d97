import Testing
import dense_fuzz

@Suite("Fuzzing, in short")
struct FuzzTests {
    @Test("the JSON reader and writer hold against mutated documents")
    func json() throws {
        let outcomes = try JSONFuzz.target.run(count: 20_000, seed: 20_260_101)
        #expect(outcomes["ok", default: 0] > 1_000)
        #expect(outcomes.count > 10)
    }

    @Test("the NumPy reader and writer hold against mutated files")
    func numPy() throws {
        let outcomes = try NumPyFuzz.target.run(count: 20_000, seed: 20_260_102)
        #expect(outcomes["ok", default: 0] > 1_000)
        #expect(outcomes.count > 6)
    }
}
