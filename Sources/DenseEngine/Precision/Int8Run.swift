/// Runs a product of integers, piece by piece, over one or more cores.
package enum Int8Run {
    /// As `MatmulRun.usefulThreads`, for products that are some four times as fast and weights that are a fourth as large.
    static func usefulThreads(_ kernel: PackedInt8Kernel, rows: Int) -> Int {
        MatmulRun.usefulThreads(
            rows: rows, inputDimension: kernel.inputDimension / 4, units: kernel.units)
    }

    /// `output = activation(input * kernel + bias)`, on so many threads.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of `kernel.inputDimension`.
    ///   - output: `rows` rows of `kernel.units`.
    ///   - addsBias: whether the bias is added, if there is one.
    package static func run(
        _ kernel: PackedInt8Kernel, input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?,
        output: UnsafeMutablePointer<Float>, threads: Int, addsBias: Bool = true
    ) {
        let pieces = ProductPieces(
            rows: rows, units: kernel.units, unitGranularity: Int8Kernels.panelUnits, threads: threads,
            kernels: kernel.kernels)
        nonisolated(unsafe) let source = unsafe input
        if pieces.areWholeRows {
            unsafe pieces.run(activation, output: output) { piece, target in
                unsafe withQuantized(
                    kernel, source + piece.rows.lowerBound * kernel.inputDimension, rows: piece.rows.count
                ) { quantized, scales in
                    unsafe kernel.multiply(
                        quantized, scales: scales, rows: piece.rows.count, units: piece.units, into: target,
                        addsBias: addsBias)
                }
            }
            return
        }
        // All pieces need all rows: they are made integers once.
        unsafe withQuantized(kernel, input, rows: rows) { quantized, scales in
            nonisolated(unsafe) let (quantized, scales) = unsafe (quantized, scales)
            unsafe pieces.run(activation, output: output) { piece, target in
                let start = piece.rows.lowerBound
                unsafe kernel.multiply(
                    quantized + start * kernel.groups * Int8Kernels.groupFeatures, scales: scales + start,
                    rows: piece.rows.count, units: piece.units, into: target, addsBias: addsBias)
            }
        }
    }

    private static func withQuantized(
        _ kernel: PackedInt8Kernel, _ input: UnsafePointer<Float>, rows: Int,
        _ body: (UnsafePointer<UInt8>, UnsafePointer<Float>) -> Void
    ) {
        // A group of four integers takes the place of a float.
        let scalesOffset = WorkerArena.aligned(rows * kernel.groups)
        unsafe WorkerArena.withFloats(count: scalesOffset + rows) { floats in
            let bytes = unsafe UnsafeMutableRawPointer(floats)
                .bindMemory(to: UInt8.self, capacity: scalesOffset * MemoryLayout<Float>.stride)
            let scales = unsafe floats + scalesOffset
            unsafe kernel.quantize(input, rows: rows, into: bytes, scales: scales)
            unsafe body(UnsafePointer(bytes), UnsafePointer(scales))
        }
    }
}
