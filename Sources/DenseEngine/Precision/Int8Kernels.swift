internal import CCPUID
internal import CLowPrecision

/// The products of integers of eight bits for one instruction set. All give the same bits (`CLowPrecision.h`).
@safe package struct Int8Kernels: Sendable {
    /// `avx512_vnni`, `avx_vnni`, `avx2` or `plain`.
    package let instructionSet: String
    private let quantizeRow:
        @convention(c) (UnsafePointer<Float>?, Int, int8_range, UnsafeMutablePointer<UInt8>?) -> Float
    private let multiplyRows:
        @convention(c) (
            UnsafePointer<UInt8>?, UnsafePointer<Float>?, Int, Int, UnsafePointer<Int8>?, UnsafePointer<Int32>?,
            UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, Int, UnsafeMutablePointer<Float>?
        ) -> Void

    /// The units of a panel of weights, and what units are filled up to a multiple of.
    static let panelUnits = 64
    static let unitStep = 16
    /// What features are filled up to a multiple of.
    static let groupFeatures = 4

    private init?(_ kernels: int8_kernels) {
        guard let quantize = unsafe kernels.quantize, let multiply = unsafe kernels.multiply else { return nil }
        instructionSet = unsafe String(cString: kernels.instruction_set)
        unsafe quantizeRow = quantize
        unsafe multiplyRows = multiply
    }

    /// Every table this CPU can run, best first.
    package static let available: [Int8Kernels] = {
        var tables: [Int8Kernels?] = []
        #if arch(x86_64)
        if cpu_supports_avx512_vnni() { tables.append(unsafe Int8Kernels(int8_avx512_vnni)) }
        if cpu_supports_avx_vnni() { tables.append(unsafe Int8Kernels(int8_avx_vnni)) }
        if cpu_supports_avx2_fma() { tables.append(unsafe Int8Kernels(int8_avx2)) }
        #endif
        tables.append(unsafe Int8Kernels(int8_plain))
        return tables.compactMap(\.self)
    }()

    /// The best table for this CPU.
    package static let current: Int8Kernels = {
        guard let best = available.first else { preconditionFailure("the plain kernels are there") }
        return best
    }()

    /// Makes integers of a row, 128 more than they are, and gives what the numbers were multiplied by.
    ///
    /// - Parameter quantized: room for `columns`, rounded up to a multiple of 4.
    func quantize(
        _ row: UnsafePointer<Float>, columns: Int, by quantizer: AbsMaxQuantizer,
        into quantized: UnsafeMutablePointer<UInt8>
    ) -> Float {
        let range = int8_range(
            low: Float(quantizer.low), high: Float(quantizer.high), epsilon: Float(quantizer.epsilon))
        return unsafe quantizeRow(row, columns, range, quantized)
    }

    /// What `multiply` reads of a kernel.
    @unsafe struct Weights {
        let groups: Int
        let integers: UnsafePointer<Int8>
        let corrections: UnsafePointer<Int32>
        let scales: UnsafePointer<Float>
        let bias: UnsafePointer<Float>?
        let units: Int
    }

    /// The outputs of some rows and units; a range of units begins at a multiple of `panelUnits`.
    func multiply(
        _ quantized: UnsafePointer<UInt8>, scales: UnsafePointer<Float>, rows: Int, by weights: Weights,
        units: Range<Int>, into output: UnsafeMutablePointer<Float>
    ) {
        unsafe multiplyRows(
            quantized, scales, rows, weights.groups, weights.integers, weights.corrections, weights.scales,
            weights.bias, weights.units, units.lowerBound, units.count, output)
    }
}
