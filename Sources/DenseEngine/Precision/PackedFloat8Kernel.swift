internal import DenseKernelTable

/// A kernel rounded to floating point of eight bits (e4m3fn), and how inputs are rounded before the product: Keras's `Dense`
/// after `quantize("float8")`. Immutable.
///
/// `output = round(input) * round(kernel) + bias`: the product as `ScalarReference` defines it, and the bias rounded to bfloat16,
/// as `Dense._float8_call` does.
package final class PackedFloat8Kernel: Sendable {
    let product: PackedKernel
    private let inputScale: Float

    /// - Parameters:
    ///   - kernel: `[inputDimension, units]`, in float32.
    ///   - kernelScale: what a kernel's float8 numbers are multiplied by.
    ///   - inputScale: the same for inputs.
    /// - Throws: as `PackedKernel` does.
    init(
        kernel: Tensor, kernelScale: Float, inputScale: Float, bias: Tensor?, kernels: KernelTable
    ) throws(EngineError) {
        let rounded = try Tensor(
            shape: kernel.shape, elements: kernel.elements.map { Float8.rounded($0, scale: kernelScale) })
        var ownBias: Tensor?
        if let bias { ownBias = try Tensor(shape: bias.shape, elements: bias.elements.map(DType.bfloat16.rounded)) }
        product = try PackedKernel(kernel: rounded, bias: ownBias, for: kernels)
        self.inputScale = inputScale
    }

    /// What it takes in memory.
    var byteCount: Int { product.inputDimension * product.units * MemoryLayout<Float>.stride }

    /// As many rows at a time as make so many numbers.
    private static let blockElements = 1 << 18

    /// `output = activation(input * kernel + bias)`, on so many threads.
    ///
    /// - Parameters: as those of `Int8Run.run`.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int
    ) {
        let columns = product.inputDimension
        let height = max(1, min(rows, Self.blockElements / max(columns, 1)))
        unsafe WorkerArena.withFloats(count: height * columns) { rounded in
            for start in stride(from: 0, to: rows, by: height) {
                let count = min(height, rows - start)
                let source = unsafe input + start * columns
                for index in 0..<count * columns {
                    unsafe rounded[index] = Float8.rounded(source[index], scale: inputScale)
                }
                unsafe MatmulRun.run(
                    product, input: rounded, rows: count, activation: activation,
                    output: output + start * product.units, threads: threads)
            }
        }
    }
}

/// Floating point of eight bits: four of exponent, three of significand, no infinities (e4m3fn).
enum Float8 {
    private static let largest: Float = 448

    /// `value / scale` as float8, and that times `scale` (keras/src/quantizers/quantizers.py, `quantize_and_dequantize`).
    @inline(__always)
    static func rounded(_ value: Float, scale: Float) -> Float {
        // A comparison with NaN is false.
        let quotient = value / scale
        let bounded = quotient > largest ? largest : quotient < -largest ? -largest : quotient
        return nearest(bounded) * scale
    }

    /// The nearest float8, halves to even.
    ///
    /// - Parameter value: -448 to 448, or NaN.
    @inline(__always)
    static func nearest(_ value: Float) -> Float {
        // Below the least normal number they are multiples of 2^-9.
        if abs(value) < 0x1p-6 { return (value * 0x1p9).rounded(.toNearestOrEven) * 0x1p-9 }
        guard !value.isNaN else { return value }
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFFF &+ (bits >> 20 & 1)) & ~0xFFFFF)
    }
}
