import DenseEngine
import DenseKernelTable
import DenseReference

/// Products of one kernel `[inputDimension, units]` beside the reference's.
struct ProductComparison {
    /// The distinct rows of an input. An output depends on its row alone, so that a few rows of reference serve an input
    /// of any height. A prime, so that no tile's height divides it.
    static let distinctRows = 17

    private let inputDimension: Int
    private let units: Int
    private let bias: Numbers?
    private let clamps: Bool
    private let kernel: Numbers
    private let reference: Numbers

    /// - Parameters:
    ///   - rows: `distinctRows` rows of `inputDimension`.
    ///   - clamps: whether a relu follows, which the kernels apply themselves.
    init(_ rows: Numbers, inputDimension: Int, units: Int, hasBias: Bool, clamps: Bool = false) {
        self.inputDimension = inputDimension
        self.units = units
        kernel = Numbers(count: inputDimension * units, seed: UInt64(inputDimension * 1009 + units))
        self.clamps = clamps
        bias = hasBias ? Numbers(count: units, seed: 3) : nil
        reference = Numbers(count: Self.distinctRows * units)
        FastReference.dense(
            input: rows, rows: Self.distinctRows, kernel: kernel, inputDimension: inputDimension, units: units,
            bias: bias, output: reference)
        if clamps { reference.clampAtZero() }
    }

    /// The layer on one instruction set.
    func layer(_ table: KernelTable) throws -> Dense {
        try Dense(
            DenseConfiguration(units: units, activation: clamps ? .relu : .linear, useBias: bias != nil),
            kernel: Tensor([inputDimension, units], kernel.elements),
            bias: bias.map { try Tensor([units], $0.elements) }, kernels: table)
    }

    /// Where a product first differs from the reference in a bit; `nil` when nowhere.
    ///
    /// - Parameters:
    ///   - input: the distinct rows again and again, as many as the largest of `heights`.
    ///   - output: memory for as many rows of `units`.
    func difference(
        _ layer: Dense, heights: [Int], input: Numbers, output: Numbers, threads: Int = 1
    ) -> String? {
        let activation = layer.activationOnRows(rank: 2)
        for height in heights {
            output.clear(height * units)
            unsafe layer.multiply(input.start, rows: height, applying: activation, into: output.start, threads: threads)
            guard let place = output.firstDifference(from: reference, count: height * units) else { continue }
            return "\(height) x \(inputDimension) x \(units), bias \(bias != nil), relu \(clamps), \(threads) threads: "
                + "row \(place / units), unit \(place % units)"
        }
        return nil
    }
}
