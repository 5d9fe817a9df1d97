import Testing
import dense_fuzz

@Suite("Fuzzing, in short")
struct HTTPFuzzTests {
    @Test("the request parser reads mutated streams alike, however they are cut")
    func http() throws {
        let outcomes = try HTTPFuzz.target.run(count: 20_000, seed: 20_260_103)
        #expect(outcomes["ok", default: 0] > 500)
        #expect(outcomes.count > 20)
    }

    @Test("HTTP/2 sessions survive mutated streams, send whole frames and let every request go")
    func http2() throws {
        let outcomes = try HTTP2Fuzz.target.run(count: 5_000, seed: 20_260_103)
        #expect(outcomes["ok", default: 0] > 100)
        #expect(outcomes.count > 6)
    }
}
