internal import DenseKernelTable
internal import Locks

/// The weights of a `Dense`, laid out for the product that its types ask for.
package enum PackedWeights: Sendable {
    case float32(PackedKernel)
    case int8(PackedInt8Kernel)
    case scaled(PackedScaledKernel)
    case int4(PackedInt4Kernel)
    case float8(PackedFloat8Kernel)
    case adapted(PackedAdaptedWeights)
    case half(PackedHalfKernel)
    case double(PackedDoubleKernel)

    package var inputDimension: Int {
        switch self {
        case .float32(let kernel): kernel.inputDimension
        case .int8(let kernel): kernel.inputDimension
        case .scaled(let kernel): kernel.product.inputDimension
        case .int4(let kernel): kernel.inputDimension
        case .float8(let kernel): kernel.product.inputDimension
        case .adapted(let weights): weights.base.inputDimension
        case .half(let kernel): kernel.inputDimension
        case .double(let kernel): kernel.inputDimension
        }
    }

    package var units: Int {
        switch self {
        case .float32(let kernel): kernel.units
        case .int8(let kernel): kernel.units
        case .scaled(let kernel): kernel.product.units
        case .int4(let kernel): kernel.units
        case .float8(let kernel): kernel.product.units
        case .adapted(let weights): weights.base.units
        case .half(let kernel): kernel.units
        case .double(let kernel): kernel.units
        }
    }

    /// What inputs must be values of, and outputs are.
    var type: DType {
        switch self {
        case .float32, .int8, .scaled, .int4, .float8, .adapted: .float32
        case .half(let kernel): kernel.type
        case .double: .float64
        }
    }

    var kernels: KernelTable {
        switch self {
        case .float32(let kernel): kernel.kernels
        case .int8(let kernel): kernel.kernels
        case .scaled(let kernel): kernel.product.kernels
        case .int4(let kernel): kernel.kernels
        case .float8(let kernel): kernel.product.kernels
        case .adapted(let weights): weights.base.kernels
        case .half(let kernel): kernel.kernels
        case .double(let kernel): kernel.kernels
        }
    }

    /// `output = activation(input * kernel + bias)`, from memory to memory.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of `inputDimension`.
    ///   - activation: what follows the bias, or `nil` for nothing.
    ///   - output: `rows` rows of `units`.
    ///   - threads: `nil` takes as many as pay and are idle.
    ///   - addsBias: false only where `canLeaveOutBias`.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int?, addsBias: Bool = true
    ) {
        guard let threads else {
            let useful = usefulThreads(rows: rows)
            guard useful > 1 else {
                return unsafe run(
                    input: input, rows: rows, activation: activation, output: output, threads: 1, addsBias: addsBias)
            }
            return ComputeThreads.shared.withIdle(most: useful) { threads in
                unsafe run(
                    input: input, rows: rows, activation: activation, output: output, threads: threads,
                    addsBias: addsBias)
            }
        }
        switch self {
        case .float32(let kernel):
            unsafe MatmulRun.run(
                kernel, input: input, rows: rows, activation: activation, output: output, threads: threads,
                addsBias: addsBias)
        case .int8(let kernel):
            unsafe Int8Run.run(
                kernel, input: input, rows: rows, activation: activation, output: output, threads: threads,
                addsBias: addsBias)
        case .scaled(let kernel):
            unsafe kernel.run(
                input: input, rows: rows, activation: activation, output: output, threads: threads, addsBias: addsBias)
        case .int4(let kernel):
            unsafe kernel.run(
                input: input, rows: rows, activation: activation, output: output, threads: threads, addsBias: addsBias)
        case .float8(let kernel):
            unsafe kernel.run(input: input, rows: rows, activation: activation, output: output, threads: threads)
        case .adapted(let weights):
            unsafe weights.run(input: input, rows: rows, activation: activation, output: output, threads: threads)
        case .half(let kernel):
            unsafe kernel.run(input: input, rows: rows, activation: activation, output: output, threads: threads)
        case .double(let kernel):
            unsafe kernel.run(input: input, rows: rows, activation: activation, output: output)
        }
    }

    /// Whether `run` can leave out the bias, for what is added before it.
    var canLeaveOutBias: Bool {
        switch self {
        case .float32, .int8, .scaled, .int4: true
        case .float8, .adapted, .half, .double: false
        }
    }

    /// The number of threads that pays on an idle machine.
    func usefulThreads(rows: Int) -> Int {
        switch self {
        case .float32(let kernel):
            MatmulRun.usefulThreads(rows: rows, inputDimension: kernel.inputDimension, units: kernel.units)
        case .int8(let kernel): Int8Run.usefulThreads(kernel, rows: rows)
        case .scaled(let kernel):
            MatmulRun.usefulThreads(
                rows: rows, inputDimension: kernel.product.inputDimension, units: kernel.product.units)
        case .int4(let kernel): kernel.usefulThreads(rows: rows)
        case .float8(let kernel):
            MatmulRun.usefulThreads(
                rows: rows, inputDimension: kernel.product.inputDimension, units: kernel.product.units)
        case .adapted(let weights): weights.base.usefulThreads(rows: rows)
        case .half(let kernel): kernel.usefulThreads(rows: rows)
        case .double: 1
        }
    }

    // MARK: What was packed

    /// The integers that the packed weights hold, `[inputDimension, units]`; `nil` where they are kept as they were given.
    var kernel: Tensor? {
        switch self {
        case .float32, .half, .double, .int4, .float8: nil
        case .int8(let kernel): try? kernel.kernel
        case .scaled(let kernel): try? kernel.kernel
        case .adapted(let weights): weights.base.kernel
        }
    }

    /// What the packed weights take in memory.
    var byteCount: Int {
        switch self {
        case .float32(let kernel): kernel.inputDimension * kernel.units * MemoryLayout<Float>.stride
        case .int8(let kernel): kernel.byteCount
        case .scaled(let kernel): kernel.byteCount
        case .int4(let kernel): kernel.byteCount
        case .float8(let kernel): kernel.byteCount
        case .adapted(let weights): weights.base.byteCount
        case .half(let kernel): kernel.byteCount
        case .double(let kernel): kernel.byteCount
        }
    }
}
