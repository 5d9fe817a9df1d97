package import DenseKernelTable
internal import Glibc

/// A kernel `[inputDimension, units]` and its bias, laid out once for the matmul of one instruction set. Immutable.
///
/// A class, so that a call neither copies nor counts what it refers to.
@safe package final class PackedKernel: Sendable {
    package let inputDimension: Int
    package let units: Int

    /// A range of units may begin at multiples of this number.
    package let unitGranularity: Int

    let kernels: KernelTable
    private let multiplyRows: MatmulKernels.Multiply

    /// At an address that is a multiple of 64 bytes, so that no vector load crosses a cache line.
    private nonisolated(unsafe) let weights: UnsafePointer<Float>

    /// One number a unit, or `nil`; behind the weights, in the same memory.
    private nonisolated(unsafe) let bias: UnsafePointer<Float>?

    /// Layers with fewer units than this run their vectors along the features, by another definition of the sum
    /// (see `ScalarReference`).
    package static let narrowLimit = 16

    /// - Parameters:
    ///   - kernel: `[inputDimension, units]`, row-major.
    ///   - bias: `[units]`, or `nil`.
    ///   - kernels: the instruction set it is packed for.
    /// - Throws: `EngineError.weightShapeMismatch` when the kernel's rank is not 2 or the bias is not of its units,
    ///   `EngineError.invalidShape` when the packed form would be too large to address.
    package init(
        kernel: Tensor, bias: Tensor? = nil, for kernels: KernelTable = Kernels.current
    ) throws(EngineError) {
        guard kernel.shape.rank == 2 else {
            throw .weightShapeMismatch(layer: "dense", weight: "kernel", expected: [-1, -1], received: kernel.shape)
        }
        let inputDimension = kernel.shape.dimensions[0]
        let units = kernel.shape.dimensions[1]
        if let bias, bias.shape.dimensions != [units] {
            throw .weightShapeMismatch(layer: "dense", weight: "bias", expected: [units], received: bias.shape)
        }
        let isNarrow = units < Self.narrowLimit
        let packed: Shape =
            isNarrow
            ? try Shape([units, try Self.roundedUp(inputDimension, to: 16)])
            : try Shape([inputDimension, try Self.roundedUp(units, to: kernels.matmul.panelWidth)])
        let pack = unsafe isNarrow ? kernels.matmul.packNarrow : kernels.matmul.packPanels
        self.inputDimension = inputDimension
        self.units = units
        self.unitGranularity = isNarrow ? 1 : kernels.matmul.panelWidth
        self.kernels = kernels
        unsafe self.multiplyRows = isNarrow ? kernels.matmul.multiplyNarrow : kernels.matmul.multiplyPanels

        // One number a unit is too few to overflow, beside as many numbers as fit.
        let count = packed.count &+ (bias == nil ? 0 : units)
        let memory = unsafe Self.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride)
        let floats = unsafe memory.bindMemory(to: Float.self, capacity: count)
        unsafe kernel.elements.withUnsafeBufferPointer { elements in
            guard let source = elements.baseAddress else { return }
            unsafe pack(source, inputDimension, units, floats)
        }
        unsafe weights = UnsafePointer(floats)
        if let bias {
            let target = unsafe floats + packed.count
            unsafe _ = UnsafeMutableBufferPointer(start: target, count: units).initialize(from: bias.elements)
            unsafe self.bias = UnsafePointer(target)
        } else {
            unsafe self.bias = nil
        }
    }

    deinit { unsafe weights.deallocate() }

    /// Memory in large pages, where there is much of it and the system has them for who asks: they are quicker to get and
    /// to find.
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let largePage = 2 << 20
        guard byteCount >= largePage else { return .allocate(byteCount: byteCount, alignment: 64) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: largePage)
        #if os(Linux)
        // Without them it works as well.
        _ = unsafe madvise(memory, byteCount, MADV_HUGEPAGE)
        #endif
        return unsafe memory
    }

    private static func roundedUp(_ count: Int, to multiple: Int) throws(EngineError) -> Int {
        let (sum, overflow) = count.addingReportingOverflow(multiple - 1)
        guard !overflow else { throw .invalidShape([count]) }
        return sum / multiple * multiple
    }

    /// `output = input * kernel + bias`, or `max(output, 0)` of it, for some rows and some units, on the calling thread.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of `inputDimension`.
    ///   - units: the units to compute; begins at a multiple of `unitGranularity`.
    ///   - clampsAtZero: whether `relu` without arguments is applied.
    ///   - output: `rows` rows of `self.units`, of which the columns `units` are written.
    ///   - addsBias: whether the bias is added, if there is one.
    package func multiply(
        _ input: UnsafePointer<Float>, rows: Int, units range: Range<Int>, clampsAtZero: Bool,
        output: UnsafeMutablePointer<Float>, addsBias: Bool = true
    ) {
        guard rows > 0, !range.isEmpty else { return }
        unsafe multiplyRows(
            input, rows, inputDimension, weights, units, range.lowerBound, range.count,
            addsBias ? bias : nil, clampsAtZero, output)
    }

    /// Applies an activation to contiguous rows of outputs, with the kernels of the same instruction set.
    package func apply(
        _ activation: RowsActivation, to values: UnsafeMutablePointer<Float>, rows: Int, columns: Int
    ) {
        unsafe kernels.apply(activation, to: values, rows: rows, columns: columns)
    }
}
