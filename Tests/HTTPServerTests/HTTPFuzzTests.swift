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

    @Test("connections give each request of mutated streams one answer, in order, whatever comes between")
    func connections() throws {
        let outcomes = try ConnectionFuzz.target.run(count: 500, seed: 20_260_103)
        #expect(outcomes["ok", default: 0] > 5)
        #expect(outcomes.count > 6)
    }

    @Test("mutated heads and chunks mean what a plain reading of the grammar says", arguments: HTTPPartsFuzz.targets)
    func parts(_ target: FuzzTarget) throws {
        let outcomes = try target.run(count: 3_000, seed: 20_260_103)
        for outcome in ["ok", "refused", "partial"] { #expect(outcomes[outcome, default: 0] > 50, "\(outcome)") }
    }

    @Test(
        "TLS sessions survive mutated flights, answer what came unchanged and nothing else, and end with their clients")
    func tls() throws {
        let outcomes = try TLSFuzz.target().run(count: 300, seed: 20_260_103)
        #expect(outcomes["ok", default: 0] > 20)
        #expect(outcomes.count > 3)
    }

    @Test("HTTP/2 sessions survive mutated streams, send whole frames and let every request go")
    func http2() throws {
        let outcomes = try HTTP2Fuzz.target.run(count: 5_000, seed: 20_260_103)
        #expect(outcomes["ok", default: 0] > 100)
        #expect(outcomes.count > 6)
    }
}
