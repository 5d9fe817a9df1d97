package import DenseKernelTable

/// The densely connected layer, built: `output = activation(dot(input, kernel) + bias)`.
///
/// - input:  `[batch, ..., inputDimension]`, rank 2 or more
/// - kernel: `[inputDimension, units]`
/// - bias:   `[units]`
/// - output: `[batch, ..., units]`; half the units when the activation is `glu`
///
/// The bias is added after the whole product is summed, as Keras does. Every bit of the product is defined by
/// `ScalarReference`: it depends on the row, the kernel and the bias alone, never on the other rows, on threads or
/// on the CPU. Infinities and NaN propagate. Immutable; the kernel is packed once.
///
/// A layer of another type than float32 casts inputs to that type; in one of 16 bits the product, the sum with the bias and
/// the activation are each computed in float32 and rounded (`PackedHalfKernel`), in float64 all is float64.
package struct Dense: Sendable {
    package let configuration: DenseConfiguration
    package let bias: Tensor?
    let packed: PackedWeights
    /// The kernel as it was given; `nil` where the packed weights hold every bit of it.
    private let givenKernel: Tensor?
    /// What a quantized layer keeps of its weights beside what is packed.
    let kept: KeptWeights?
    /// The low-rank term of a layer configured with one: part of the packed weights, and not of `kernel`.
    package let lora: LowRankTerm?
    /// The activation, where it is an element-wise one.
    private let elementwise: RowsActivation?

    /// The bound on the elements of an output and of generated weights, 1 GiB: a few bytes of request must not be able
    /// to ask for more memory than there is.
    package static let maximumElements = 1 << 28

    /// - Parameter kernels: the instruction set to compute with.
    /// - Throws: `EngineError.weightShapeMismatch` when the kernel is not `[inputDimension, units]` or the bias not
    ///   `[units]`; `.missingWeight` or `.unexpectedWeight` when there is a bias and `useBias` says otherwise.
    package init(
        _ configuration: DenseConfiguration, kernel: Tensor, bias: Tensor?, kernels: KernelTable = Kernels.current
    ) throws(EngineError) {
        try configuration.check(kernel: kernel, bias: bias)
        let kernel = kernel.cast(to: configuration.policy.variable)
        let bias = bias?.cast(to: configuration.policy.variable)
        let packed: PackedWeights =
            switch configuration.policy.compute {
            case .float32: .float32(try PackedKernel(kernel: kernel, bias: bias, for: kernels))
            case .float16, .bfloat16:
                .half(try PackedHalfKernel(configuration.policy.compute, kernel: kernel, bias: bias, kernels: kernels))
            case .float64: .double(PackedDoubleKernel(kernel: kernel, bias: bias, kernels: kernels))
            }
        self.init(configuration, packed: packed, kernel: kernel, bias: bias)
    }

    /// A layer of weights that are packed already.
    ///
    /// - Parameter kernel: where the packed weights do not hold it.
    init(
        _ configuration: DenseConfiguration, packed: PackedWeights, kernel: Tensor? = nil, kept: KeptWeights? = nil,
        bias: Tensor?, lora: LowRankTerm? = nil
    ) {
        self.configuration = configuration
        self.lora = lora
        self.kept = kept
        self.givenKernel = kernel
        self.bias = bias
        self.packed = packed
        self.elementwise = configuration.computedActivation.elementwise.map { .elementwise($0) }
    }

    /// A layer whose weights come from the configured initializers.
    ///
    /// - Throws: `EngineError.invalidShape` for a negative dimension, `.tooLarge` for more than `maximumElements`
    ///   weights, and what the initializers throw.
    package init(_ configuration: DenseConfiguration, inputDimension: Int) throws(EngineError) {
        let shape = try Shape([inputDimension, configuration.units])
        guard shape.count <= Self.maximumElements, configuration.units <= Self.maximumElements else {
            throw .tooLarge(
                layer: configuration.name, what: "kernel", shape: shape, maximum: Self.maximumElements)
        }
        let kernel = try configuration.kernelInitializer(shape: shape)
        var bias: Tensor?
        if configuration.useBias { bias = try configuration.biasInitializer(shape: Shape([configuration.units])) }
        try self.init(configuration, kernel: kernel, bias: bias)
    }

    /// `[inputDimension, units]`; of a quantized layer its integers as Keras stores them.
    package var kernel: Tensor {
        guard let kernel = givenKernel ?? kept?.tensor("kernel") ?? packed.kernel else {
            preconditionFailure("weights are kept or can be unpacked")
        }
        return kernel
    }

    /// What inputs are cast to, and outputs are.
    package var type: DType { packed.type }
    var computedActivation: Activation { configuration.computedActivation }

    package var inputDimension: Int { packed.inputDimension }
    package var units: Int { packed.units }

    /// - Throws: Keras's errors: `EngineError.rankTooLow`, `.lastAxisMismatch`, those of the activation; and `.tooLarge`
    ///   for an output of more than `maximumElements`.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        try callAsFunction(input, threads: nil)
    }

    /// The same, on a given number of threads; `nil` chooses by the amount of work.
    package func callAsFunction(_ input: Tensor, threads: Int?) throws(EngineError) -> Tensor {
        if case .double(let kernel) = packed {
            return try configuration.activation.doubles(product(input, kernel))
        }
        // Without units an activation along them says what it has against that.
        guard let onRows = activationOnRows(rank: input.shape.rank), units > 0 else {
            // In blocks of rows that stay in cache, where the activation keeps to them.
            if threads == nil,
                let plan = try SequentialPlan.plan(for: input.shape, through: [.dense(self)], kernels: packed.kernels)
            {
                return try plan(input, cut: .automatic)
            }
            return try computedActivation(product(input, applying: nil, threads: threads)).cast(to: type)
        }
        return try product(input, applying: onRows, threads: threads)
    }

    /// The layer's activation in the form that `multiply` applies to rows as it goes; `nil` for one that it cannot:
    /// one along another axis than the last, and `glu`.
    ///
    /// - Parameter rank: of the input.
    package func activationOnRows(rank: Int) -> RowsActivation? {
        elementwise ?? computedActivation.onRows(rank: rank)
    }

    /// Computes rows from memory to memory: checks nothing, and on one thread allocates nothing.
    ///
    /// - Parameters:
    ///   - input: `rows` rows of `inputDimension`, one after the other.
    ///   - activation: what follows the bias, as `activationOnRows` gives it; `nil` for the logits.
    ///   - output: memory for `rows` rows of `units`; no part of the input.
    ///   - threads: `nil` chooses by the amount of work.
    package func multiply(
        _ input: UnsafePointer<Float>, rows: Int, applying activation: RowsActivation?,
        into output: UnsafeMutablePointer<Float>, threads: Int? = nil
    ) {
        unsafe packed.run(input: input, rows: rows, activation: activation, output: output, threads: threads)
    }

    /// The output before the activation, `[batch, ..., units]`.
    ///
    /// - Throws: as calling the layer does, but for the activation's errors.
    package func logits(_ input: Tensor) throws(EngineError) -> Tensor {
        if case .double(let kernel) = packed { return try product(input, kernel) }
        return try product(input, applying: nil, threads: nil)
    }

    /// The real shape of the output for an input's shape: a `glu` halves the last axis.
    ///
    /// - Throws: as calling the layer does.
    package func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        try configuration.activation.outputShape(for: logitsShape(for: shape))
    }

    func logitsShape(for shape: Shape) throws(EngineError) -> Shape {
        guard shape.rank >= 2 else { throw .rankTooLow(layer: configuration.name, minimum: 2, shape: shape) }
        guard shape.lastAxis == inputDimension else {
            throw .lastAxisMismatch(layer: configuration.name, expected: inputDimension, shape: shape)
        }
        let output = try shape.replacingLastAxis(with: units)
        guard output.count <= Self.maximumElements else {
            throw .tooLarge(
                layer: configuration.name, what: "output", shape: output, maximum: Self.maximumElements)
        }
        return output
    }

    private func product(
        _ input: Tensor, applying activation: RowsActivation?, threads: Int?
    ) throws(EngineError) -> Tensor {
        let shape = try logitsShape(for: input.shape)
        let input = input.cast(to: type)
        return unsafe Tensor(shape: shape, type: type) { output in
            guard let target = output.baseAddress else { return }
            unsafe input.withElements { source in
                unsafe multiply(
                    source.baseAddress ?? UnsafePointer(target), rows: shape.rowCount, applying: activation,
                    into: target, threads: threads)
            }
        }
    }
}

extension Dense {
    private func product(_ input: Tensor, _ kernel: PackedDoubleKernel) throws(EngineError) -> Tensor {
        let shape = try logitsShape(for: input.shape)
        return try Tensor(shape: shape, doubles: kernel.run(input.asDoubles, rows: shape.rowCount))
    }
}

extension DenseConfiguration {
    /// The activation as the layer's type has it.
    var computedActivation: Activation { activation.rounded(to: policy.compute) }

    /// - Throws: `EngineError.weightShapeMismatch`, `.missingWeight` or `.unexpectedWeight` when kernel and bias are not
    ///   what the configuration needs.
    func check(kernel: Tensor, bias: Tensor?) throws(EngineError) {
        guard kernel.shape.rank == 2, kernel.shape.lastAxis == units else {
            throw .weightShapeMismatch(layer: name, weight: "kernel", expected: [-1, units], received: kernel.shape)
        }
        try check(bias: bias)
    }

    /// - Throws: as above, for the bias.
    func check(bias: Tensor?) throws(EngineError) {
        switch (useBias, bias) {
        case (true, nil): throw .missingWeight(layer: name, weight: "bias")
        case (false, .some): throw .unexpectedWeight(layer: name, weight: "bias", expected: ["kernel"])
        case (true, let bias?) where bias.shape.dimensions != [units]:
            throw .weightShapeMismatch(layer: name, weight: "bias", expected: [units], received: bias.shape)
        case (true, .some), (false, nil): break
        }
    }
}
