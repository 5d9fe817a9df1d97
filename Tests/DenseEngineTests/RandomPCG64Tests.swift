import DenseEngine
import Testing

@Suite("PCG64")
struct RandomPCG64Tests {
    @Test(
        "a hundred thousand words are numpy's",
        arguments: [
            (0, 0xa30febcfd9c2825f, 0x4510bdf882d9d721, 0x29ba3c133335f317),
            (1, 0x8306bdf37922e4ff, 0xf35196bbc152a866, 0x962f4d081915b8e4),
            (42, 0xc621fbcd16d92688, 0x705a5661a791ffc1, 0x8f45936eda2c9695),
            (4294967295, 0x407f5fa930d8fd9f, 0x3814b22eb9684802, 0xc2cb388e612b94e7),
        ] as [(UInt32, UInt64, UInt64, UInt64)])
    func words(seed: UInt32, first: UInt64, second: UInt64, hash: UInt64) {
        var generator = PCG64(entropy: [seed, 0])
        var copy = generator
        #expect(copy.next() == first)
        #expect(copy.next() == second)
        var all = BitPatternHash()
        for _ in 0..<100_000 { all.combine(generator.next()) }
        #expect(all.value == hash)
    }

    @Test(
        "a hundred thousand uniform doubles are numpy's",
        arguments: [
            (0, 0.6369616873214543, 0x150f27fc6ee8c1ed),
            (42, 0.7739560485559633, 0x861f8d0c5f86e35f),
        ] as [(UInt32, Double, UInt64)])
    func uniform(seed: UInt32, first: Double, hash: UInt64) {
        var generator = PCG64(entropy: [seed, 0])
        var copy = generator
        #expect(copy.nextUniform() == first)
        var all = BitPatternHash()
        for _ in 0..<100_000 { all.combine(generator.nextUniform().bitPattern) }
        #expect(all.value == hash)
    }
}
