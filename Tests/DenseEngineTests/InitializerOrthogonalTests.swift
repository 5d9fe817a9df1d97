import DenseEngine
import Testing

@Suite("The orthogonal initializer")
struct InitializerOrthogonalTests {
    /// The bits are numpy's here; in larger matrices LAPACK's order of operations can turn a rare last bit.
    @Test(
        "values are those of Keras's numpy backend",
        arguments: [
            (1.0, 0, [1, 1], 0x2f63bdaad481b7df),
            (-1.5, 42, [1, 1], 0x6f63bcd1c141b7df),
            (1.0, 0, [2, 2], 0x19c6044f9d164a3d),
            (-1.5, 42, [2, 2], 0xdd395f328ee2e0c3),
            (1.0, 0, [3, 5], 0x02868e7acbc8bca0),
            (-1.5, 42, [3, 5], 0x25606789b979329c),
            (1.0, 0, [5, 3], 0x6df669e11853f370),
            (-1.5, 42, [5, 3], 0xff9b160dbd86f9f8),
            (1.0, 0, [33, 33], 0x8b829ae489896923),
            (-1.5, 42, [33, 33], 0xeb1765b878c50d59),
            (1.0, 0, [40, 20], 0xc8dc83466bf4d6e7),
            (-1.5, 42, [40, 20], 0xf3bb6499d1d47337),
            (1.0, 0, [20, 40], 0x1557b8ef9b6d32d3),
            (-1.5, 42, [20, 40], 0x6489a90895f4122b),
            (1.0, 0, [100, 7], 0x2c17138e1448ea1c),
            (-1.5, 42, [100, 7], 0x2fc2b1a11fbd51e0),
            (1.0, 0, [2, 3, 4], 0x302d4574ce49ad1d),
            (-1.5, 42, [2, 3, 4], 0x0a9a63696482da86),
            (1.0, 0, [0, 3], 0xcbf29ce484222325),
            (-1.5, 42, [0, 3], 0xcbf29ce484222325),
            (1.0, 0, [3, 0], 0xcbf29ce484222325),
            (-1.5, 42, [3, 0], 0xcbf29ce484222325),
        ] as [(Double, Int, [Int], UInt64)])
    func values(gain: Double, seed: Int, dimensions: [Int], hash: UInt64) throws {
        let values = try Initializer.orthogonal(gain: gain, seed: seed)(shape: Shape(dimensions))
        #expect(values.shape.dimensions == dimensions)
        #expect(BitPatternHash.of(values.elements) == hash)
    }

    @Test("columns are orthonormal, or rows when there are fewer", arguments: [(70, 40), (40, 70), (50, 50), (17, 16)])
    func orthonormality(rows: Int, columns: Int) throws {
        let matrix = try Initializer.orthogonal(gain: 2, seed: nil)(shape: Shape([rows, columns])).elements
        let (count, length) = rows < columns ? (rows, columns) : (columns, rows)
        func element(_ vector: Int, _ offset: Int) -> Double {
            Double(rows < columns ? matrix[vector * columns + offset] : matrix[offset * columns + vector])
        }
        for first in 0..<count {
            for second in 0...first {
                let product = (0..<length).reduce(0) { $0 + element(first, $1) * element(second, $1) }
                #expect(abs(product - (first == second ? 4 : 0)) < 1e-5)
            }
        }
    }

    @Test("a vector cannot be orthogonal", arguments: [[], [3]])
    func rank(dimensions: [Int]) throws {
        let shape = try Shape(dimensions)
        let message =
            "The tensor to initialize must be at least two-dimensional. "
            + "Received: shape=\(shape) of rank \(dimensions.count)."
        #expect(throws: EngineError.invalidConfigValue(path: [], message: message)) {
            try Initializer.orthogonal(gain: 1, seed: 1)(shape: shape)
        }
    }

    @Test("what would take minutes is refused", arguments: [[10_000, 10_000], [1 << 31, 1 << 31], [1 << 20, 300]])
    func cost(dimensions: [Int]) throws {
        let shape = try Shape(dimensions)
        let error = #expect(throws: EngineError.self) { try Initializer.orthogonal(gain: 1, seed: 1)(shape: shape) }
        guard case .unsupported = error else {
            Issue.record("expected .unsupported, received \(String(describing: error))")
            return
        }
    }
}
