import DenseEngine
import Glibc
import Testing

@Suite("Activations along an axis")
struct ActivationAxisTests {
    static let shapes: [[Int]] = [
        [7], [1, 1], [3, 5], [4, 16], [2, 17], [2, 3, 4], [3, 40, 6], [2, 2, 2, 2], [5, 1, 34], [21, 10],
        [19, 100], [4, 257],
    ]

    @Test("softmax is within 4 ulp of float64 along every axis", arguments: shapes)
    func softmax(dimensions: [Int]) throws {
        try check(dimensions, bound: 4) {
            .softmax(axis: $0)
        } reference: { row in
            let maximum = row.max() ?? 0
            let sum = row.map { exp($0 - maximum) }.reduce(0, +)
            return row.map { exp($0 - maximum) / sum }
        }
    }

    @Test("log_softmax is within 4 ulp of float64 along every axis", arguments: shapes)
    func logSoftmax(dimensions: [Int]) throws {
        try check(dimensions, bound: 4) {
            .logSoftmax(axis: $0)
        } reference: { row in
            let maximum = row.max() ?? 0
            let place = row.firstIndex(of: maximum)
            let rest = row.indices.filter { $0 != place }.map { exp(row[$0] - maximum) }.reduce(0, +)
            return row.map { ($0 - maximum) - log1p(rest) }
        }
    }

    @Test("sparsemax is Keras's along every axis", arguments: shapes)
    func sparsemax(dimensions: [Int]) throws {
        try check(dimensions, bound: nil) {
            .sparsemax(axis: $0)
        } reference: { row in
            let sorted = row.sorted(by: >)
            let sums = sorted.indices.map { sorted[...$0].reduce(0, +) }
            let support = sorted.indices.filter { sorted[$0] - (sums[$0] - 1) / Double($0 + 1) > 0 }
            let threshold = (support.map { sums[$0] }.reduce(0, +) - 1) / Double(support.count)
            return row.map { max($0 - threshold, 0) }
        }
    }

    @Test(
        "glu is within 4 ulp of float64 along every axis",
        arguments: [[2], [3, 6], [2, 4, 34], [40, 2, 6], [2, 2, 2, 2]])
    func glu(dimensions: [Int]) throws {
        try check(dimensions, bound: 4) {
            .glu(axis: $0)
        } reference: { row in
            let half = row.count / 2
            return (0..<half).map { row[$0] / (1 + exp(-row[half + $0])) }
        }
    }

    @Test("a long row keeps its accuracy, whatever its order")
    func longRow() throws {
        var numbers = TestNumbers(seed: 3)
        let row = (0..<100_003).map { _ in numbers.float() }
        let sum = row.map { exp(Double($0) - 8) }.reduce(0, +)
        let softmax = try Activation.softmax(Tensor([100_003], row)).elements
        let logarithms = try Activation.logSoftmax(Tensor([100_003], row)).elements
        for index in row.indices {
            let exact = exp(Double(row[index]) - 8) / sum
            #expect(ulpDistance(softmax[index], exact) <= 4)
            #expect(ulpDistance(logarithms[index], Glibc.log(exact)) <= 4)
        }
    }

    @Test("log_softmax of a row with one large value keeps the digits of its small result", arguments: [5, 15, 40, 80])
    func nearlyCertain(gap: Float) throws {
        let output = try Activation.logSoftmax(Tensor([1, 3], [gap, 0, -1])).elements
        #expect(ulpDistance(output[0], -log1p(exp(-Double(gap)) + exp(-Double(gap) - 1))) <= 4)
    }

    /// Rows and what Keras 3.15.1 gives for them: softmax, log_softmax, sparsemax.
    static let special: [([Float], [Float], [Float], [Float])] = [
        ([1, .nan, 2], [.nan, .nan, .nan], [.nan, .nan, .nan], [0, .nan, 1]),
        ([1, .infinity, 2], [.nan, .nan, .nan], [.nan, .nan, .nan], [.infinity, .infinity, .infinity]),
        ([1, -.infinity, 2], [0.2689414, 0, 0.7310586], [-1.3132616, -.infinity, -0.31326166], [0, 0, 1]),
        (
            [-.infinity, -.infinity, -.infinity], [.nan, .nan, .nan], [.nan, .nan, .nan], [.nan, .nan, .nan]
        ),
        ([.infinity, -.infinity, 1], [.nan, .nan, .nan], [.nan, .nan, .nan], [.infinity, .nan, .infinity]),
        ([3e38, -3e38, 1], [1, 0, 0], [0, -.infinity, -3e38], [.infinity, .infinity, .infinity]),
        (
            [0, -0.0, 0], [0.33333334, 0.33333334, 0.33333334], [-1.0986123, -1.0986123, -1.0986123],
            [1 / 3, 1 / 3, 1 / 3]
        ),
        ([1, 0.9, 0.8], [0.3672, 0.3322, 0.3006], [-1.0019, -1.1019, -1.2019], [0, 0, 0]),
    ]

    @Test("rows with NaN and infinities give what Keras gives", arguments: special)
    func specialRows(row: [Float], softmax: [Float], logSoftmax: [Float], sparsemax: [Float]) throws {
        let input = try Tensor([1, 3], row)
        for (activation, expected) in [
            (Activation.softmax, softmax), (.logSoftmax, logSoftmax), (.sparsemax, sparsemax),
        ] {
            for (value, wanted) in zip(try activation(input).elements, expected) {
                let same = value == wanted || (value.isNaN && wanted.isNaN) || abs(value - wanted) < 1e-4
                #expect(same, "\(activation.name) of \(row) gave \(value), not \(wanted)")
            }
        }
    }

    @Test("a gate of negative infinity closes, and turns infinity into NaN as Keras does")
    func gates() throws {
        let a: [Float] = [1, 1, 1, .infinity, .infinity, .infinity, 0, 3e38, 1e30]
        let b: [Float] = [-100, .infinity, -.infinity, -100, -80, -.infinity, -.infinity, 90, -100]
        let output = try Activation.glu(Tensor([1, 18], a + b)).elements
        #expect(ulpDistance(output[0], exp(-100)) <= 4)
        #expect(output[1...2] == [1, 0])
        #expect(output[3].isNaN && output[4] == .infinity && output[5].isNaN)
        #expect(output[6...7] == [0, 3e38])
        #expect(ulpDistance(output[8], Double(Float(1e30)) * exp(-100)) <= 4)
    }

    @Test("glu along an odd axis is refused in Keras's words")
    func oddAxis() throws {
        let error = #expect(throws: EngineError.self) {
            try Activation.glu(Tensor([2, 3], [Float](repeating: 0, count: 6)))
        }
        let message = "axis size must be divisible by 2. Received: x.shape=(2, 3) with axis=-1"
        #expect(error.map { "\($0)".contains(message) } == true)
    }

    @Test("an axis outside the rank is refused", arguments: [2, -3, .max, .min])
    func badAxis(axis: Int) throws {
        for activation in [
            Activation.softmax(axis: axis), .logSoftmax(axis: axis), .sparsemax(axis: axis), .glu(axis: axis),
        ] {
            let error = #expect(throws: EngineError.self) { try activation(Tensor([1, 2], [0, 0])) }
            #expect(error.map { "\($0)".contains("axis \(axis) is out of bounds for array of dimension 2") } == true)
        }
        #expect(throws: EngineError.self) { try Activation.softmax(Tensor([], [1])) }
    }

    @Test("empty batches pass; a softmax over nothing is refused as Keras refuses it")
    func empty() throws {
        for activation in [Activation.softmax, .logSoftmax, .sparsemax, .glu] {
            #expect(try activation(Tensor([0, 4], [])).elements.isEmpty)
        }
        #expect(try Activation.glu(Tensor([2, 0], [])).shape.dimensions == [2, 0])
        #expect(try Activation.sparsemax(Tensor([2, 0], [])).shape.dimensions == [2, 0])
        #expect(throws: EngineError.self) { try Activation.softmax(Tensor([2, 0], [])) }
        #expect(throws: EngineError.self) { try Activation.logSoftmax(Tensor([2, 0], [])) }
    }

    @Test("shapes stay, but glu halves its axis")
    func outputShapes() throws {
        let shape = try Shape([2, 4, 6])
        #expect(try Activation.relu.outputShape(for: shape) == shape)
        #expect(try Activation.softmax(axis: 0).outputShape(for: shape) == shape)
        #expect(try Activation.glu.outputShape(for: shape).dimensions == [2, 4, 3])
        #expect(try Activation.glu(axis: 1).outputShape(for: shape).dimensions == [2, 2, 6])
        #expect(try Activation.glu(axis: -3).outputShape(for: shape).dimensions == [1, 4, 6])
    }

    @Test("a softmax over one value is warned of in Keras's words")
    func warning() throws {
        let sentence = "You are using a softmax over axis -1 of a tensor of shape (3, 1). This axis has size 1."
        #expect(Activation.softmax.warning(for: try Shape([3, 1]))?.hasPrefix(sentence) == true)
        #expect(Activation.softmax(axis: 0).warning(for: try Shape([3, 1])) == nil)
        #expect(Activation.softmax.warning(for: try Shape([1, 3])) == nil)
        #expect(Activation.logSoftmax.warning(for: try Shape([3, 1])) == nil)
    }

    /// Compares an activation along every axis with a float64 function of one line: to `bound` ulp, or without one to
    /// the project's tolerance against Keras.
    private func check(
        _ dimensions: [Int], bound: Double?, _ activation: (Int) -> Activation, reference: ([Double]) -> [Double]
    ) throws {
        var numbers = TestNumbers(seed: UInt64(dimensions.count))
        let input = try numbers.tensor(dimensions)
        for axis in -dimensions.count..<dimensions.count {
            let position = axis < 0 ? axis + dimensions.count : axis
            guard dimensions[position].isMultiple(of: 2) || activation(axis) != .glu(axis: axis) else { continue }
            let output = try activation(axis)(input)
            let inner = dimensions[(position + 1)...].reduce(1, *)
            let length = dimensions[position]
            let resultLength = output.shape.dimensions[position]
            for outer in 0..<input.shape.count / (inner * length) {
                for line in 0..<inner {
                    let row = (0..<length).map { Double(input.elements[(outer * length + $0) * inner + line]) }
                    for (index, expected) in reference(row).enumerated() {
                        let value = output.elements[(outer * resultLength + index) * inner + line]
                        if let bound {
                            #expect(ulpDistance(value, expected) <= bound, "axis \(axis), \(value), not \(expected)")
                        } else {
                            #expect(abs(Double(value) - expected) <= 1e-6 + 1e-5 * abs(expected), "axis \(axis)")
                        }
                    }
                }
            }
        }
    }
}
