import DenseEngine
import Testing

@Suite("Regularizers")
struct RegularizerPenaltyTests {
    static let matrix: [Float] = [3, -4, 0, 1, 2, -2]

    @Test(
        "a penalty is its formula",
        arguments: [
            (.l1(0.5), 6), (.l1(0), 0), (.l2(0.5), 17), (.l1l2(l1: 0.25, l2: 0.5), 20), (.l1l2(l1: 0, l2: 0), 0),
        ] as [(Regularizer, Float)])
    func formula(regularizer: Regularizer, penalty: Float) throws {
        #expect(try regularizer(Tensor([2, 3], Self.matrix)) == penalty)
        #expect(try regularizer(Tensor([6], Self.matrix)) == penalty)
    }

    @Test("nothing is penalized by nothing")
    func empty() throws {
        #expect(try Regularizer.l1l2(l1: 1, l2: 1)(Tensor([0, 3], [])) == 0)
    }

    @Test("a zero factor leaves its sum out, an infinite one too")
    func zeroFactor() throws {
        #expect(try Regularizer.l1l2(l1: 1, l2: 0)(Tensor([1], [1e30])) == 1e30)
        #expect(try Regularizer.l1(0)(Tensor([1], [.infinity])).isNaN)
    }

    @Test("many small terms keep their sum, as numpy's pairwise order does", arguments: [100, 1000, 100_003])
    func longSum(count: Int) throws {
        let penalty = try Regularizer.l1(1)(Tensor([count], Array(repeating: 0.1, count: count)))
        #expect(abs(penalty - Float(count) * 0.1) <= penalty * 3e-7)
    }

    /// Rows (3, 4) and (4, 3): cosine 24/25, counted twice and halved, over one pair.
    @Test(
        "the orthogonal penalty is the mean cosine of the pairs",
        arguments: [Regularizer.OrthogonalMode.rows, .columns])
    func orthogonal(mode: Regularizer.OrthogonalMode) throws {
        let penalty = try Regularizer.orthogonal(factor: 0.5, mode: mode)(Tensor([2, 2], [3, 4, 4, 3]))
        #expect(abs(penalty - 0.48) < 1e-6)
        #expect(try Regularizer.orthogonal(factor: 1, mode: mode)(Tensor([2, 2], [0, 2, -3, 0])) == 0)
        #expect(try Regularizer.orthogonal(factor: 1, mode: mode)(Tensor([2, 2], [0, 0, 0, 0])) == 0)
    }

    /// Keras bounds the inverse of a norm by 10⁷: these rows become (0.1, 0), not unit vectors.
    @Test("rows shorter than Keras's epsilon count for less")
    func shortRows() throws {
        let penalty = try Regularizer.orthogonal(factor: 1, mode: .rows)(Tensor([2, 2], [1e-8, 0, 1e-8, 0]))
        #expect(abs(penalty - 0.01) < 1e-7)
    }

    @Test("one row has no pairs")
    func noPairs() throws {
        #expect(try Regularizer.orthogonal(factor: 1, mode: .rows)(Tensor([1, 3], [1, 2, 3])).isNaN)
    }

    @Test("the orthogonal penalty needs rank 2", arguments: [[3], [1, 3, 1]])
    func orthogonalRank(dimensions: [Int]) throws {
        let tensor = try Tensor(dimensions, [1, 2, 3])
        let message = "Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=\(tensor.shape)"
        #expect(throws: EngineError.invalidConfigValue(path: [], message: message)) {
            try Regularizer.orthogonal(factor: 1, mode: .rows)(tensor)
        }
    }

    @Test("an orthogonal penalty that would take minutes is refused, one over nothing is not")
    func cost() throws {
        let regularizer = Regularizer.orthogonal(factor: 1, mode: .rows)
        let tall = try Tensor([200_000, 1], Array(repeating: 1, count: 200_000))
        #expect(throws: EngineError.self) { try regularizer(tall) }
        #expect(throws: EngineError.self) { try regularizer(Tensor([1 << 40, 0], [])) }
        #expect(try regularizer(Tensor([0, 1 << 40], [])).isNaN)
    }

    @Test(
        "factors that are negative or no number are refused in Keras's words",
        arguments: [
            (.l1(-1), "l1", "-1.0"), (.l2(.nan), "l2", "nan"), (.l1l2(l1: 0, l2: .infinity), "l2", "inf"),
            (.l1l2(l1: -0.5, l2: 0), "l1", "-0.5"), (.orthogonal(factor: -2, mode: .rows), "factor", "-2.0"),
        ] as [(Regularizer, String, String)])
    func factors(regularizer: Regularizer, name: String, text: String) throws {
        let expected = EngineError.invalidConfigValue(
            path: [name],
            message: "Invalid value for argument \(name): expected a non-negative float.Received: \(name)=\(text)")
        #expect(throws: expected) { try regularizer.validate() }
        #expect(throws: expected) { try regularizer(Tensor([1, 1], [1])) }
    }
}
