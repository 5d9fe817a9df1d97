internal import DenseKernelTable
internal import Locks

extension PackedWeights {
    /// `output = activation(input * kernel + terms + bias)`: one product of all rows, and the terms of those that have some.
    ///
    /// A row without a term gets the bits of `run` without terms: the bias is a float32 addition after the whole product in
    /// either.
    ///
    /// - Parameters:
    ///   - terms: none is a product like any other.
    ///   - others: as those of `run`.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int?, terms: [AdaptedRows]
    ) {
        guard let first = terms.first else {
            return unsafe run(input: input, rows: rows, activation: activation, output: output, threads: threads)
        }
        guard let threads else {
            return ComputeThreads.shared.withIdle(most: usefulThreads(rows: rows)) { threads in
                unsafe run(
                    input: input, rows: rows, activation: activation, output: output, threads: threads, terms: terms)
            }
        }
        unsafe run(
            input: input, rows: rows, activation: nil, output: output, threads: threads, addsBias: false)
        let pieces = AdaptedPieces(rows: rows, most: threads)
        // The pieces are disjoint parts of the output, and nobody writes the input.
        nonisolated(unsafe) let (input, output) = unsafe (input, output)
        let (inputs, units) = (inputDimension, units)
        ComputeThreads.perform(pieces.count, threads: pieces.count) { index in
            let piece = pieces[index]
            for part in terms {
                let common = part.rows.clamped(to: piece)
                guard !common.isEmpty else { continue }
                unsafe part.layer.term.add(
                    input + common.lowerBound * inputs, rows: common.count, to: output + common.lowerBound * units)
            }
            let start = unsafe output + piece.lowerBound * units
            if let bias = first.layer.bias { unsafe Self.add(bias, to: start, rows: piece.count) }
            if let activation {
                unsafe kernels.apply(activation, to: start, rows: piece.count, columns: units)
            }
        }
    }

    private static func add(_ bias: [Float], to output: UnsafeMutablePointer<Float>, rows: Int) {
        for row in 0..<rows {
            let target = unsafe output + row * bias.count
            for unit in bias.indices { unsafe target[unit] += bias[unit] }
        }
    }
}

/// The rows of a product, cut evenly.
private struct AdaptedPieces {
    let count: Int
    private let rows: Int

    init(rows: Int, most: Int) {
        self.rows = rows
        // Few rows are not worth a thread of their own.
        count = max(1, min(most, rows / 64))
    }

    subscript(index: Int) -> Range<Int> {
        let (share, rest) = rows.quotientAndRemainder(dividingBy: count)
        let start = share * index + min(index, rest)
        return start..<start + share + (index < rest ? 1 : 0)
    }
}

extension Layer {
    /// The output, and the value before the activation, with a layer's terms.
    ///
    /// - Throws: as calling the layer does.
    func logitsAndOutput(
        _ input: Tensor, layer index: Int, _ adapters: AdapterRows
    ) throws(EngineError) -> (logits: Tensor, output: Tensor) {
        guard case .dense(let dense) = self else { return try logitsAndOutput(input) }
        let shape = try dense.logitsShape(for: input.shape)
        let rows = input.shape.rowCount
        let positions = input.shape.dimensions[0]
        let terms = adapters.terms(
            of: index, in: 0..<rows, rowsPerPosition: positions == 0 ? 0 : rows / positions)
        // Without terms the layer may be of any type; those that have some are of float32.
        guard !terms.isEmpty else { return try logitsAndOutput(input) }
        let logits = unsafe Tensor(shape: shape) { (output: UnsafeMutableBufferPointer<Float>) in
            guard let target = output.baseAddress else { return }
            unsafe input.withElements { source in
                unsafe dense.packed.run(
                    input: source.baseAddress ?? UnsafePointer(target), rows: rows, activation: nil, output: target,
                    threads: nil, terms: terms)
            }
        }
        return (logits, try dense.configuration.activation(logits))
    }
}
