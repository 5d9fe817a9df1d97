import DenseEngine
import Testing

@Suite("Constraints")
struct ConstraintProjectionTests {
    /// Columns of norm 5, 0 and 1.
    static let matrix: [Float] = [3, 0, 0, -4, 0, 1]

    @Test(
        "norms are brought where they may be",
        arguments: [
            (.maxNorm(maxValue: 2, axis: .one(0)), [1.2, 0, 0, -1.6, 0, 1]),
            (.maxNorm(maxValue: 5, axis: .one(-2)), [3, 0, 0, -4, 0, 1]),
            (.maxNorm(maxValue: 1.5, axis: .one(1)), [1.5, 0, 0, -1.455214, 0, 0.363803]),
            (.unitNorm(axis: .one(0)), [0.6, 0, 0, -0.8, 0, 1]),
            (.unitNorm(axis: .many([0, 1])), [0.588348, 0, 0, -0.784465, 0, 0.196116]),
            (.unitNorm(axis: .all), [0.588348, 0, 0, -0.784465, 0, 0.196116]),
            (.unitNorm(axis: .many([])), [1, 0, 0, -1, 0, 1]),
            (.minMaxNorm(minValue: 2, maxValue: 3, rate: 1, axis: .one(0)), [1.8, 0, 0, -2.4, 0, 2]),
            (.minMaxNorm(minValue: 2, maxValue: 3, rate: 0.5, axis: .one(0)), [2.4, 0, 0, -3.2, 0, 1.5]),
            (.minMaxNorm(minValue: 3, maxValue: 1, rate: 1, axis: .one(0)), [0.6, 0, 0, -0.8, 0, 1]),
            (.nonNeg, [3, 0, 0, 0, 0, 1]),
        ] as [(Constraint, [Float])])
    func projection(constraint: Constraint, expected: [Float]) throws {
        let projected = try constraint(Tensor([2, 3], Self.matrix))
        #expect(projected.shape.dimensions == [2, 3])
        for (value, wanted) in zip(projected.elements, expected) { #expect(abs(value - wanted) < 1e-5) }
    }

    @Test("a norm is over the listed axes, in any order of them")
    func axes() throws {
        let tensor = try Tensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
        let projected = try Constraint.unitNorm(axis: .many([0, 2]))(tensor)
        #expect(try Constraint.unitNorm(axis: .many([-1, -3]))(tensor) == projected)
        // The groups are {1, 2, 5, 6} and {3, 4, 7, 8}.
        let norms: [Float] = [Float(66).squareRoot(), Float(138).squareRoot()]
        for (index, value) in projected.elements.enumerated() {
            #expect(abs(value - tensor.elements[index] / norms[index / 2 % 2]) < 1e-6)
        }
    }

    @Test("NaN stays, and spreads over its group only")
    func nan() throws {
        let projected = try Constraint.maxNorm(maxValue: 1, axis: .one(0))(Tensor([2, 2], [.nan, 3, 1, 4])).elements
        #expect(projected[0].isNaN && projected[2].isNaN)
        #expect(!projected[1].isNaN && !projected[3].isNaN)
        #expect(try Constraint.nonNeg(Tensor([2], [.nan, -1])).elements[0].isNaN)
    }

    @Test("an empty weight of any size stays as it is", arguments: [[0, 1 << 40], [1 << 40, 0], [0]])
    func empty(dimensions: [Int]) throws {
        let weight = try Tensor(dimensions, [])
        #expect(try Constraint.unitNorm(axis: .one(0))(weight) == weight)
        #expect(try Constraint.maxNorm(maxValue: 1, axis: .one(-1))(weight) == weight)
    }

    @Test(
        "axes the weight does not have, or that occur twice, are refused in numpy's words",
        arguments: [
            (.one(2), "axis 2 is out of bounds for array of dimension 2"),
            (.one(-3), "axis -3 is out of bounds for array of dimension 2"),
            (.one(.max), "axis 9223372036854775807 is out of bounds for array of dimension 2"),
            (.one(.min), "axis -9223372036854775808 is out of bounds for array of dimension 2"),
            (.many([0, 5]), "axis 5 is out of bounds for array of dimension 2"),
            (.many([0, 0]), "duplicate value in 'axis'"), (.many([0, -2]), "duplicate value in 'axis'"),
        ] as [(Constraint.Axis, String)])
    func badAxes(axis: Constraint.Axis, message: String) throws {
        #expect(throws: EngineError.invalidConfigValue(path: ["axis"], message: message)) {
            try Constraint.unitNorm(axis: axis)(Tensor([2, 3], Self.matrix))
        }
    }
}
