internal import DenseKernelTable
internal import Locks

/// Runs a product, piece by piece, over one or more cores.
package enum MatmulRun {
    /// Handing half of a call to another core costs some 0.1 ms: it pays for calls that take 0.3 ms. The number is
    /// arithmetic, not measured by itself: 0.3 ms of a fast core (273 GFLOP/s) are 8.2e7 operations; on slower ones a call
    /// this large takes longer, and pays the more.
    private static let arithmeticWorthSplitting = 8e7

    /// The same for calls that read the weights once, from DRAM: 0.3 ms at 50 GB/s.
    private static let weightBytesWorthSplitting = 1.5e7

    /// The number of threads that pays for a product on an idle machine.
    package static func usefulThreads(rows: Int, inputDimension: Int, units: Int) -> Int {
        // In floating point, which cannot overflow.
        let weights = Double(inputDimension) * Double(units)
        let pays = 2 * weights * Double(rows) > arithmeticWorthSplitting || weights * 4 > weightBytesWorthSplitting
        return pays ? ComputeThreads.cores : 1
    }

    /// `output = activation(input * kernel + bias)`. Allocates nothing on one thread.
    ///
    /// - Parameters:
    ///   - kernel: with the bias, if there is one.
    ///   - input: `rows` rows of `kernel.inputDimension`.
    ///   - activation: what follows the bias, or `nil` for nothing.
    ///   - output: `rows` rows of `kernel.units`.
    ///   - addsBias: whether the bias is added, if there is one.
    package static func run(
        _ kernel: PackedKernel, input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?,
        output: UnsafeMutablePointer<Float>, threads: Int, addsBias: Bool = true
    ) {
        // Short and frequent, such a product would spend more time on being cut than on numbers.
        guard threads > 1 || rows > MatmulPartition.smallestBlock else {
            let piece = MatmulPartition.Piece(rows: 0..<rows, units: 0..<kernel.units)
            return unsafe run(piece, kernel, input, activation, output, addsBias)
        }
        let partition = MatmulPartition(
            rows: rows, units: kernel.units, unitGranularity: kernel.unitGranularity, threads: threads)
        guard partition.count > 0 else { return }
        // The pieces are disjoint parts of the output, and nobody writes the inputs.
        nonisolated(unsafe) let (input, output) = unsafe (input, output)
        ComputeThreads.perform(partition.count, threads: threads) { index in
            unsafe run(partition[index], kernel, input, activation, output, addsBias)
        }
        // Where rows were cut, only now they are whole. They are few.
        if let activation, !canFollow(activation, partition[0], of: kernel) {
            unsafe kernel.apply(activation, to: output, rows: rows, columns: kernel.units)
        }
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
        _ activation: RowsActivation?, _ output: UnsafeMutablePointer<Float>, _ addsBias: Bool
    ) {
        let start = unsafe output + piece.rows.lowerBound * kernel.units
        let clampsAtZero = activation?.isClampAtZero ?? false
        unsafe kernel.multiply(
            input + piece.rows.lowerBound * kernel.inputDimension, rows: piece.rows.count, units: piece.units,
            clampsAtZero: clampsAtZero, output: start, addsBias: addsBias)
        guard let activation, !clampsAtZero, canFollow(activation, piece, of: kernel) else { return }
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

extension RowsActivation {
    /// Whether this is `relu` without arguments, which the product itself applies before it stores a number. Compared
    /// field by field, as the comparison of whole values takes longer than a small product.
    fileprivate var isClampAtZero: Bool {
        guard case .elementwise(let activation) = self, case .relu = activation.operation else { return false }
        return activation.first == 0 && activation.second == .infinity && activation.third == 0
    }
}
