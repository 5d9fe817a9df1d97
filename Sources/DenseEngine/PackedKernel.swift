package import DenseKernelTable

/// A kernel `[inputDimension, units]`, laid out once for the matmul of one instruction set.
package struct PackedKernel: Sendable {
    package let inputDimension: Int
    package let units: Int
    private let kernels: KernelTable
    private let storage: AlignedFloats

    /// Layers with fewer units than this run their vectors along the features, by another definition of the sum
    /// (see `ScalarReference`).
    package static let narrowLimit = 16

    /// - Parameters:
    ///   - kernel: `[inputDimension, units]`, row-major.
    ///   - kernels: the instruction set it is packed for.
    /// - Throws: `EngineError.weightShapeMismatch` when the kernel's rank is not 2, `EngineError.invalidShape` when the
    ///   packed form would be too large to address.
    package init(kernel: Tensor, for kernels: KernelTable = Kernels.current) throws(EngineError) {
        guard kernel.shape.rank == 2 else {
            throw .weightShapeMismatch(layer: "dense", weight: "kernel", expected: [-1, -1], received: kernel.shape)
        }
        let inputDimension = kernel.shape.dimensions[0]
        let units = kernel.shape.dimensions[1]
        let isNarrow = units < Self.narrowLimit
        let packed: Shape =
            isNarrow
            ? try Shape([units, try Self.roundedUp(inputDimension, to: 16)])
            : try Shape([inputDimension, try Self.roundedUp(units, to: kernels.matmul.panelWidth)])
        let pack = unsafe isNarrow ? kernels.matmul.packNarrow : kernels.matmul.packPanels
        self.inputDimension = inputDimension
        self.units = units
        self.kernels = kernels
        self.storage = unsafe AlignedFloats(count: packed.count) { target in
            unsafe kernel.elements.withUnsafeBufferPointer { elements in
                guard let source = elements.baseAddress else { return }
                unsafe pack(source, inputDimension, units, target)
            }
        }
    }

    private static func roundedUp(_ count: Int, to multiple: Int) throws(EngineError) -> Int {
        let (sum, overflow) = count.addingReportingOverflow(multiple - 1)
        guard !overflow else { throw .invalidShape([count]) }
        return sum / multiple * multiple
    }

    /// `output = input * kernel + bias` for some rows and some units, on the calling thread.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of `inputDimension`.
    ///   - units: the units to compute; begins at a multiple of `unitGranularity`.
    ///   - bias: one number a unit, for all units, or `nil`.
    ///   - output: `rows` rows of `self.units`, of which the columns `units` are written.
    package func multiply(
        _ input: UnsafePointer<Float>, rows: Int, units range: Range<Int>, bias: UnsafePointer<Float>?,
        output: UnsafeMutablePointer<Float>
    ) {
        guard rows > 0, !range.isEmpty else { return }
        let multiply = unsafe isNarrow ? kernels.matmul.multiplyNarrow : kernels.matmul.multiplyPanels
        unsafe multiply(
            input, rows, inputDimension, storage.start + range.lowerBound * packedUnitStride, range.count,
            bias.map { unsafe $0 + range.lowerBound }, output + range.lowerBound, units)
    }

    /// Applies an activation to contiguous rows of outputs, with the kernels of the same instruction set.
    package func apply(
        _ activation: RowsActivation, to values: UnsafeMutablePointer<Float>, rows: Int, columns: Int
    ) {
        let activations = kernels.activations
        switch activation {
        case .elementwise(let elementwise): unsafe activations.elementwise(elementwise, values, rows * columns)
        case .softmax: unsafe activations.softmax(values, rows, columns)
        case .logSoftmax: unsafe activations.logSoftmax(values, rows, columns)
        case .sparsemax: unsafe activations.sparsemax(values, rows, columns)
        }
    }

    private var isNarrow: Bool { units < Self.narrowLimit }

    /// A range of units may begin at multiples of this number.
    package var unitGranularity: Int { isNarrow ? 1 : kernels.matmul.panelWidth }

    /// The packed elements that one unit takes.
    private var packedUnitStride: Int {
        isNarrow ? (inputDimension + 15) / 16 * 16 : inputDimension
    }
}

/// Floats at an address that is a multiple of 64 bytes, so that no vector load crosses a cache line. Immutable once made.
@safe private final class AlignedFloats: Sendable {
    nonisolated(unsafe) let start: UnsafePointer<Float>

    init(count: Int, initializing fill: (UnsafeMutablePointer<Float>) -> Void) {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        let floats = unsafe memory.bindMemory(to: Float.self, capacity: count)
        unsafe fill(floats)
        unsafe start = UnsafePointer(floats)
    }

    deinit { unsafe start.deallocate() }
}
