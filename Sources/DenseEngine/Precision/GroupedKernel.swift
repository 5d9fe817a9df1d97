/// A kernel of integers whose features are in groups with a scale and a zero point for each unit: what Keras's
/// `dequantize_with_sz_map` makes numbers of (keras/src/quantizers/quantizers.py).
struct GroupedKernel: Sendable {
    let integers: PackedIntegers
    /// Of each feature.
    let groups: [Int]
    let groupCount: Int
    /// `[groups, units]`
    let scales: [Float]
    /// `[groups, units]`
    let zeros: [Float]
    /// What the weights of a feature are divided by at last; none for 1.
    private let divisors: [Float]

    /// - Parameters:
    ///   - weights: of a layer with `int4` in blocks, `gptq` or `awq`.
    /// - Throws: `EngineError.weightOutOfRange` for a feature's group that is none.
    init(_ configuration: DenseConfiguration, _ weights: KeptWeights) throws(EngineError) {
        let (inputs, units) = (weights.inputDimension, configuration.units)
        let bytes = weights.bytes("kernel")
        var (scales, zeros) = (weights.floats("kernel_scale"), [Float]())
        let groupCount = units > 0 ? scales.count / units : 0
        if case .int4 = configuration.policy.quantization {
            integers = PackedIntegers(int4: bytes, inputDimension: inputs, units: units)
            zeros = weights.integers("kernel_zero").map { Float($0) }
        } else {
            let bits = Self.bits(configuration.policy.quantization, isPlain: bytes.count == inputs * units)
            integers = PackedIntegers(unsigned: bytes, bits: bits, inputDimension: inputs, units: units)
            scales = Self.transposed(scales, rows: units, columns: groupCount)
            zeros = Self.transposed(weights.bytes("kernel_zero").map { Float($0) }, rows: units, columns: groupCount)
        }
        self.scales = scales
        self.zeros = zeros
        self.groupCount = groupCount
        divisors = weights.floats("awq_scales")
        var groups: [Int] = []
        groups.reserveCapacity(inputs)
        for number in weights.floats("g_idx") {
            guard let group = Int(exactly: number), group >= 0, group < groupCount else {
                throw .weightOutOfRange(
                    layer: configuration.name, weight: "g_idx", expected: "integers from 0 to \(groupCount - 1)",
                    received: number)
            }
            groups.append(group)
        }
        self.groups = groups
    }

    /// How many bits an integer takes in its byte.
    ///
    /// - Parameter isPlain: whether there is a byte for each.
    private static func bits(_ mode: DTypePolicy.Quantization?, isPlain: Bool) -> Int {
        switch mode {
        case .awq, .gptq(4, _): 4
        case .gptq(2, _) where !isPlain: 2
        default: 8
        }
    }

    private static func transposed(_ numbers: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<columns).flatMap { column in (0..<rows).map { numbers[$0 * columns + column] } }
    }

    /// The kernel in numbers, `[inputDimension, units]`: each step rounded by itself.
    var numbers: Tensor {
        get throws(EngineError) {
            let units = integers.units
            let shape = try Shape([integers.inputDimension, units])
            return unsafe Tensor(shape: shape) { elements in
                for feature in 0..<integers.inputDimension {
                    let place = groups[feature] * units
                    for unit in 0..<units {
                        var weight = (Float(integers[feature, unit]) - zeros[place + unit]) * scales[place + unit]
                        if !divisors.isEmpty { weight /= divisors[feature] }
                        unsafe elements.initializeElement(at: feature * units + unit, to: weight)
                    }
                }
            }
        }
    }

    /// How many features in a row a group has, where all have as many and the packed product takes them so.
    var regularGroupSize: Int? {
        guard divisors.isEmpty, let first = groups.first, first == 0 else { return nil }
        let size = groupCount == 1 ? (groups.count + 7) / 8 * 8 : groups.firstIndex { $0 != 0 } ?? 0
        guard size > 0, size % 8 == 0, groups.indices.allSatisfy({ groups[$0] == $0 / size }) else { return nil }
        return size
    }
}
