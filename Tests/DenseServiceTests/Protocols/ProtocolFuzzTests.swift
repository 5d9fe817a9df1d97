import Testing
import dense_fuzz

@Suite("Fuzzing of the protocols' decoders")
struct ProtocolFuzzTests {
    @Test("mutated requests are answered in the protocol's form", arguments: [ProtocolFuzz.v1, ProtocolFuzz.v2])
    func mutated(target: FuzzTarget) throws {
        let outcomes = try target.run(count: 2_000, seed: 1)
        #expect(outcomes["ok", default: 0] > 5)
        #expect(outcomes.count > 10)
    }
}
