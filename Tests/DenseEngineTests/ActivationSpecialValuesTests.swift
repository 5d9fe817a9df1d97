import DenseEngine
import Testing

/// Answers of Keras 3.15.1 on its numpy backend, at zeros, subnormals, large values, infinities and NaN, and for arguments
/// of every kind. One is the exact value: `squareplus` with `b` of -4 at -100, where Keras's float32 sum cancels too far.
@Suite("Activations at special values")
struct ActivationSpecialValuesTests {
    static let inputs: [Float] = [
        .nan, .infinity, -.infinity, 0, -0.0, 1, -1, 3, -3, 100, -100, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        1e18,
        -1e18,
    ]

    static let answers: [(Activation, [Double])] = [
        (
            .linear,
            [.nan, .infinity, -.infinity, 0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 100.0, -100.0, 1e-45, -1e-45, 1e18, -1e18]
        ),
        (.relu, [.nan, .infinity, 0.0, 0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 100.0, 0.0, 1e-45, 0.0, 1e18, 0.0]),
        (
            .relu(negativeSlope: 0.5, maxValue: nil, threshold: 0),
            [.nan, .infinity, -.infinity, 0.0, -0.0, 1.0, -0.5, 3.0, -1.5, 100.0, -50.0, 1e-45, -0.0, 1e18, -5e17]
        ),
        (
            .relu(negativeSlope: 0, maxValue: 2, threshold: 0),
            [.nan, 2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 2.0, 0.0, 1e-45, 0.0, 2.0, 0.0]
        ),
        (
            .relu(negativeSlope: 0, maxValue: nil, threshold: 1),
            [0.0, .infinity, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 100.0, 0.0, 0.0, 0.0, 1e18, 0.0]
        ),
        (
            .relu(negativeSlope: 0, maxValue: nil, threshold: -1),
            [0.0, .infinity, 0.0, 0.0, -0.0, 1.0, 0.0, 3.0, 0.0, 100.0, 0.0, 1e-45, -1e-45, 1e18, 0.0]
        ),
        (
            .relu(negativeSlope: 0.5, maxValue: 2, threshold: 1),
            [.nan, 2.0, -.infinity, -0.5, -0.5, 0.0, -1.0, 2.0, -2.0, 2.0, -50.5, -0.5, -0.5, 2.0, -5e17]
        ),
        (
            .relu(negativeSlope: 0.5, maxValue: -2, threshold: -1),
            [.nan, -2.0, -.infinity, -2.0, -2.0, -2.0, -2.0, -2.0, -3.0, -2.0, -51.5, -2.0, -2.0, -2.0, -5e17]
        ),
        (.relu6, [.nan, 6.0, 0.0, 0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 6.0, 0.0, 1e-45, 0.0, 6.0, 0.0]),
        (
            .leakyReLU,
            [.nan, .infinity, -.infinity, 0.0, -0.0, 1.0, -0.2, 3.0, -0.6, 100.0, -20.0, 1e-45, -0.0, 1e18, -2e17]
        ),
        (
            .leakyReLU(negativeSlope: 0),
            [.nan, .nan, .nan, 0.0, -0.0, 1.0, -0.0, 3.0, -0.0, 100.0, -0.0, 1e-45, -0.0, 1e18, -0.0]
        ),
        (
            .leakyReLU(negativeSlope: 2),
            [.nan, .infinity, -.infinity, 0.0, -0.0, 2.0, -1.0, 6.0, -3.0, 200.0, -100.0, 3e-45, -1e-45, 2e18, -1e18]
        ),
        (
            .elu,
            [
                .nan, .infinity, -1.0, 0.0, -0.0, 1.0, -0.63212055, 3.0, -0.9502129, 100.0, -1.0, 1e-45, -1e-45, 1e18,
                -1.0,
            ]
        ),
        (
            .elu(alpha: 0),
            [.nan, .infinity, -0.0, 0.0, -0.0, 1.0, -0.0, 3.0, -0.0, 100.0, -0.0, 1e-45, -0.0, 1e18, -0.0]
        ),
        (
            .elu(alpha: -0.7),
            [.nan, .infinity, 0.7, 0.0, -0.0, 1.0, 0.44248438, 3.0, 0.66514903, 100.0, 0.7, 1e-45, 1e-45, 1e18, 0.7]
        ),
        (
            .selu,
            [
                .nan, .infinity, -1.7580993, 0.0, -0.0, 1.050701, -1.1113307, 3.152103, -1.6705687, 105.0701,
                -1.7580993, 1e-45, -3e-45, 1.050701e18, -1.7580993,
            ]
        ),
        (
            .celu,
            [
                .nan, .infinity, -1.0, 0.0, 0.0, 1.0, -0.63212055, 3.0, -0.9502129, 100.0, -1.0, 1e-45, -1e-45, 1e18,
                -1.0,
            ]
        ),
        (.celu(alpha: 0), [.nan, .nan, 0.0, .nan, .nan, .nan, 0.0, .nan, 0.0, .nan, 0.0, .nan, 0.0, .nan, 0.0]),
        (
            .celu(alpha: -0.7),
            [
                .nan, .infinity, -.infinity, 0.0, 0.0, 1.0, -2.220914, 3.0, -50.15809, 100.0, -.infinity, 1e-45, -1e-45,
                1e18, -.infinity,
            ]
        ),
        (
            .gelu,
            [
                .nan, .infinity, .nan, 0.0, -0.0, 0.8413447, -0.15865526, 2.9959502, -0.0040496886, 100.0, -0.0, 0.0,
                -0.0, 1e18, -0.0,
            ]
        ),
        (
            .gelu(approximate: true),
            [
                .nan, .infinity, .nan, 0.0, -0.0, 0.841192, -0.158808, 2.9963627, -0.0036373436, 100.0, -0.0, 0.0, -0.0,
                1e18, -0.0,
            ]
        ),
        (
            .silu,
            [
                .nan, .infinity, .nan, 0.0, -0.0, 0.7310586, -0.2689414, 2.8577223, -0.14227763, 100.0, -0.0, 0.0, -0.0,
                1e18, -0.0,
            ]
        ),
        (
            .hardSiLU,
            [.nan, .infinity, .nan, 0.0, -0.0, 0.6666667, -0.3333333, 3.0, -0.0, 100.0, -0.0, 0.0, -0.0, 1e18, -0.0]
        ),
        (
            .mish,
            [
                .nan, .infinity, .nan, 0.0, -0.0, 0.8650984, -0.30340147, 2.986535, -0.14564747, 100.0, -3.784e-42,
                1e-45, -1e-45, 1e18, -0.0,
            ]
        ),
        (
            .sigmoid,
            [.nan, 1.0, 0.0, 0.5, 0.5, 0.7310586, 0.2689414, 0.95257413, 0.047425874, 1.0, 0.0, 0.5, 0.5, 1.0, 0.0]
        ),
        (.hardSigmoid, [.nan, 1.0, 0.0, 0.5, 0.5, 0.6666667, 0.3333333, 1.0, 0.0, 1.0, 0.0, 0.5, 0.5, 1.0, 0.0]),
        (
            .logSigmoid,
            [
                .nan, -0.0, -.infinity, -0.6931472, -0.6931472, -0.3132617, -1.3132617, -0.048587352, -3.0485873,
                -3.8e-44, -100.0, -0.6931472, -0.6931472, -0.0, -1e18,
            ]
        ),
        (.sparseSigmoid, [.nan, 1.0, 0.0, 0.5, 0.5, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.5, 0.5, 1.0, 0.0]),
        (
            .softplus,
            [
                .nan, .infinity, 0.0, 0.6931472, 0.6931472, 1.3132617, 0.3132617, 3.0485873, 0.048587352, 100.0,
                3.8e-44, 0.6931472, 0.6931472, 1e18, 0.0,
            ]
        ),
        (
            .softsign,
            [.nan, .nan, .nan, 0.0, -0.0, 0.5, -0.5, 0.75, -0.75, 0.990099, -0.990099, 1e-45, -1e-45, 1.0, -1.0]
        ),
        (
            .squareplus,
            [
                .nan, .infinity, .nan, 1.0, 1.0, 1.618034, 0.618034, 3.3027756, 0.30277562, 100.009995, 0.0099983215,
                1.0, 1.0, 1e18, 0.0,
            ]
        ),
        (.squareplus(b: 0), [.nan, .infinity, .nan, 0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 100.0, 0.0, 0.0, -0.0, 1e18, 0.0]),
        (
            .squareplus(b: -4),
            [
                .nan, .infinity, .nan, .nan, .nan, .nan, .nan, 2.618034, -0.381966, 99.99, -0.010001, .nan, .nan,
                1e18, 0.0,
            ]
        ),
        (.sparsePlus, [.nan, .infinity, 0.0, 0.25, 0.25, 1.0, 0.0, 3.0, 0.0, 100.0, 0.0, 0.25, 0.25, 1e18, 0.0]),
        (
            .exponential,
            [
                .nan, .infinity, 0.0, 1.0, 1.0, 2.718282, 0.36787942, 20.085537, 0.049787067, .infinity, 3.8e-44, 1.0,
                1.0, .infinity, 0.0,
            ]
        ),
        (
            .tanh,
            [
                .nan, 1.0, -1.0, 0.0, -0.0, 0.7615942, -0.7615942, 0.9950548, -0.9950548, 1.0, -1.0, 1e-45, -1e-45, 1.0,
                -1.0,
            ]
        ),
        (.hardTanh, [.nan, 1.0, -1.0, 0.0, -0.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1e-45, -1e-45, 1.0, -1.0]),
        (
            .tanhShrink,
            [
                .nan, .infinity, -.infinity, 0.0, 0.0, 0.23840582, -0.23840582, 2.0049453, -2.0049453, 99.0, -99.0, 0.0,
                0.0, 1e18, -1e18,
            ]
        ),
        (
            .hardShrink,
            [0.0, .infinity, -.infinity, 0.0, 0.0, 1.0, -1.0, 3.0, -3.0, 100.0, -100.0, 0.0, 0.0, 1e18, -1e18]
        ),
        (
            .hardShrink(threshold: 0),
            [0.0, .infinity, -.infinity, 0.0, 0.0, 1.0, -1.0, 3.0, -3.0, 100.0, -100.0, 1e-45, -1e-45, 1e18, -1e18]
        ),
        (
            .softShrink,
            [0.0, .infinity, -.infinity, 0.0, 0.0, 0.5, -0.5, 2.5, -2.5, 99.5, -99.5, 0.0, 0.0, 1e18, -1e18]
        ),
        (
            .softShrink(threshold: -1),
            [0.0, .infinity, -.infinity, 1.0, 1.0, 2.0, -2.0, 4.0, -4.0, 101.0, -101.0, 1.0, 1.0, 1e18, -1e18]
        ),
        (
            .threshold(threshold: 1, value: 5),
            [5.0, .infinity, 5.0, 5.0, 5.0, 5.0, 5.0, 3.0, 5.0, 100.0, 5.0, 5.0, 5.0, 1e18, 5.0]
        ),
    ]

    @Test("special values give what Keras gives", arguments: answers)
    func special(_ activation: Activation, _ expected: [Double]) throws {
        let output = try activation(Tensor([15], Self.inputs)).elements
        for (index, input) in Self.inputs.enumerated() {
            #expect(agrees(output[index], expected[index]), "\(activation.name)(\(input)) gave \(output[index])")
            // The sign of a zero, at the two zeros.
            if input == 0 && !expected[index].isNaN {
                #expect(
                    output[index].sign == expected[index].sign, "\(activation.name)(\(input)) gave \(output[index])")
            }
        }
    }

    @Test("every activation that works by elements is in the table")
    func complete() {
        let names = Set(Self.answers.map(\.0.name))
        #expect(names == Set(Activation.names).subtracting(["softmax", "log_softmax", "sparsemax", "glu"]))
    }

    /// The project's tolerance against Keras; NaN and infinities must be the same.
    private func agrees(_ value: Float, _ expected: Double) -> Bool {
        if expected.isNaN || value.isNaN { return value.isNaN && expected.isNaN }
        if expected.isInfinite { return Double(value) == expected }
        return abs(Double(value) - expected) <= 1e-6 + 1e-5 * abs(expected)
    }
}
