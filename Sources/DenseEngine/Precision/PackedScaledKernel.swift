internal import DenseKernelTable

/// A kernel of integers of eight bits with a scale for each unit, for inputs that stay float32: what Keras's `Dense` is after
/// `quantize` with an `Int8QuantizationConfig` without a quantizer for activations. Immutable.
///
/// `output = (input * integers) / scale + bias`: the product as `ScalarReference` defines it, of the integers as numbers;
/// then each step rounded by itself.
package final class PackedScaledKernel: Sendable {
    let product: PackedKernel
    /// `[inputDimension, units]`, row-major.
    private let integers: [Int8]
    /// One a unit: what the weights were multiplied by.
    let scales: [Float]
    private let bias: [Float]?

    /// - Parameters: as those of `PackedInt8Kernel`.
    /// - Throws: as `PackedKernel` does.
    init(
        integers: [Int8], inputDimension: Int, scales: [Float], bias: Tensor?, kernels: KernelTable
    ) throws(EngineError) {
        let kernel = try Tensor([inputDimension, scales.count], integers.map { Float($0) })
        product = try PackedKernel(kernel: kernel, for: kernels)
        self.integers = integers
        self.scales = scales
        self.bias = bias?.elements
    }

    /// What it takes in memory.
    var byteCount: Int { integers.count * (1 + MemoryLayout<Float>.stride) }

    /// The integers as numbers, `[inputDimension, units]`.
    var kernel: Tensor {
        get throws(EngineError) { try Tensor([product.inputDimension, product.units], integers.map { Float($0) }) }
    }

    /// `output = activation(input * kernel + bias)`, on so many threads.
    ///
    /// - Parameters: as those of `Int8Run.run`.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int, addsBias: Bool = true
    ) {
        let pieces = ProductPieces(
            rows: rows, units: product.units, unitGranularity: product.unitGranularity, threads: threads,
            kernels: product.kernels)
        nonisolated(unsafe) let input = unsafe input
        unsafe pieces.run(activation, output: output) { piece, target in
            unsafe product.multiply(
                input + piece.rows.lowerBound * product.inputDimension, rows: piece.rows.count, units: piece.units,
                clampsAtZero: false, output: target)
            unsafe finish(target, rows: piece.rows.count, units: piece.units, addsBias: addsBias)
        }
    }

    private func finish(_ output: UnsafeMutablePointer<Float>, rows: Int, units: Range<Int>, addsBias: Bool) {
        for row in 0..<rows {
            let target = unsafe output + row * product.units
            for unit in units { unsafe target[unit] /= scales[unit] }
            guard addsBias, let bias else { continue }
            for unit in units { unsafe target[unit] += bias[unit] }
        }
    }
}
