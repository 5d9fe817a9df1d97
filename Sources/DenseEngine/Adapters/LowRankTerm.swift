internal import DenseKernelTable

/// What low-rank adaptation (LoRA) adds to a `Dense` layer's product: `alpha / rank * ((input * a) * b)`. Immutable.
///
/// Both products are as `ScalarReference` defines them; then one multiplication by `alpha / rank` in float32, and one
/// addition. So a row's bits depend on no other row.
package struct LowRankTerm: Sendable {
    /// `[inputDimension, rank]`
    package let a: Tensor
    /// `[rank, units]`
    package let b: Tensor
    package let alpha: Double
    private let first: PackedKernel
    private let second: PackedKernel

    package static let names = (a: "lora_kernel_a", b: "lora_kernel_b")

    /// - Parameters:
    ///   - alpha: `nil` is the rank, as in Keras.
    ///   - layer: the layer's name, for errors.
    /// - Throws: `EngineError.weightShapeMismatch` when the factors do not fit the layer or one another.
    init(
        a: Tensor, b: Tensor, alpha: Double?, layer: String, inputDimension: Int, units: Int,
        kernels: KernelTable = Kernels.current
    ) throws(EngineError) {
        let rank = a.shape.lastAxis
        guard a.shape.rank == 2, a.shape.dimensions[0] == inputDimension, rank > 0 else {
            throw .weightShapeMismatch(
                layer: layer, weight: Self.names.a, expected: [inputDimension, -1], received: a.shape)
        }
        guard b.shape.dimensions == [rank, units] else {
            throw .weightShapeMismatch(layer: layer, weight: Self.names.b, expected: [rank, units], received: b.shape)
        }
        self.a = a
        self.b = b
        self.alpha = alpha ?? Double(rank)
        first = try PackedKernel(kernel: a, for: kernels)
        second = try PackedKernel(kernel: b, for: kernels)
    }

    package var rank: Int { first.units }
    /// Multiply-adds of a row for each of the rank.
    var ends: Int { first.inputDimension + second.units }
    package var parameterCount: Int { a.elements.count + b.elements.count }

    private var factor: Float { Float(alpha / Double(rank)) }

    /// Adds the term to some rows of a product.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of the layer's input.
    ///   - output: as many rows of its product.
    func add(_ input: UnsafePointer<Float>, rows: Int, to output: UnsafeMutablePointer<Float>) {
        let (inputs, units) = (first.inputDimension, second.units)
        let height = min(rows, Self.blockRows)
        let middle = WorkerArena.aligned(height * rank)
        unsafe WorkerArena.withFloats(count: middle + height * units) { scratch in
            for start in stride(from: 0, to: rows, by: max(height, 1)) {
                let count = min(height, rows - start)
                unsafe first.multiply(
                    input + start * inputs, rows: count, units: 0..<rank, clampsAtZero: false, output: scratch)
                unsafe second.multiply(
                    scratch, rows: count, units: 0..<units, clampsAtZero: false, output: scratch + middle)
                let target = unsafe output + start * units
                for index in 0..<count * units {
                    let term = unsafe factor * scratch[middle + index]
                    unsafe target[index] += term
                }
            }
        }
    }

    /// `alpha / rank * a * b`, `[inputDimension, units]`: what the kernel becomes more.
    var kernel: Tensor {
        get throws(EngineError) {
            let shape = try Shape([first.inputDimension, second.units])
            return unsafe Tensor(shape: shape) { output in
                guard let target = output.baseAddress else { return }
                unsafe a.elements.withUnsafeBufferPointer { source in
                    guard let start = source.baseAddress else { return }
                    unsafe second.multiply(
                        start, rows: first.inputDimension, units: 0..<second.units, clampsAtZero: false,
                        output: target)
                }
                for index in output.indices { unsafe target[index] *= factor }
            }
        }
    }

    /// Rows at a time, whose terms wait in a thread's arena.
    private static let blockRows = 64
}
