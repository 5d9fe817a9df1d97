import DenseEngine
import Testing

@Suite("The scalar reference")
struct ScalarReferenceTests {
    @Test("small integers are exact", arguments: [1, 15, 16, 20])
    func integers(units: Int) throws {
        let input = try Tensor([2, 3], [1, 2, 3, 4, 5, 6])
        let kernel = try Tensor([3, units], (0..<3 * units).map { Float($0 % 5) })
        let bias = try Tensor([units], (0..<units).map { Float($0) })
        var expected: [Float] = []
        for row in 0..<2 {
            for unit in 0..<units {
                let sum = (0..<3).reduce(0) { $0 + (row * 3 + $1 + 1) * (($1 * units + unit) % 5) }
                expected.append(Float(sum + unit))
            }
        }
        #expect(ScalarReference.dense(input: input, kernel: kernel, bias: bias) == expected)
    }

    @Test("a wide layer's chain is fused: one rounding a step")
    func fused() throws {
        let x = 1 + Float.ulpOfOne
        // x * x - 1 - 2 ulp is ulp^2, which a product rounded first would lose.
        let input = try Tensor([1, 2], [1, x])
        let kernel = try Tensor(
            [2, 16], Array(repeating: -(1 + 2 * .ulpOfOne), count: 16) + Array(repeating: x, count: 16))
        let output = ScalarReference.dense(input: input, kernel: kernel, bias: nil)
        #expect(output == Array(repeating: Float.ulpOfOne * Float.ulpOfOne, count: 16))
    }

    @Test("blocks of 256 are summed apart from each other")
    func blocks() throws {
        // 2^24 absorbs ones added to it; in a block of their own they survive.
        let features: [Float] = [16_777_216] + Array(repeating: 1, count: 511)
        let input = try Tensor([1, 512], features)
        let kernel = try Tensor([512, 16], Array(repeating: 1, count: 512 * 16))
        #expect(ScalarReference.dense(input: input, kernel: kernel, bias: nil)[0] == 16_777_472)
    }

    @Test("a narrow layer has a chain for each feature index modulo 16")
    func interleaved() throws {
        // Only the chain of the large number absorbs ones: the other 15 chains hold 15 ones each.
        let features: [Float] = [16_777_216] + Array(repeating: 1, count: 255)
        let input = try Tensor([1, 256], features)
        let kernel = try Tensor([256, 1], Array(repeating: 1, count: 256))
        #expect(ScalarReference.dense(input: input, kernel: kernel, bias: nil) == [16_777_216 + 15 * 16])
    }

    @Test("without features only the bias remains")
    func noFeatures() throws {
        let input = try Tensor([2, 0], [])
        let kernel = try Tensor([0, 3], [])
        #expect(ScalarReference.dense(input: input, kernel: kernel, bias: nil) == [0, 0, 0, 0, 0, 0])
        let bias = try Tensor([3], [1, 2, 3])
        #expect(ScalarReference.dense(input: input, kernel: kernel, bias: bias) == [1, 2, 3, 1, 2, 3])
    }
}
