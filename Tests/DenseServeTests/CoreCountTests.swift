import Testing
import dense_serve

@Suite("CoreCount")
struct CoreCountTests {
    @Test(
        "a quota is whole cores, rounded up",
        arguments: [
            ("max 100000\n", nil), ("100000 100000\n", 1), ("150000 100000\n", 2), ("50000 100000\n", 1),
            ("800000 100000", 8), ("", nil), ("100000", nil), ("0 0", nil), ("-1 100000", nil),
            ("9223372036854775807 1", 9_223_372_036_854_775_807),
        ] as [(String, Int?)])
    func quota(text: String, cores: Int?) {
        #expect(CoreCount.quota(text) == cores)
    }

    @Test("there is at least one core")
    func available() {
        #expect(CoreCount.available >= 1)
    }
}
