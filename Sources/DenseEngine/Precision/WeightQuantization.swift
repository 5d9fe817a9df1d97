extension DenseConfiguration {
    /// The weights that take the place of a float32 kernel, as Keras's `Dense.quantize` makes them, by their names.
    ///
    /// - Parameter kernel: `[inputDimension, units]`
    /// - Throws: `EngineError.unsupported` for a quantizer along another axis than Keras's own, and for a mode that needs data
    ///   for calibration.
    func quantizedWeights(
        of kernel: Tensor, by quantization: QuantizationConfiguration
    ) throws(EngineError) -> [String: Tensor] {
        switch quantization {
        case .int8(let quantizer, _):
            let (integers, scales) = try Self.alongUnits(quantizer ?? AbsMaxQuantizer(axes: [0])).quantizeColumns(
                of: kernel)
            return [
                "kernel": try Tensor(shape: kernel.shape, elements: integers.map { Float($0) }),
                "kernel_scale": try Tensor([units], scales),
            ]
        case .int4(let quantizer, _, let size):
            if let size, size > 0 { return try groupedWeights(of: kernel, size: size) }
            let quantizer = try Self.alongUnits(quantizer ?? AbsMaxQuantizer(low: -8, high: 7, axes: [0]))
            let (integers, scales) = quantizer.quantizeColumns(of: kernel)
            return ["kernel": try packed(integers, of: kernel), "kernel_scale": try Tensor([units], scales)]
        case .float8:
            var weights: [String: Tensor] = [:]
            for name in weightNames where name != "kernel" && name != "bias" {
                let shape = try Shape(storedShape(ofWeight: name, inputDimension: kernel.shape.dimensions[0]))
                weights[name] = try Tensor(
                    shape: shape, elements: [Float](repeating: name.hasSuffix("_scale") ? 1 : 0, count: shape.count))
            }
            return weights
        case .calibrated:
            try quantization.requireNoCalibration()
            return [:]
        }
    }

    /// The weights of an int4 layer in blocks (`abs_max_quantize_grouped_with_zero_point`).
    private func groupedWeights(of kernel: Tensor, size: Int) throws(EngineError) -> [String: Tensor] {
        let blocks = BlockQuantizer.quantize(kernel, size: size)
        let inputs = kernel.shape.dimensions[0]
        let shape = [blocks.count, units]
        return [
            "kernel": try packed(blocks.integers, of: kernel), "kernel_scale": try Tensor(shape, blocks.scales),
            "kernel_zero": try Tensor(shape, blocks.zeros),
            "g_idx": try Tensor([inputs], (0..<inputs).map { Float($0 / size) }),
        ]
    }

    private func packed(_ integers: [Int8], of kernel: Tensor) throws(EngineError) -> Tensor {
        let packed = PackedIntegers.pack(int4: integers, units: units)
        return try Tensor([kernel.shape.dimensions[0], units / 2 + units % 2], packed.map { Float($0) })
    }

    private static func alongUnits(_ quantizer: AbsMaxQuantizer) throws(EngineError) -> AbsMaxQuantizer {
        guard quantizer.axes == [0] || quantizer.axes == [-2] else {
            throw .unsupported(
                path: [],
                message: "Weights are quantized for each unit. Expected a weight_quantizer with axis 0, received "
                    + "\(quantizer.axes.map { "\($0)" } ?? "none").")
        }
        return quantizer
    }
}

/// Keras's `abs_max_quantize_grouped_with_zero_point` (keras/src/quantizers/quantizers.py), in its order of operations and types.
enum BlockQuantizer {
    /// - Parameters:
    ///   - kernel: `[inputDimension, units]`
    ///   - size: features of a block. The last one is filled up with zeros.
    /// - Returns: the integers, -8 to 7, as the kernel lies, and the blocks' scales and zero points, `[count, units]`. What is
    ///   NaN becomes 0.
    static func quantize(
        _ kernel: Tensor, size: Int
    ) -> (integers: [Int8], scales: [Float], zeros: [Float], count: Int) {
        let (inputs, units) = (kernel.shape.rowCount, kernel.shape.lastAxis)
        let count = inputs == 0 ? 0 : (inputs - 1) / size + 1
        var integers = [Int8](repeating: 0, count: inputs * units)
        var (scales, zeros) = ([Float](), [Float]())
        scales.reserveCapacity(count * units)
        zeros.reserveCapacity(count * units)
        for block in 0..<count {
            let features = block * size..<min(block * size + min(size, inputs), inputs)
            for unit in 0..<units {
                var (low, high) = features.count < size ? (Float(0), Float(0)) : (.infinity, -.infinity)
                for feature in features {
                    let weight = kernel.elements[feature * units + unit]
                    if weight < low || weight.isNaN { low = weight }
                    if weight > high || weight.isNaN { high = weight }
                    if weight.isNaN { break }
                }
                let scale = (high - low + 1e-7) / 15
                let zero = bounded((-low / scale).rounded(.toNearestOrEven) - 8)
                scales.append(scale)
                zeros.append(zero)
                for feature in features {
                    let quotient = kernel.elements[feature * units + unit] / scale
                    integers[feature * units + unit] = Int8(bounded(quotient.rounded(.toNearestOrEven) + zero))
                }
            }
        }
        return (integers, scales, zeros, count)
    }

    private static func bounded(_ value: Float) -> Float { value.isNaN ? 0 : min(max(value, -8), 7) }
}
