import DenseEngine
import Testing

@Suite("Seed sequences")
struct RandomSeedSequenceTests {
    @Test(
        "the state is numpy's",
        arguments: [
            (0, [0xdb2cd7e7b0f478be, 0xabf4641a2c71ba49, 0x20c6ed6d9d7b8d41, 0x2c4099de223c39d4]),
            (1, [0x672d8ee56d6791ff, 0x8ae19ca14eb1072c, 0x4915796d1322fc4a, 0xd0cc2bdcaba049bd]),
            (42, [0x9f1e2e6dcd540ab7, 0xd57873dc79fb94b6, 0x7d282a1b64d420b7, 0x336579714692d5ff]),
            (4294967295, [0x2a05c5e276c1fe08, 0x2032e40fc20e8198, 0xed4ac06d787f4396, 0x56896cb4f3db80fd]),
        ] as [(UInt32, [UInt64])])
    func state(seed: UInt32, expected: [UInt64]) {
        #expect(SeedSequence([seed, 0]).state(count: 4) == expected)
    }

    @Test("a longer state begins with the shorter one")
    func longerState() {
        let sequence = SeedSequence([3, 0])
        #expect(Array(sequence.state(count: 9).prefix(4)) == sequence.state(count: 4))
    }
}
