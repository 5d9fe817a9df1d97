package import DenseKernelTable

/// A kernel of integers of eight bits with a scale for each unit, laid out once for the products of integers: Keras's
/// `Dense` after `quantize("int8")`. Immutable.
///
/// With a row's input made integers `q` by a scale of its own, `output = float(q * integers) / (scale * row's scale) + bias`:
/// the sum in 32 bits, the rest in float32, each step rounded by itself, as `Dense._int8_call` does.
@safe package final class PackedInt8Kernel: Sendable {
    package let inputDimension: Int
    package let units: Int
    /// How a row's input becomes integers.
    let inputs: AbsMaxQuantizer
    let kernels: KernelTable
    private let integerKernels: Int8Kernels
    /// Groups of features.
    let groups: Int
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    private let correctionsOffset: Int
    private let scalesOffset: Int
    private let biasOffset: Int?

    /// What it takes in memory.
    let byteCount: Int

    /// - Parameters:
    ///   - integers: `[inputDimension, units]`, row-major.
    ///   - scales: one a unit: what the weights were multiplied by.
    ///   - bias: `[units]`, or `nil`.
    ///   - kernels: for the activations.
    /// - Throws: `EngineError.invalidShape` when the packed form would be too large to address.
    /// - Precondition: there are as many integers and scales as the sizes say.
    package init(
        integers: [Int8], inputDimension: Int, scales: [Float], bias: Tensor?, inputs: AbsMaxQuantizer,
        kernels: KernelTable = Kernels.current, integerKernels: Int8Kernels = .current
    ) throws(EngineError) {
        let units = scales.count
        precondition(integers.count == inputDimension * units, "an integer for each feature and unit")
        self.inputDimension = inputDimension
        self.units = units
        self.inputs = inputs
        self.kernels = kernels
        self.integerKernels = integerKernels
        groups = (inputDimension + Int8Kernels.groupFeatures - 1) / Int8Kernels.groupFeatures
        let filled = (units + Int8Kernels.unitStep - 1) / Int8Kernels.unitStep * Int8Kernels.unitStep
        let weights = try Shape([groups * Int8Kernels.groupFeatures, filled]).count
        // Multiples of 64 bytes, as all that follow are.
        correctionsOffset = weights
        scalesOffset = correctionsOffset + filled * MemoryLayout<Int32>.stride
        biasOffset = bias == nil ? nil : scalesOffset + filled * MemoryLayout<Float>.stride
        byteCount = scalesOffset + (bias == nil ? 1 : 2) * filled * MemoryLayout<Float>.stride

        unsafe memory = PackedKernel.allocate(byteCount: max(byteCount, 1))
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        let packed = unsafe memory.bindMemory(to: Int8.self, capacity: weights)
        let corrections = unsafe (memory + correctionsOffset).bindMemory(to: Int32.self, capacity: filled)
        let scaleTarget = unsafe (memory + scalesOffset).bindMemory(to: Float.self, capacity: filled)
        for unit in 0..<filled { unsafe scaleTarget[unit] = unit < units ? scales[unit] : 1 }
        if let biasOffset, let bias {
            let target = unsafe (memory + biasOffset).bindMemory(to: Float.self, capacity: filled)
            for unit in 0..<units { unsafe target[unit] = bias.elements[unit] }
        }
        unsafe integers.withUnsafeBufferPointer { source in
            forEachRun { feature, units, place in
                let row = feature * self.units
                for unit in units {
                    let integer = unsafe source[row + unit]
                    unsafe packed[place + (unit - units.lowerBound) * Int8Kernels.groupFeatures] = integer
                    unsafe corrections[unit] &+= 128 &* Int32(integer)
                }
            }
        }
    }

    deinit { unsafe memory.deallocate() }

    /// Calls `body` with each feature and the units of each panel, and with where the first one's weight lies among the packed
    /// ones; those of the others follow, a group apart.
    private func forEachRun(_ body: (Int, Range<Int>, Int) -> Void) {
        for first in stride(from: 0, to: units, by: Int8Kernels.panelUnits) {
            let left = (units - first + Int8Kernels.unitStep - 1) / Int8Kernels.unitStep * Int8Kernels.unitStep
            let width = min(left, Int8Kernels.panelUnits)
            let panel = first..<min(first + width, units)
            for feature in 0..<inputDimension {
                let (group, member) = feature.quotientAndRemainder(dividingBy: Int8Kernels.groupFeatures)
                body(feature, panel, (first * groups + group * width) * Int8Kernels.groupFeatures + member)
            }
        }
    }

    /// The integers as numbers, `[inputDimension, units]`.
    var kernel: Tensor {
        get throws(EngineError) {
            let shape = try Shape([inputDimension, units])
            return unsafe Tensor(shape: shape) { elements in
                let packed = unsafe memory.assumingMemoryBound(to: Int8.self)
                forEachRun { feature, units, place in
                    for unit in units {
                        let integer = unsafe packed[place + (unit - units.lowerBound) * Int8Kernels.groupFeatures]
                        unsafe elements.initializeElement(at: feature * self.units + unit, to: Float(integer))
                    }
                }
            }
        }
    }

    // MARK: Products

    /// Makes integers of some rows of the input.
    ///
    /// - Parameter quantized: room for `rows` rows of `4 * groups`.
    func quantize(
        _ input: UnsafePointer<Float>, rows: Int, into quantized: UnsafeMutablePointer<UInt8>,
        scales: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            unsafe scales[row] = integerKernels.quantize(
                input + row * inputDimension, columns: inputDimension, by: inputs,
                into: quantized + row * groups * Int8Kernels.groupFeatures)
        }
    }

    /// The outputs of some rows and units, before the activation.
    ///
    /// - Parameters:
    ///   - quantized: the rows, as `quantize` makes them.
    ///   - units: begin at a multiple of `Int8Kernels.panelUnits`.
    ///   - output: the rows of all units.
    ///   - addsBias: whether the bias is added, if there is one.
    func multiply(
        _ quantized: UnsafePointer<UInt8>, scales: UnsafePointer<Float>, rows: Int, units range: Range<Int>,
        into output: UnsafeMutablePointer<Float>, addsBias: Bool
    ) {
        guard rows > 0, !range.isEmpty else { return }
        let weights = unsafe Int8Kernels.Weights(
            groups: groups, integers: memory.assumingMemoryBound(to: Int8.self),
            corrections: (memory + correctionsOffset).assumingMemoryBound(to: Int32.self),
            scales: (memory + scalesOffset).assumingMemoryBound(to: Float.self),
            bias: (addsBias ? biasOffset : nil).map { offset in
                unsafe UnsafePointer((memory + offset).assumingMemoryBound(to: Float.self))
            },
            units: units)
        unsafe integerKernels.multiply(
            quantized, scales: scales, rows: rows, by: weights, units: range, into: output)
    }
}
