import DenseEngine
import Testing

@Suite("Normal random numbers")
struct RandomNormalTests {
    /// Enough draws to pass through every layer, the rejections and the tail many times.
    @Test(
        "three hundred thousand normals are numpy's, the tail's too",
        arguments: [
            (0, 0.1257302210933933, -0.1321048632913019, 4.731957688635529, 0x39e99592d9248289),
            (1, 0.345584192064786, 0.8216181435011584, 4.406353522522504, 0xd6928253aa223144),
            (42, 0.30471707975443135, -1.0399841062404955, 5.0072352319089966, 0xe94250d0a0f8b06b),
            (4294967295, -0.027271763074256376, 0.2153539268318988, 4.81516192519396, 0x7c41ed7e9bfc0bee),
        ] as [(UInt32, Double, Double, Double, UInt64)])
    func normals(seed: UInt32, first: Double, second: Double, largest: Double, hash: UInt64) {
        var generator = PCG64(entropy: [seed, 0])
        var copy = generator
        #expect(copy.nextNormal() == first)
        #expect(copy.nextNormal() == second)
        var all = BitPatternHash()
        var magnitude = 0.0
        for _ in 0..<300_000 {
            let value = generator.nextNormal()
            magnitude = max(magnitude, value.magnitude)
            all.combine(value.bitPattern)
        }
        #expect(magnitude == largest)
        #expect(all.value == hash)
    }
}
