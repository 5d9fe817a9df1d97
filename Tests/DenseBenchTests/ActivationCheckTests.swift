import CFloat64Reference
import DenseEngine
import DenseKernelTable
import Testing
import dense_bench

@Suite("The check of the activations")
struct ActivationCheckTests {
    @Test("every function is within its bound on a sample", arguments: CheckedFunction.all.indices)
    func bounds(_ index: Int) {
        let function = CheckedFunction.all[index]
        let result = ActivationCheck(kernels: Kernels.current, stride: 1_000_003, threads: 2).run(function)
        #expect(result.isWithin(function.bound), "\(function.name): \(result.ulp) at \(result.input)")
        #expect(result.seconds > 0)
    }

    @Test("an error is found, wherever it lies in a block", arguments: 0..<8)
    func error(position: Int) {
        let inputs = (0..<8).map { Float($0) / 8 }
        var results = inputs
        results[position] = results[position].nextUp
        let found = unsafe reference_worst_distance(REFERENCE_RELU, 0, inputs, results, inputs.count)
        #expect(found.input == inputs[position])
        #expect(found.ulp == 1)
    }

    @Test("NaN and infinities that do not belong are infinitely far off")
    func special() {
        func distance(_ input: Float, _ result: Float) -> Double {
            let (inputs, results) = ([Float](repeating: input, count: 4), [Float](repeating: result, count: 4))
            return unsafe reference_worst_distance(REFERENCE_EXP, 0, inputs, results, 4).ulp
        }
        #expect(distance(0, .nan) == .infinity)
        #expect(distance(.nan, 0) == .infinity)
        #expect(distance(.nan, .nan) == 0)
        #expect(distance(100, .infinity) == 0)
        #expect(distance(100, .greatestFiniteMagnitude) > 1e6)
        #expect(distance(80, .infinity) == .infinity)
        #expect(distance(-.infinity, 0) == 0)
    }

    @Test("a result is exceeded by NaN, by more than the bound, and when nothing was checked")
    func within() {
        var result = ActivationCheck.Result()
        #expect(!result.isWithin(4))
        for (ulp, isWithin) in [(0, true), (4, true), (4.01, false), (.infinity, false), (.nan, false)]
            as [(Double, Bool)]
        {
            result.ulp = ulp
            #expect(result.isWithin(4) == isWithin)
        }
    }
}
