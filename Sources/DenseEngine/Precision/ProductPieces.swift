internal import DenseKernelTable
internal import Locks

/// A product cut into pieces, whatever its kernel is made of: runs them over one or more cores, each with the activation
/// that follows.
struct ProductPieces: Sendable {
    private let partition: MatmulPartition
    private let rows: Int
    private let units: Int
    private let threads: Int
    private let kernels: KernelTable

    init(rows: Int, units: Int, unitGranularity: Int, threads: Int, kernels: KernelTable) {
        partition = MatmulPartition(rows: rows, units: units, unitGranularity: unitGranularity, threads: threads)
        self.rows = rows
        self.units = units
        self.threads = threads
        self.kernels = kernels
    }

    /// Whether each piece has all units of its rows.
    var areWholeRows: Bool { partition.count == 0 || partition[0].units.count == units }

    /// Runs all pieces.
    ///
    /// - Parameters:
    ///   - output: `rows` rows of `units`.
    ///   - multiply: writes the outputs of a piece before the activation, given where its first row of all units begins.
    func run(
        _ activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        _ multiply: @Sendable (MatmulPartition.Piece, UnsafeMutablePointer<Float>) -> Void
    ) {
        // The pieces are disjoint parts of the output.
        nonisolated(unsafe) let output = unsafe output
        @Sendable func runPiece(_ index: Int) {
            let piece = partition[index]
            let start = unsafe output + piece.rows.lowerBound * units
            unsafe multiply(piece, start)
            if let activation, canFollow(activation) { unsafe apply(activation, to: piece, at: start) }
        }
        ComputeThreads.perform(partition.count, threads: threads, runPiece)
        // Where rows were cut, only now they are whole.
        if let activation, !canFollow(activation) {
            unsafe kernels.apply(activation, to: output, rows: rows, columns: units)
        }
    }

    /// Whether a piece can have its activation at once: an element-wise one, or any on whole rows.
    private func canFollow(_ activation: RowsActivation) -> Bool {
        if case .elementwise = activation { return true }
        return areWholeRows
    }

    private func apply(
        _ activation: RowsActivation, to piece: MatmulPartition.Piece, at start: UnsafeMutablePointer<Float>
    ) {
        if areWholeRows {
            return unsafe kernels.apply(activation, to: start, rows: piece.rows.count, columns: units)
        }
        for row in 0..<piece.rows.count {
            unsafe kernels.apply(
                activation, to: start + row * units + piece.units.lowerBound, rows: 1, columns: piece.units.count)
        }
    }
}
