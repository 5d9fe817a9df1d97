package import DenseKernelTable
internal import Dispatch
internal import FoundationEssentials

/// Runs a product, piece by piece, over one or more cores.
package enum MatmulRun {
    /// The number of cores this process may use.
    package static let coreCount = max(ProcessInfo.processInfo.activeProcessorCount, 1)

    /// Handing half of a call to another core costs some 0.1 ms; less than this much arithmetic, 0.4 ms of one core's,
    /// is not worth it.
    private static let arithmeticWorthSplitting = 8e7

    /// The same for calls that read the weights once: 0.4 ms of memory traffic.
    private static let weightBytesWorthSplitting = 1.2e7

    /// The number of threads that pays for a product.
    package static func usefulThreads(rows: Int, inputDimension: Int, units: Int) -> Int {
        // In floating point, which cannot overflow.
        let weights = Double(inputDimension) * Double(units)
        let pays = 2 * weights * Double(rows) > arithmeticWorthSplitting || weights * 4 > weightBytesWorthSplitting
        return pays ? coreCount : 1
    }

    /// `output = activation(input * kernel + bias)`.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of `kernel.inputDimension`.
    ///   - bias: one number a unit, or `nil`.
    ///   - activation: what follows the bias, or `nil` for nothing.
    ///   - output: `rows` rows of `kernel.units`.
    package static func run(
        _ kernel: PackedKernel, input: UnsafePointer<Float>, rows: Int, bias: UnsafePointer<Float>?,
        activation: RowsActivation?, output: UnsafeMutablePointer<Float>, threads: Int
    ) {
        let partition = MatmulPartition(
            rows: rows, units: kernel.units, unitGranularity: kernel.unitGranularity, threads: threads)
        // The pieces are disjoint parts of the output, and nobody writes the inputs.
        nonisolated(unsafe) let (input, bias, output) = unsafe (input, bias, output)
        let pieces = partition.pieces
        let runPiece: @Sendable (Int) -> Void = { index in
            unsafe run(pieces[index], kernel, input, bias, activation, output)
        }
        if threads > 1, pieces.count > 1 {
            DispatchQueue.concurrentPerform(iterations: pieces.count, execute: runPiece)
        } else {
            for index in pieces.indices { runPiece(index) }
        }
        // Where rows were cut, only now they are whole. They are few.
        if let activation, let first = pieces.first, !canFollow(activation, first, of: kernel) {
            unsafe kernel.apply(activation, to: output, rows: rows, columns: kernel.units)
        }
    }

    /// The same for an element-wise activation.
    package static func run(
        _ kernel: PackedKernel, input: UnsafePointer<Float>, rows: Int, bias: UnsafePointer<Float>?,
        activation: ElementwiseActivation?, output: UnsafeMutablePointer<Float>, threads: Int
    ) {
        let onRows = activation.map { RowsActivation.elementwise($0) }
        unsafe run(kernel, input: input, rows: rows, bias: bias, activation: onRows, output: output, threads: threads)
    }

    /// Whether a piece can have its activation at once: an element-wise one, or any on whole rows.
    private static func canFollow(
        _ activation: RowsActivation, _ piece: MatmulPartition.Piece, of kernel: PackedKernel
    ) -> Bool {
        if case .elementwise = activation { return true }
        return piece.units.count == kernel.units
    }

    private static func run(
        _ piece: MatmulPartition.Piece, _ kernel: PackedKernel, _ input: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?, _ activation: RowsActivation?, _ output: UnsafeMutablePointer<Float>
    ) {
        let start = unsafe output + piece.rows.lowerBound * kernel.units
        unsafe kernel.multiply(
            input + piece.rows.lowerBound * kernel.inputDimension, rows: piece.rows.count, units: piece.units,
            bias: bias, output: start)
        guard let activation, canFollow(activation, piece, of: kernel) else { return }
        // While the piece is still in cache; as one run of elements where it is one.
        if piece.units.count == kernel.units {
            unsafe kernel.apply(activation, to: start, rows: piece.rows.count, columns: kernel.units)
        } else {
            for row in 0..<piece.rows.count {
                unsafe kernel.apply(
                    activation, to: start + row * kernel.units + piece.units.lowerBound, rows: 1,
                    columns: piece.units.count)
            }
        }
    }
}
