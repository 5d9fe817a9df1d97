internal import DenseKernelTable

/// A kernel of a 16-bit type with its bias, packed in 16 bits. Immutable.
///
/// `output = round(activation(round(round(input * kernel) + bias)))`: the product as `ScalarReference` defines it, in float32
/// and of numbers that are values of the type; then each step in float32, and rounded to the type. Without an activation the
/// last rounding is none.
@safe package final class PackedHalfKernel: Sendable {
    /// float16 or bfloat16.
    package let type: DType
    package let inputDimension: Int
    package let units: Int
    let kernels: KernelTable
    /// Of layers too narrow for vectors along the units, which are small.
    private let narrow: PackedKernel?
    private let halves: HalfKernels
    private nonisolated(unsafe) let weights: UnsafePointer<UInt16>
    private let weightCount: Int
    /// One a unit, values of the type.
    private let bias: [Float]?

    /// - Parameters:
    ///   - kernel: `[inputDimension, units]`, rounded to the type here.
    ///   - bias: `[units]`, likewise.
    /// - Throws: as `PackedKernel` does.
    init(_ type: DType, kernel: Tensor, bias: Tensor?, kernels: KernelTable) throws(EngineError) {
        self.type = type
        self.kernels = kernels
        inputDimension = kernel.shape.rowCount
        units = kernel.shape.lastAxis
        let kernel = kernel.cast(to: type)
        let isNarrow = units < PackedKernel.narrowLimit
        narrow = isNarrow ? try PackedKernel(kernel: kernel, for: kernels) : nil
        halves = HalfKernels(type, for: kernels)
        let filled = (units + HalfKernels.unitStep - 1) / HalfKernels.unitStep * HalfKernels.unitStep
        weightCount = isNarrow ? 0 : try Shape([inputDimension, filled]).count
        let memory = unsafe PackedKernel.allocate(byteCount: max(weightCount, 1) * MemoryLayout<UInt16>.stride)
        unsafe memory.initializeMemory(as: UInt16.self, repeating: 0, count: weightCount)
        let packed = unsafe memory.bindMemory(to: UInt16.self, capacity: weightCount)
        unsafe weights = UnsafePointer(packed)
        self.bias = bias?.cast(to: type).elements
        guard !isNarrow else { return }
        for unit in 0..<units {
            let first = unit / HalfKernels.panelUnits * HalfKernels.panelUnits
            let width = min(filled - first, HalfKernels.panelUnits)
            let start = unsafe packed + first * inputDimension + unit - first
            for feature in 0..<inputDimension {
                unsafe start[feature * width] = type.bits(of: kernel.elements[feature * units + unit])
            }
        }
    }

    deinit { unsafe weights.deallocate() }

    /// What it takes in memory, with the kernel as it was given.
    var byteCount: Int {
        let numbers = inputDimension * units * (narrow == nil ? 1 : 2)
        return numbers * MemoryLayout<Float>.stride + weightCount * MemoryLayout<UInt16>.stride
    }

    /// The number of threads that pays on an idle machine: weights are half as large as those of float32.
    func usefulThreads(rows: Int) -> Int {
        MatmulRun.usefulThreads(
            rows: rows, inputDimension: rows > 2 ? inputDimension : inputDimension / 2, units: units)
    }

    /// The output for rows of values of the type.
    ///
    /// - Parameters: as those of `PackedWeights.run`.
    func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int
    ) {
        let pieces = ProductPieces(
            rows: rows, units: units, unitGranularity: narrow == nil ? HalfKernels.panelUnits : 1, threads: threads,
            kernels: kernels)
        nonisolated(unsafe) let input = unsafe input
        unsafe pieces.run(activation, output: output) { piece, target in
            let source = unsafe input + piece.rows.lowerBound * inputDimension
            if let narrow {
                unsafe narrow.multiply(
                    source, rows: piece.rows.count, units: piece.units, clampsAtZero: false, output: target)
            } else {
                unsafe halves.multiply(
                    source, rows: piece.rows.count, features: inputDimension, by: weights, units: units,
                    range: piece.units, into: target)
            }
            unsafe finish(target, rows: piece.rows.count, units: piece.units)
        }
        if activation != nil { unsafe type.round(output, count: rows * units) }
    }

    private func finish(_ output: UnsafeMutablePointer<Float>, rows: Int, units range: Range<Int>) {
        for row in 0..<rows {
            let target = unsafe output + row * units + range.lowerBound
            unsafe type.round(target, count: range.count)
            guard let bias else { continue }
            unsafe bias.withUnsafeBufferPointer { bias in
                for index in 0..<range.count { unsafe target[index] += bias[range.lowerBound + index] }
            }
            unsafe type.round(target, count: range.count)
        }
    }
}
