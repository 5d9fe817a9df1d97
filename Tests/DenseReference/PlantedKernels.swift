internal import DenseEngine
package import DenseKernelTable

/// Matmul kernels that are wrong in one small thing each, to see that the comparison with the reference finds it.
package enum PlantedError: CaseIterable, Sendable {
    /// The last number of a block of 15 rows, one more than a tile has, is off by one unit in the last place.
    case tileEdge
    /// The chain of a block goes on where a new one should begin.
    case depthBlock
    /// The last unit gets no bias.
    case bias
    /// A product is rounded before it is added.
    case roundedProduct
    /// A narrow layer's block is one chain instead of sixteen.
    case narrowChain
    /// A narrow layer's last unit gets no bias.
    case narrowBias
    /// The first number of the ninth row is that of the eighth.
    case narrowRow
    /// Nothing: to see that it is the errors that are found.
    case none
}

extension PlantedError {
    /// The table that computes so.
    package var kernels: KernelTable {
        let right = Planted.right
        let wide: MatmulKernels.Multiply =
            switch self {
            case .tileEdge:
                {
                    unsafe Planted.right.multiplyPanels($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
                    guard $1 == 15 else { return }
                    let last = unsafe $9 + (14 * $4 + $5 + $6 - 1)
                    unsafe last.pointee = last.pointee.nextUp
                }
            case .depthBlock:
                { unsafe Planted.wide($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, block: .max) }
            case .bias:
                { unsafe Planted.wide($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, biased: $4 - 1) }
            case .roundedProduct:
                { unsafe Planted.wide($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, isFused: false) }
            case .none: { unsafe Planted.wide($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) }
            case .narrowChain, .narrowBias, .narrowRow: unsafe right.multiplyPanels
            }
        let packWide: MatmulKernels.Pack =
            switch self {
            case .depthBlock, .bias, .roundedProduct, .none:
                { unsafe $3.update(from: $0, count: $1 * $2) }
            case .tileEdge, .narrowChain, .narrowBias, .narrowRow: unsafe right.packPanels
            }
        let narrow: MatmulKernels.Multiply =
            switch self {
            case .narrowChain:
                {
                    unsafe Planted.right.multiplyNarrow($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
                    // The first unit of the first row.
                    var sum: Float = 0
                    for feature in 0..<$2 { unsafe sum.addProduct($0[feature], $3[feature]) }
                    unsafe $9[0] = sum + ($7?[0] ?? 0)
                }
            case .narrowBias:
                {
                    unsafe Planted.right.multiplyNarrow($0, $1, $2, $3, $4, $5, $6, nil, $8, $9)
                    guard let bias = unsafe $7 else { return }
                    for row in 0..<$1 { for unit in 0..<$4 - 1 { unsafe $9[row * $4 + unit] += bias[unit] } }
                }
            case .narrowRow:
                {
                    unsafe Planted.right.multiplyNarrow($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
                    guard $1 == 9 else { return }
                    unsafe $9[8 * $4] = $9[7 * $4]
                }
            case .tileEdge, .depthBlock, .bias, .roundedProduct, .none: unsafe right.multiplyNarrow
            }
        return KernelTable(
            instructionSet: "planted",
            matmul: unsafe MatmulKernels(
                panelWidth: right.panelWidth, packPanels: packWide, multiplyPanels: wide,
                packNarrow: right.packNarrow, multiplyNarrow: narrow),
            activations: Planted.activations, normalizations: Planted.normalizations)
    }
}

/// What the planted errors are planted in.
private enum Planted {
    static let right = Kernels.current.matmul
    static let activations = Kernels.current.activations
    static let normalizations = Kernels.current.normalizations

    /// A plain product over weights as they were given, right with the arguments it has by itself.
    ///
    /// - Parameters:
    ///   - block: after how many features a new chain begins.
    ///   - biased: so many units get their bias.
    ///   - isFused: whether a product is added without being rounded.
    static func wide(
        _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>,
        _ kernelUnits: Int, _ firstUnit: Int, _ units: Int, _ bias: UnsafePointer<Float>?, _ clampsAtZero: Bool,
        _ output: UnsafeMutablePointer<Float>,
        block: Int = 256, biased: Int = .max, isFused: Bool = true
    ) {
        for row in 0..<rows {
            for unit in firstUnit..<firstUnit + units {
                var (total, chain): (Float, Float) = (0, 0)
                for feature in 0..<inputDimension {
                    let weight = unsafe packed[feature * kernelUnits + unit]
                    let value = unsafe input[row * inputDimension + feature]
                    chain = isFused ? chain.addingProduct(value, weight) : chain + value * weight
                    guard feature % block == block - 1 || feature == inputDimension - 1 else { continue }
                    total = feature < block ? chain : total + chain
                    chain = 0
                }
                if let bias = unsafe bias, unit < biased { unsafe total += bias[unit] }
                unsafe output[row * kernelUnits + unit] = total
            }
        }
    }
}
