import DenseKernelTable

// The vector of a register tile, and how much of a panel it covers. All vector widths compute the same bits, since
// every output has a chain of its own.
#if KERNELS_AVX512
typealias Vector = SIMD16<Float>
let maximumTileRows = 14
#else
typealias Vector = SIMD8<Float>
let maximumTileRows = 6
#endif

/// The floats in a `Vector`.
@inline(__always) var vectorWidth: Int { Vector.scalarCount }

/// The units of one panel: two vectors, so that each broadcast input feeds two multiply-adds.
@inline(__always) var panelWidth: Int { 2 * vectorWidth }

/// The input features of one block, by the numeric contract.
@inline(__always) var blockDepth: Int { 256 }

/// The chains of a narrow layer's block, by the numeric contract.
@inline(__always) var chainCount: Int { 16 }

let matmulKernels = unsafe MatmulKernels(
    panelWidth: panelWidth,
    packPanels: { unsafe packPanels($0, $1, $2, $3) },
    multiplyPanels: { unsafe multiplyPanels($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
    packNarrow: { unsafe packNarrow($0, $1, $2, $3) },
    multiplyNarrow: { unsafe multiplyNarrow($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) })

@inline(__always)
func load(_ source: UnsafePointer<Float>) -> Vector {
    unsafe UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
}

@inline(__always)
func store(_ vector: Vector, _ target: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(target).storeBytes(of: vector, as: Vector.self)
}
