/// The densely connected layer, built: `output = activation(dot(input, kernel) + bias)`.
///
/// - input:  `[batch, ..., inputDimension]`, rank 2 or more
/// - kernel: `[inputDimension, units]`
/// - bias:   `[units]`
/// - output: `[batch, ..., units]`; half the units when the activation is `glu`
///
/// The bias is added after the whole product is summed, as Keras does. Every bit of the product is defined by
/// `ScalarReference`: it depends on the row, the kernel and the bias alone, never on the other rows, on threads or
/// on the CPU. Immutable; the kernel is packed once.
package struct Dense: Sendable {
    package let configuration: DenseConfiguration
    package let kernel: Tensor
    package let bias: Tensor?
    private let packed: PackedKernel

    /// - Throws: `EngineError.weightShapeMismatch` when the kernel is not `[inputDimension, units]` or the bias not
    ///   `[units]`; `.missingWeight` or `.unexpectedWeight` when the bias is not there as `useBias` says.
    package init(_ configuration: DenseConfiguration, kernel: Tensor, bias: Tensor?) throws(EngineError) {
        let name = configuration.name
        guard kernel.shape.rank == 2, kernel.shape.lastAxis == configuration.units else {
            throw .weightShapeMismatch(
                layer: name, weight: "kernel", expected: [-1, configuration.units], received: kernel.shape)
        }
        switch (configuration.useBias, bias) {
        case (true, nil): throw .missingWeight(layer: name, weight: "bias")
        case (false, .some): throw .unexpectedWeight(layer: name, weight: "bias", expected: ["kernel"])
        case (_, let bias?) where bias.shape.dimensions != [configuration.units]:
            throw .weightShapeMismatch(
                layer: name, weight: "bias", expected: [configuration.units], received: bias.shape)
        default: break
        }
        self.configuration = configuration
        self.kernel = kernel
        self.bias = bias
        self.packed = try PackedKernel(kernel: kernel)
    }

    package var inputDimension: Int { packed.inputDimension }
    package var units: Int { packed.units }

    /// - Throws: Keras's errors: `EngineError.rankTooLow`, `.lastAxisMismatch`, and those of the activation.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        try logits(input)
    }

    /// The output before the activation, `[batch, ..., units]`.
    ///
    /// - Throws: `EngineError.rankTooLow`, `.lastAxisMismatch`.
    package func logits(_ input: Tensor) throws(EngineError) -> Tensor {
        let shape = try logitsShape(for: input.shape)
        return unsafe Tensor(shape: shape) { output in
            guard let target = output.baseAddress else { return }
            unsafe input.elements.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress else { return }
                unsafe packed.multiply(
                    source, rows: shape.rowCount, units: 0..<units, bias: nil, output: target)
            }
        }
    }

    /// The real shape of the output for an input shape: a `glu` halves the last axis.
    ///
    /// - Throws: as calling the layer does.
    package func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        try logitsShape(for: shape)
    }

    private func logitsShape(for shape: Shape) throws(EngineError) -> Shape {
        guard shape.rank >= 2 else { throw .rankTooLow(layer: configuration.name, minimum: 2, shape: shape) }
        guard shape.lastAxis == inputDimension else {
            throw .lastAxisMismatch(layer: configuration.name, expected: inputDimension, shape: shape)
        }
        return try shape.replacingLastAxis(with: units)
    }
}
