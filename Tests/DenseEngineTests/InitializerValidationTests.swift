import DenseEngine
import Testing

@Suite("Arguments of initializers")
struct InitializerValidationTests {
    @Test(
        "a seed that is no 32-bit word is refused in numpy's words",
        arguments: [-1, 1 << 32, Int.max, Int.min])
    func seed(seed: Int) throws {
        let expected = EngineError.invalidConfigValue(
            path: ["seed"], message: "Python integer \(seed) out of bounds for uint32")
        for initializer in [Initializer.heNormal(seed: seed), .orthogonal(gain: 1, seed: seed)] {
            #expect(throws: expected) { try initializer.validate() }
            #expect(throws: expected) { try initializer(shape: Shape([2, 2])) }
        }
    }

    @Test(
        "arguments that Keras or numpy refuses are refused in their words",
        arguments: [
            (.randomNormal(mean: 0, stddev: -0.1, seed: 1), "stddev", "scale < 0"),
            (.randomNormal(mean: 0, stddev: -0.0, seed: 1), "stddev", "scale < 0"),
            (.truncatedNormal(mean: 0, stddev: -2, seed: 1), "stddev", "scale < 0"),
            (.randomUniform(minimum: 1, maximum: 0, seed: 1), "maxval", "high - low < 0"),
            (
                .randomUniform(minimum: -1e308, maximum: 1e308, seed: 1), "maxval",
                "high - low range exceeds valid bounds"
            ),
            (.randomUniform(minimum: 0, maximum: .nan, seed: 1), "maxval", "high - low range exceeds valid bounds"),
            (
                .varianceScaling(scale: 0, mode: .fanIn, distribution: .uniform, seed: 1), "scale",
                "Argument `scale` must be positive float. Received: scale=0.0"
            ),
            (
                .varianceScaling(scale: -1.5, mode: .fanIn, distribution: .uniform, seed: 1), "scale",
                "Argument `scale` must be positive float. Received: scale=-1.5"
            ),
        ] as [(Initializer, String, String)])
    func arguments(initializer: Initializer, path: String, message: String) throws {
        let expected = EngineError.invalidConfigValue(path: [path], message: message)
        #expect(throws: expected) { try initializer.validate() }
        #expect(throws: expected) { try initializer(shape: Shape([2, 2])) }
    }

    @Test(
        "a distribution that would be drawn from for ever is refused",
        arguments: [(Double.nan, 1), (0, Double.nan), (.infinity, 1), (0, .infinity)] as [(Double, Double)])
    func endless(mean: Double, stddev: Double) {
        let error = #expect(throws: EngineError.self) {
            try Initializer.truncatedNormal(mean: mean, stddev: stddev, seed: 1)(shape: Shape([3]))
        }
        guard case .invalidConfigValue = error else {
            Issue.record("expected .invalidConfigValue, received \(String(describing: error))")
            return
        }
    }

    @Test("a variance that overflows is refused for uniform values, as numpy refuses it")
    func overflowingVariance() {
        let initializer = Initializer.varianceScaling(scale: 1.7e308, mode: .fanIn, distribution: .uniform, seed: 1)
        #expect(
            throws: EngineError.invalidConfigValue(path: ["maxval"], message: "high - low range exceeds valid bounds")
        ) {
            try initializer(shape: Shape([2, 2]))
        }
    }

    @Test("fan axes the weight does not have are refused", arguments: [2, -3, Int.max, Int.min])
    func fanAxes(axis: Int) {
        let initializer = Initializer.glorotUniform(seed: 1, axes: .init(input: [0], output: [axis]))
        #expect(throws: EngineError.self) { try initializer(shape: Shape([2, 2])) }
    }

    @Test("fans larger than an integer are no overflow")
    func largeFans() throws {
        let axes = Initializer.FanAxes(input: Array(repeating: 0, count: 500), output: [0])
        let values = try Initializer.heUniform(seed: 1, axes: axes)(shape: Shape([1000]))
        #expect(values.elements.allSatisfy { $0 == 0 })
    }

    @Test("every other argument passes, an extreme one too")
    func accepted() throws {
        for initializer in [
            Initializer.constant(value: .nan), .identity(gain: -1e300), .randomUniform(minimum: 1, maximum: 1, seed: 0),
            .randomNormal(mean: 1e308, stddev: 1e308, seed: 4_294_967_295),
            .truncatedNormal(mean: -1e308, stddev: 1e308, seed: 1), .truncatedNormal(mean: 5, stddev: 0, seed: 1),
            .varianceScaling(scale: .leastNonzeroMagnitude, mode: .fanOut, distribution: .truncatedNormal, seed: nil),
        ] {
            try initializer.validate()
            #expect(try initializer(shape: Shape([3, 3])).elements.count == 9)
        }
    }
}
