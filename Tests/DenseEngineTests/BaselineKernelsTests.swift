import DenseEngine
import DenseKernelTable
import DenseKernelsBaseline
import DenseReference
import Testing

/// The kernels that run on CPUs without a set of their own, arm64 among them. Compiled for every CPU, so that they are
/// tested wherever the tests run.
@Suite("The baseline kernels")
struct BaselineKernelsTests {
    private let baseline = DenseKernelsBaseline.kernels

    @Test("products equal the reference in every element", arguments: [1, 15, 16, 40, 257])
    func products(inputDimension: Int) throws {
        let distinct = Numbers(count: ProductComparison.distinctRows * inputDimension, seed: 5)
        let input = distinct.repeated(count: 40 * inputDimension)
        let output = Numbers(count: 40 * 70)
        for units in [1, 2, 7, 15, 16, 17, 33, 70] {
            let comparison = ProductComparison(
                distinct, inputDimension: inputDimension, units: units, hasBias: units != 16, clamps: units % 3 == 0)
            let difference = comparison.difference(
                try comparison.layer(baseline), heights: [1, 2, 5, 6, 7, 13, 14, 15, 40], input: input, output: output)
            #expect(difference == nil)
        }
    }

    @Test("activations have the bits of this CPU's own kernels", arguments: ActivationBitsTests.elementwise)
    func activations(_ activation: Activation) throws {
        var numbers = TestNumbers(seed: 31)
        let special: [Float] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 88.8, -104, 1e30]
        let values = special + (0..<1000).map { _ in numbers.float() * 2 }
        let elementwise = try #require(activation.elementwise)
        let outputs = [baseline, Kernels.current].map { table in
            var output = values
            unsafe output.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                unsafe table.activations.elementwise(elementwise, start, buffer.count)
            }
            return output
        }
        #expect(firstDifference(outputs[0], outputs[1]) == nil)
    }

    @Test("stacks have the bits of this CPU's own kernels", arguments: UInt64(400)..<420)
    func stacks(seed: UInt64) throws {
        let stack = try RandomStack(seed: seed)
        let input = try stack.input()
        let expected = try stack.model()(input).output.elements
        #expect(
            firstDifference(try stack.model(kernels: baseline)(input).output.elements, expected) == nil, "\(stack)")
    }
}
