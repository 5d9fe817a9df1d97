import DenseEngine
import DenseKernelTable
import Testing

@Suite("The accuracy of the activations")
struct ActivationAccuracyTests {
    /// The worst error allowed, in ulp, over all finite float32 inputs.
    struct Bound: CustomTestStringConvertible {
        let ulp: Double
        let activation: ElementwiseActivation

        init(_ ulp: Double, _ operation: ElementwiseActivation.Operation, _ arguments: Float...) {
            self.ulp = ulp
            activation = ElementwiseActivation(
                operation, arguments.first ?? 0, arguments.dropFirst().first ?? 0, arguments.dropFirst(2).first ?? 0)
        }

        var testDescription: String { "\(activation.operation) \(activation.first)" }
    }

    static let bounds = [
        Bound(2, .exponential), Bound(2, .expm1), Bound(2, .log1p), Bound(2, .tanh), Bound(2, .sigmoid), Bound(2, .erf),
        Bound(2, .softplus), Bound(2, .logSigmoid), Bound(4, .gelu), Bound(2, .geluTanh), Bound(2, .silu),
        Bound(2, .mish), Bound(1, .elu, 1), Bound(2, .elu, 0.3), Bound(2, .selu), Bound(1, .celu, 1),
        Bound(2, .celu, 0.7), Bound(4, .tanhShrink), Bound(1.5, .hardSigmoid), Bound(2, .hardSiLU),
        Bound(1, .sparseSigmoid), Bound(2, .sparsePlus), Bound(2, .softsign), Bound(3, .squareplus, 4),
        Bound(3, .squareplus, 0), Bound(3, .squareplus, 1e-30), Bound(3, .squareplus, -4), Bound(3, .squareplus, 1e38),
        Bound(0, .linear), Bound(0, .relu, 0, .infinity), Bound(0, .relu, 0, 3), Bound(1, .relu, 0.3, .infinity),
        Bound(1.5, .relu, 0.25, 8, 2), Bound(0, .relu6), Bound(1, .leakyReLU, 0.2), Bound(0, .hardTanh),
        Bound(0, .hardShrink, 0.5), Bound(1, .softShrink, 0.5), Bound(0, .threshold, 1, -2),
    ]

    @Test("every activation is within its ulp of float64 over the whole range", arguments: bounds)
    func accuracy(_ bound: Bound) throws {
        var worst = 0.0
        var where_ = Float.nan
        ActivationSamples.forEachBlock { inputs in
            let outputs = inputs.applying(bound.activation, Kernels.current)
            for index in inputs.indices {
                let reference = activationReference(bound.activation, Double(inputs[index]))
                let distance = ulpDistance(outputs[index], reference)
                if distance > worst { (worst, where_) = (distance, inputs[index]) }
            }
        }
        #expect(worst <= bound.ulp, "at \(where_)")
    }

    @Test("every instruction set gives the same bits", arguments: bounds)
    func instructionSets(_ bound: Bound) throws {
        for table in Kernels.available.dropFirst() {
            ActivationSamples.forEachBlock { inputs in
                let expected = inputs.applying(bound.activation, Kernels.current)
                let difference = firstDifference(inputs.applying(bound.activation, table), expected)
                #expect(difference == nil, "\(table.instructionSet), at \(difference.map { inputs[$0] } ?? 0)")
            }
        }
    }

    @Test("the measure of distance sees one ulp, NaN and overflow")
    func measure() {
        #expect(ulpDistance(1, 1) == 0)
        #expect(ulpDistance(Float(1).nextUp, 1) == 1)
        #expect(ulpDistance(Float.leastNonzeroMagnitude, 0) == 1)
        #expect(ulpDistance(.nan, 1) == .infinity)
        #expect(ulpDistance(.nan, .nan) == 0)
        #expect(ulpDistance(.infinity, 1e39) == 0)
        #expect(ulpDistance(-.infinity, 1e39) == .infinity)
    }
}

/// Finite float32 inputs: every 8209th bit pattern, and all near powers of two and near where the functions change form.
enum ActivationSamples {
    static func forEachBlock(_ body: ([Float]) -> Void) {
        var block: [Float] = []
        func add(_ pattern: UInt32) {
            let value = Float(bitPattern: pattern)
            guard value.isFinite else { return }
            block.append(value)
            guard block.count == 4096 else { return }
            body(block)
            block.removeAll(keepingCapacity: true)
        }
        for pattern in stride(from: UInt32(0), through: .max, by: 8209) { add(pattern) }
        for binade in UInt32(0)..<512 {
            for offset in UInt32(0)..<4 {
                add((binade << 23) &+ offset)
                add((binade << 23) &- offset)
            }
        }
        let edges: [Float] = [
            // Where gelu and mish were once worst.
            6.4175367, 6.7663307, 7.8683705,
            // Where a function changes form.
            0.1, 0.3465736, 0.5, 0.6, 0.625, 0.69314718, 0.75, 0.92, 1.2, 1.5, 2.5, 3, 5, 6, 7.4, 9, 10, 11, 13.5, 14,
            15,
            26, 87.3, 88.7, 89, 103.97, 104, 110, 112,
        ]
        for edge in edges {
            for offset in UInt32(0)..<200 {
                add(edge.bitPattern &- 100 &+ offset)
                add((-edge).bitPattern &- 100 &+ offset)
            }
        }
        body(block)
    }
}

extension [Float] {
    /// The values with an activation applied by the kernels of `table`.
    func applying(_ activation: ElementwiseActivation, _ table: KernelTable) -> [Float] {
        var values = self
        unsafe values.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe table.activations.elementwise(activation, start, buffer.count)
        }
        return values
    }
}
