internal import CCPUID
internal import CLowPrecision
internal import DenseKernelTable

/// A kernel of float64 with its bias: what `ScalarReference` defines, with every number and every operation in float64.
/// Immutable.
package final class PackedDoubleKernel: Sendable {
    let inputDimension: Int
    let units: Int
    /// `[inputDimension, units]`, row-major.
    let elements: [Double]
    private let bias: [Double]?
    let kernels: KernelTable

    /// - Parameters:
    ///   - kernel: `[inputDimension, units]`.
    ///   - bias: `[units]`, or `nil`.
    init(kernel: Tensor, bias: Tensor?, kernels: KernelTable) {
        inputDimension = kernel.shape.rowCount
        units = kernel.shape.lastAxis
        elements = kernel.asDoubles
        self.bias = bias?.asDoubles
        self.kernels = kernels
    }

    /// What it takes in memory, with the kernel as it was given.
    var byteCount: Int { inputDimension * units * (2 * MemoryLayout<Double>.stride + MemoryLayout<Float>.stride) }

    /// The output before the activation, of rows of the input.
    func run(_ input: [Double], rows: Int) -> [Double] {
        var output = [Double](repeating: 0, count: rows * units)
        let multiply = unsafe Self.multiply
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe elements.withUnsafeBufferPointer { kernel in
                    unsafe multiply(
                        input.baseAddress, rows, inputDimension, kernel.baseAddress, units, output.baseAddress)
                }
            }
            guard let bias else { return }
            for row in 0..<rows {
                for unit in 0..<units { unsafe output[row * units + unit] += bias[unit] }
            }
        }
        return output
    }

    /// The same from float32 to float32.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>
    ) {
        let input = unsafe UnsafeBufferPointer(start: input, count: rows * inputDimension).map { Double($0) }
        for (index, value) in run(input, rows: rows).enumerated() { unsafe output[index] = Float(value) }
        if let activation { unsafe kernels.apply(activation, to: output, rows: rows, columns: units) }
    }

    private typealias Multiply =
        @convention(c) (UnsafePointer<Double>?, Int, Int, UnsafePointer<Double>?, Int, UnsafeMutablePointer<Double>?)
        -> Void

    private static let multiply: Multiply = {
        #if arch(x86_64)
        if cpu_supports_avx512() { return unsafe double_product_avx512 }
        if cpu_supports_avx2_fma() { return unsafe double_product_avx2 }
        #endif
        return unsafe double_product
    }()
}
