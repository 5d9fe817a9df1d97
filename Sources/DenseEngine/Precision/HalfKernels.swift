internal import CLowPrecision
internal import DenseKernelTable

/// The products of weights of 16 bits for one type and instruction set. All give the same bits (`HalfProduct.h`).
@safe struct HalfKernels: Sendable {
    private typealias Multiply =
        @convention(c) (
            UnsafePointer<Float>?, Int, Int, UnsafePointer<UInt16>?, Int, Int, Int, UnsafeMutablePointer<Float>?
        ) -> Void
    private let multiplyRows: Multiply

    /// The units of a panel of weights, and what units are filled up to a multiple of.
    static let panelUnits = 64
    static let unitStep = 16

    /// - Parameters:
    ///   - type: float16 or bfloat16.
    ///   - kernels: of the instruction set that is to be used.
    init(_ type: DType, for kernels: KernelTable) {
        #if arch(x86_64)
        switch ("\(kernels.instructionSet)", type) {
        case ("avx512", .float16): unsafe multiplyRows = float16_product_avx512
        case ("avx512", _): unsafe multiplyRows = bfloat16_product_avx512
        case ("avx2", .float16): unsafe multiplyRows = float16_product_avx2
        case ("avx2", _): unsafe multiplyRows = bfloat16_product_avx2
        case (_, .float16): unsafe multiplyRows = float16_product
        default: unsafe multiplyRows = bfloat16_product
        }
        #else
        unsafe multiplyRows = type == .float16 ? float16_product : bfloat16_product
        #endif
    }

    /// The products of some rows and units; a range of units begins at a multiple of `panelUnits`.
    ///
    /// - Parameters:
    ///   - weights: the panels of all `units`.
    ///   - output: rows of all units.
    func multiply(
        _ input: UnsafePointer<Float>, rows: Int, features: Int, by weights: UnsafePointer<UInt16>, units: Int,
        range: Range<Int>, into output: UnsafeMutablePointer<Float>
    ) {
        unsafe multiplyRows(input, rows, features, weights, units, range.lowerBound, range.count, output)
    }
}
