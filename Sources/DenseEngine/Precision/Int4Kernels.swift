internal import CCPUID
internal import CLowPrecision

/// The products with integers of four bits for one instruction set. All give the same bits (`CLowPrecision.h`).
@safe package struct Int4Kernels: Sendable {
    /// `avx512`, `avx2` or `plain`.
    package let instructionSet: String
    private let multiplyRows:
        @convention(c) (
            UnsafePointer<Float>?, Int, int4_weights, Int, Int, UnsafeMutablePointer<Float>?
        ) -> Void

    /// The units of a panel of weights, and what units are filled up to a multiple of.
    static let panelUnits = 128
    static let unitStep = 16
    /// The features whose integers make a word.
    static let wordFeatures = 8

    private init?(_ kernels: int4_kernels) {
        guard let multiply = unsafe kernels.multiply else { return nil }
        instructionSet = unsafe String(cString: kernels.instruction_set)
        unsafe multiplyRows = multiply
    }

    /// Every table this CPU can run, best first.
    package static let available: [Int4Kernels] = {
        var tables: [Int4Kernels?] = []
        #if arch(x86_64)
        if cpu_supports_avx512() { tables.append(unsafe Int4Kernels(int4_avx512)) }
        if cpu_supports_avx2_fma() { tables.append(unsafe Int4Kernels(int4_avx2)) }
        #endif
        tables.append(unsafe Int4Kernels(int4_plain))
        return tables.compactMap(\.self)
    }()

    /// The best table for this CPU.
    package static let current: Int4Kernels = {
        guard let best = available.first else { preconditionFailure("the plain kernels are there") }
        return best
    }()

    /// What `multiply` reads of a kernel.
    @unsafe struct Weights {
        let inputDimension: Int
        let units: Int
        let integers: UnsafePointer<UInt32>
        var scales: UnsafePointer<Float>?
        var zeros: UnsafePointer<Int8>?
        var groups = 0
        var groupSize = 0
        var divisors: UnsafePointer<Float>?
        var bias: UnsafePointer<Float>?
    }

    /// The outputs of some rows and units; a range of units begins at a multiple of `panelUnits`.
    func multiply(
        _ input: UnsafePointer<Float>, rows: Int, by weights: Weights, units: Range<Int>,
        into output: UnsafeMutablePointer<Float>
    ) {
        let weights = unsafe int4_weights(
            features: weights.inputDimension, units: weights.units, integers: weights.integers,
            scales: weights.scales, zeros: weights.zeros, groups: weights.groups, group_features: weights.groupSize,
            divisors: weights.divisors, bias: weights.bias)
        unsafe multiplyRows(input, rows, weights, units.lowerBound, units.count, output)
    }
}
