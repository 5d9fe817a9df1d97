package import DenseKernelTable

/// A kernel of integers of four bits, laid out once for the products of inputs that stay float32: Keras's `Dense` after
/// `quantize("int4")`. Immutable.
///
/// In groups of features, `output = sum of scale * (input * (integer - zero)) + bias`: what features of one group there are in
/// one block of 256 make a chain of fused multiply-adds of `integer - zero`, from zero; then `total = fma(chain, scale, total)`,
/// in order, from zero. With one scale for each unit, `output = (input * integers) / scale + bias`, the product as
/// `ScalarReference` defines it for 16 units or more.
@safe package final class PackedInt4Kernel: Sendable {
    package let inputDimension: Int
    package let units: Int
    let kernels: KernelTable
    private let products: Int4Kernels
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    private let layout: Layout

    /// What it takes in memory.
    var byteCount: Int { layout.byteCount }

    /// Where everything is, in bytes from the beginning; all at multiples of 64.
    private struct Layout {
        var words = 0
        /// Units, filled up.
        var filled = 0
        var groups = 0
        var groupSize = 0
        var scales: Int?
        var zeros: Int?
        var divisors: Int?
        var bias: Int?
        var byteCount = 0

        mutating func place(_ count: Int, of size: Int) -> Int {
            let start = byteCount
            byteCount += (count * size + 63) / 64 * 64
            return start
        }
    }

    /// Fewer units than this are packed as float32, whose products are defined in another way.
    static let minimumUnits = PackedKernel.narrowLimit

    /// In blocks.
    ///
    /// - Parameters:
    ///   - packed: as Keras packs them, `[inputDimension, ceil(units / 2)]`.
    ///   - units: 16 or more.
    ///   - groupSize: features in a row that share scales and zeros; a multiple of 8.
    ///   - scales: `[groups, units]`
    ///   - zeros: `[groups, units]`
    ///   - bias: `[units]`, or `nil`.
    ///   - kernels: for the activations.
    /// - Throws: `EngineError.invalidShape` when the packed form would be too large to address.
    /// - Precondition: the arrays are as large as the sizes say.
    package convenience init(
        packed: [UInt8], inputDimension: Int, units: Int, groupSize: Int, scales: [Float], zeros: [Int8], bias: Tensor?,
        kernels: KernelTable = Kernels.current, products: Int4Kernels = .current
    ) throws(EngineError) {
        precondition(groupSize > 0 && groupSize % 8 == 0, "groups of whole words")
        try self.init(
            PackedIntegers(int4: packed, inputDimension: inputDimension, units: units), groups: scales.count / units,
            groupSize: groupSize, hasDivisors: false, bias: bias, kernels: kernels, products: products)
        guard let scalesPlace = layout.scales, let zerosPlace = layout.zeros else { return }
        let scaleTarget = unsafe memory.advanced(by: scalesPlace).assumingMemoryBound(to: Float.self)
        let zeroTarget = unsafe memory.advanced(by: zerosPlace).assumingMemoryBound(to: Int8.self)
        forEachPanel { first, width in
            for group in 0..<layout.groups {
                let place = first * layout.groups + group * width
                for unit in first..<min(first + width, units) {
                    let index = group * units + unit
                    unsafe scaleTarget[place + unit - first] = scales[index]
                    unsafe zeroTarget[place + unit - first] = zeros[index]
                }
            }
        }
    }

    /// With one scale for each unit.
    ///
    /// - Parameters:
    ///   - packed: as above.
    ///   - scales: `[units]`, 16 or more: what the weights were multiplied by.
    ///   - bias: as above.
    ///   - kernels: as above.
    /// - Throws: as above.
    package convenience init(
        packed: [UInt8], inputDimension: Int, scales: [Float], bias: Tensor?, kernels: KernelTable = Kernels.current,
        products: Int4Kernels = .current
    ) throws(EngineError) {
        let integers = PackedIntegers(int4: packed, inputDimension: inputDimension, units: scales.count)
        try self.init(
            integers, groups: 0, groupSize: 0, hasDivisors: true, bias: bias, kernels: kernels, products: products)
        guard let divisors = layout.divisors else { return }
        let target = unsafe memory.advanced(by: divisors).assumingMemoryBound(to: Float.self)
        for unit in 0..<layout.filled { unsafe target[unit] = unit < units ? scales[unit] : 1 }
    }

    private init(
        _ integers: PackedIntegers, groups: Int, groupSize: Int, hasDivisors: Bool, bias: Tensor?, kernels: KernelTable,
        products: Int4Kernels
    ) throws(EngineError) {
        inputDimension = integers.inputDimension
        units = integers.units
        self.kernels = kernels
        self.products = products
        var layout = Layout()
        layout.words = (inputDimension + Int4Kernels.wordFeatures - 1) / Int4Kernels.wordFeatures
        layout.filled = (units + Int4Kernels.unitStep - 1) / Int4Kernels.unitStep * Int4Kernels.unitStep
        (layout.groups, layout.groupSize) = (groups, groupSize)
        // The scales are the largest of the rest, and there are as many as integers at most.
        _ = try Shape([layout.words + groups + 2, layout.filled, 2 * MemoryLayout<Float>.stride])
        let start = layout.place(layout.words * layout.filled, of: MemoryLayout<UInt32>.stride)
        if groups > 0 {
            layout.scales = layout.place(groups * layout.filled, of: MemoryLayout<Float>.stride)
            layout.zeros = layout.place(groups * layout.filled, of: 1)
        }
        if hasDivisors { layout.divisors = layout.place(layout.filled, of: MemoryLayout<Float>.stride) }
        if bias != nil { layout.bias = layout.place(layout.filled, of: MemoryLayout<Float>.stride) }
        self.layout = layout
        unsafe memory = PackedKernel.allocate(byteCount: max(layout.byteCount, 1))
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
        if let place = layout.bias, let bias {
            let target = unsafe memory.advanced(by: place).assumingMemoryBound(to: Float.self)
            for unit in 0..<units { unsafe target[unit] = bias.elements[unit] }
        }
        pack(integers, at: start)
    }

    deinit { unsafe memory.deallocate() }

    private func pack(_ integers: PackedIntegers, at start: Int) {
        let words = unsafe memory.advanced(by: start).assumingMemoryBound(to: UInt32.self)
        forEachPanel { first, width in
            for word in 0..<layout.words {
                let row = unsafe words + first * layout.words + word * width
                let features = word * Int4Kernels.wordFeatures
                for feature in features..<min(features + Int4Kernels.wordFeatures, inputDimension) {
                    let shift = UInt32(4 * (feature - features))
                    for unit in first..<min(first + width, units) {
                        let bits = UInt32(truncatingIfNeeded: integers[feature, unit]) & 15
                        unsafe row[unit - first] |= bits << shift
                    }
                }
            }
        }
    }

    /// Calls `body` with the first unit of each panel, and the panel's width.
    private func forEachPanel(_ body: (Int, Int) -> Void) {
        for first in stride(from: 0, to: layout.filled, by: Int4Kernels.panelUnits) {
            body(first, min(Int4Kernels.panelUnits, layout.filled - first))
        }
    }

    // MARK: Products

    /// As `MatmulRun.usefulThreads`. Few rows wait for the weights, of which there is an eighth; many for the arithmetic.
    func usefulThreads(rows: Int) -> Int {
        MatmulRun.usefulThreads(
            rows: rows, inputDimension: rows < 4 ? inputDimension / 4 : inputDimension, units: units)
    }

    /// `output = activation(input * kernel + bias)`, on so many threads.
    ///
    /// - Parameters: as those of `Int8Run.run`.
    package func run(
        input: UnsafePointer<Float>, rows: Int, activation: RowsActivation?, output: UnsafeMutablePointer<Float>,
        threads: Int, addsBias: Bool = true
    ) {
        let pieces = ProductPieces(
            rows: rows, units: units, unitGranularity: Int4Kernels.panelUnits, threads: threads, kernels: kernels)
        nonisolated(unsafe) let (input, weights) = unsafe (input, weights(withBias: addsBias))
        unsafe pieces.run(activation, output: output) { piece, target in
            guard !piece.rows.isEmpty, !piece.units.isEmpty else { return }
            unsafe products.multiply(
                input + piece.rows.lowerBound * inputDimension, rows: piece.rows.count, by: weights, units: piece.units,
                into: target)
        }
    }

    private func weights(withBias: Bool) -> Int4Kernels.Weights {
        func floats(_ place: Int?) -> UnsafePointer<Float>? {
            unsafe place.map { unsafe UnsafePointer(memory.advanced(by: $0).assumingMemoryBound(to: Float.self)) }
        }
        let zeros = unsafe layout.zeros.map {
            unsafe UnsafePointer(memory.advanced(by: $0).assumingMemoryBound(to: Int8.self))
        }
        return unsafe Int4Kernels.Weights(
            inputDimension: inputDimension, units: units, integers: memory.assumingMemoryBound(to: UInt32.self),
            scales: floats(layout.scales), zeros: zeros, groups: layout.groups, groupSize: layout.groupSize,
            divisors: floats(layout.divisors), bias: floats(withBias ? layout.bias : nil))
    }
}
