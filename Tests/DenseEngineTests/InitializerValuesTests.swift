import DenseEngine
import Testing

@Suite("Initializers")
struct InitializerValuesTests {
    /// An initializer, a shape, and the hash of the values that Keras's numpy backend gives for them.
    struct Row: Sendable, CustomTestStringConvertible {
        let initializer: Initializer
        let dimensions: [Int]
        let hash: UInt64

        init(_ initializer: Initializer, _ dimensions: [Int], _ hash: UInt64) {
            self.initializer = initializer
            self.dimensions = dimensions
            self.hash = hash
        }

        var testDescription: String { "\(initializer) \(dimensions)" }
    }

    @Test("values are those of Keras's numpy backend, bit for bit", arguments: rows)
    func values(row: Row) throws {
        let values = try row.initializer(shape: Shape(row.dimensions))
        #expect(values.shape.dimensions == row.dimensions)
        #expect(BitPatternHash.of(values.elements) == row.hash)
    }

    @Test("an identity of a gain too large for float32 has no zeros left")
    func infiniteIdentity() throws {
        let values = try Initializer.identity(gain: 1e300)(shape: Shape([2, 2])).elements
        #expect(values[0] == .infinity && values[3] == .infinity)
        #expect(values[1].isNaN && values[2].isNaN)
    }

    @Test("an identity needs rank 2", arguments: [[], [3], [2, 2, 2]])
    func identityRank(dimensions: [Int]) throws {
        let shape = try Shape(dimensions)
        let message =
            "Identity matrix initializer can only be used for 2D matrices. "
            + "Received: shape=\(shape) of rank \(dimensions.count)."
        #expect(throws: EngineError.invalidConfigValue(path: [], message: message)) {
            try Initializer.identity(gain: 1)(shape: shape)
        }
    }

    @Test("a seeded initializer gives the same at every call, an unseeded one does not")
    func seeds() throws {
        let shape = try Shape([50])
        let seeded = Initializer.randomNormal(mean: 0, stddev: 1, seed: 3)
        #expect(try seeded(shape: shape) == seeded(shape: shape))
        let unseeded = Initializer.randomNormal(mean: 0, stddev: 1, seed: nil)
        #expect(try unseeded(shape: shape) != unseeded(shape: shape))
    }

    /// Bounds of six standard errors: a right generator fails once in 10⁸ runs.
    @Test(
        "unseeded values have the mean, deviation and bounds of their distribution",
        arguments: [
            (.randomUniform(minimum: -1, maximum: 3, seed: nil), 1, 1.1547, -1...3),
            (.randomNormal(mean: 2, stddev: 0.5, seed: nil), 2, 0.5, -4...8),
            (.truncatedNormal(mean: -1, stddev: 2, seed: nil), -1, 1.75925, -5...3),
            (.glorotUniform(seed: nil), 0, 0.1, -0.17321...0.17321),
            (.heNormal(seed: nil), 0, 0.141421, -0.32155...0.32155),
        ] as [(Initializer, Double, Double, ClosedRange<Double>)])
    func distribution(initializer: Initializer, mean: Double, deviation: Double, bounds: ClosedRange<Double>) throws {
        let values = try initializer(shape: Shape([100, 100])).elements.map(Double.init)
        let count = Double(values.count)
        let average = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / count
        #expect(abs(average - mean) < 6 * deviation / 100)
        #expect(abs(variance.squareRoot() - deviation) < 6 * deviation / 100)
        #expect(values.allSatisfy(bounds.contains))
    }

    private static let rows: [Row] = [
        Row(.constant(value: 0.1), [3, 2], 0x2528c0552c13f77b),
        Row(.constant(value: 1e+300), [2], 0x8833e1a453eb6fed),
        Row(.identity(gain: 1.0), [3, 5], 0x88d9bb512db20587),
        Row(.identity(gain: -2.5), [5, 3], 0x35fcbe0016d20587),
        Row(.identity(gain: 1.0), [0, 3], 0xcbf29ce484222325),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 0), [64, 32], 0xc5d1bcb70f753eaf),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 0), [64, 32], 0x3bbd460a1d28c446),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 0), [64, 32], 0xf8fa8cc97144f57a),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 0), [64, 32], 0x8f9c0bb85f2ec325),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 0), [64, 32], 0x24cdd63fd5e43080),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 0), [64, 32], 0xb602f3bd6df1bc5a),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 0), [64, 32], 0x2bd692de72ddd6fd),
        Row(.glorotUniform(seed: 0), [64, 32], 0x602eadc4a3cbf961),
        Row(.glorotNormal(seed: 0), [64, 32], 0xf77aba3ef48e0656),
        Row(.lecunUniform(seed: 0), [64, 32], 0x196ccb2ba20062ed),
        Row(.lecunNormal(seed: 0), [64, 32], 0x8a3ffb87cedde476),
        Row(.heUniform(seed: 0), [64, 32], 0x1b826afdf46c1c2d),
        Row(.heNormal(seed: 0), [64, 32], 0x07661660a5a02e86),
        Row(.varianceScaling(scale: 0.3, mode: .fanIn, distribution: .uniform, seed: 0), [64, 32], 0x7f189bdad4347f66),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .truncatedNormal, seed: 0), [64, 32],
            0x0a576ad48221d11c),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .untruncatedNormal, seed: 0), [64, 32],
            0x5570f2bcb7f30280),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .uniform, seed: 0), [64, 32], 0x9222ecf8e05a4cee),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .truncatedNormal, seed: 0), [64, 32],
            0xb41ad9f0eda65e94),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .untruncatedNormal, seed: 0), [64, 32],
            0x6545dd076426d19c),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .uniform, seed: 0), [64, 32],
            0x1389de333419259e),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .truncatedNormal, seed: 0), [64, 32],
            0x927e6dec4f42082d),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .untruncatedNormal, seed: 0), [64, 32],
            0xb0bbfe1657c1e390),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 42), [257, 17], 0xde0e9ec5bfa27129),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 42), [257, 17], 0x3517e2c6daa8eab8),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 42), [257, 17], 0x568874b0e3f0c9fe),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 42), [257, 17], 0x09e46f7f3114d39f),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 42), [257, 17], 0xeacb990ffc92e5e9),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 42), [257, 17], 0xbe93887a004e22ad),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 42), [257, 17], 0x9ea1cee91c3df38f),
        Row(.glorotUniform(seed: 42), [257, 17], 0x69e29ef9b98d4aee),
        Row(.glorotNormal(seed: 42), [257, 17], 0xcc7d0b7378b368d2),
        Row(.lecunUniform(seed: 42), [257, 17], 0x22696189bd277ad0),
        Row(.lecunNormal(seed: 42), [257, 17], 0xf642d89fcd0cb49f),
        Row(.heUniform(seed: 42), [257, 17], 0x394be96596a4e59c),
        Row(.heNormal(seed: 42), [257, 17], 0xd97426818ce9ae54),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .uniform, seed: 42), [257, 17], 0xdec81c40c8f0fe40),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .truncatedNormal, seed: 42), [257, 17],
            0x0ed4ea501e3fcd19),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .untruncatedNormal, seed: 42), [257, 17],
            0x9724e5177bf2404b),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .uniform, seed: 42), [257, 17], 0xf13002241f8b937e
        ),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .truncatedNormal, seed: 42), [257, 17],
            0xde039f91980101c0),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .untruncatedNormal, seed: 42), [257, 17],
            0x655bfe63916413dc),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .uniform, seed: 42), [257, 17],
            0x0a130821c8b94fb1),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .truncatedNormal, seed: 42), [257, 17],
            0x25139748d0a9122a),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .untruncatedNormal, seed: 42), [257, 17],
            0x378baf70fb8f4259),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 4294967295), [1, 33], 0x2509c163274d3a63),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 4294967295), [1, 33], 0x187dca3308824b50),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 4294967295), [1, 33], 0x67797afcf6855547),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 4294967295), [1, 33], 0x25fd44b6031f675f),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 4294967295), [1, 33], 0x21c670fd77c48984),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 4294967295), [1, 33], 0x8ec9237b080cbb20),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 4294967295), [1, 33], 0xfe4c734bcf537650),
        Row(.glorotUniform(seed: 4294967295), [1, 33], 0x763cb042f8f63cd2),
        Row(.heNormal(seed: 4294967295), [1, 33], 0x9e5cb1225666fa3b),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 7), [300], 0xda4b46792b3719a1),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 7), [300], 0xd421e6060080be25),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 7), [300], 0x11d47aa295fb4e8d),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 7), [300], 0x212dfc22fe7f4315),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 7), [300], 0xefe6ef9677ce1694),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 7), [300], 0x69d985e7aae3d50c),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 7), [300], 0x726533a12bcc2f90),
        Row(.glorotUniform(seed: 7), [300], 0x6e39b5b5effb4e8d),
        Row(.heNormal(seed: 7), [300], 0xe47b26b56f43c7e5),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 8), [2, 3, 4, 5], 0x78d817e8951f8a17),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 8), [2, 3, 4, 5], 0x3fe8b602c344ed0b),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 8), [2, 3, 4, 5], 0x22a9d33086fb0c03),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 8), [2, 3, 4, 5], 0x2bde33cf6fc22a85),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 8), [2, 3, 4, 5], 0x59a76c8b8679a7b6),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 8), [2, 3, 4, 5], 0xe2c88e3cc214d330),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 8), [2, 3, 4, 5], 0x3c706944d57dc96a),
        Row(.glorotUniform(seed: 8), [2, 3, 4, 5], 0x9c4ef9190f3352c5),
        Row(.glorotNormal(seed: 8), [2, 3, 4, 5], 0x1a088be394b027ff),
        Row(.lecunUniform(seed: 8), [2, 3, 4, 5], 0x2a98c5d447d322e6),
        Row(.lecunNormal(seed: 8), [2, 3, 4, 5], 0x7b2540ce860d4ea3),
        Row(.heUniform(seed: 8), [2, 3, 4, 5], 0x215a0182d3982b2b),
        Row(.heNormal(seed: 8), [2, 3, 4, 5], 0xf58171ec25a3939b),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .uniform, seed: 8), [2, 3, 4, 5],
            0xbdc734cb2e070e39),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .truncatedNormal, seed: 8), [2, 3, 4, 5],
            0xb2d039459b820a2c),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanIn, distribution: .untruncatedNormal, seed: 8), [2, 3, 4, 5],
            0xc84a262769968fd1),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .uniform, seed: 8), [2, 3, 4, 5],
            0x6f23df31683ea536),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .truncatedNormal, seed: 8), [2, 3, 4, 5],
            0x21aaa9dad1522a28),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanOut, distribution: .untruncatedNormal, seed: 8), [2, 3, 4, 5],
            0x6b70464ee31f8a17),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .uniform, seed: 8), [2, 3, 4, 5],
            0xb2314017b02c7a19),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .truncatedNormal, seed: 8), [2, 3, 4, 5],
            0x89c553e9df5dd6e2),
        Row(
            .varianceScaling(scale: 0.3, mode: .fanAverage, distribution: .untruncatedNormal, seed: 8), [2, 3, 4, 5],
            0xb546f0e9a8aed546),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 9), [], 0x938979cce5add806),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 9), [], 0xcf6e99dffc742d66),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 9), [], 0xc2c4eca6b5efdabc),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 9), [], 0xaf63bdb94601b7df),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 9), [], 0x80fd21236f295ccb),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 9), [], 0x938979cce5add806),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 9), [], 0x5e0ef6ba6ecea9ba),
        Row(.glorotUniform(seed: 9), [], 0x134951aaa4c0d25b),
        Row(.heNormal(seed: 9), [], 0x14553ad1268810f9),
        Row(.randomNormal(mean: 0.0, stddev: 0.05, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.randomNormal(mean: -3.5, stddev: 0.001, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.randomUniform(minimum: -0.05, maximum: 0.05, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.randomUniform(minimum: 2.0, maximum: 2.0, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.randomUniform(minimum: -1e+30, maximum: 7.25, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.truncatedNormal(mean: 0.0, stddev: 0.05, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.truncatedNormal(mean: 10.0, stddev: 3.0, seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.glorotUniform(seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.heNormal(seed: 9), [0, 3], 0xcbf29ce484222325),
        Row(.glorotUniform(seed: 5, axes: .init(input: [0, 1], output: [-1])), [3, 4, 5], 0x64d74d7482d80d5f),
        Row(
            .varianceScaling(
                scale: 2.0, mode: .fanOut, distribution: .uniform, seed: 5, axes: .init(input: [2], output: [0, -2])),
            [3, 4, 5], 0x1a446583676cf6ef),
        Row(.heUniform(seed: 5, axes: .init(input: [], output: [])), [3, 4, 5], 0xd708cb620ebf61ad),
    ]
}
