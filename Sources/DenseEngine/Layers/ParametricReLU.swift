/// Keras's `PReLU`: `output = relu(input) - alpha * relu(-input)`, with an alpha for each position behind the batch axis,
/// or one for all along the `sharedAxes`.
///
/// - input:  `[batch, ...]`, of the shape the layer was built for
/// - output: the same shape
package struct ParametricReLU: Hashable, Sendable {
    package var identity: LayerIdentity
    package var alpha: WeightArguments
    /// Axes along which one alpha serves all, counted with the batch as axis 0; `nil` for none.
    package var sharedAxes: [Int]?

    package init(
        alpha: WeightArguments = WeightArguments(.zeros), sharedAxes: [Int]? = nil, name: String? = nil,
        trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.alpha = alpha
        self.sharedAxes = sharedAxes
    }

    package var name: String { identity.name ?? "p_re_lu" }

    /// The alpha's sizes for an input of a shape, `nil` where that does not say.
    func weightSizes(for dimensions: [Int?]) -> [Int?] {
        var sizes = Array(dimensions.dropFirst())
        for axis in sharedAxes ?? [] where axis > Int.min {
            // Python's negative indices count from the last.
            let position = axis - 1 < 0 ? axis - 1 + sizes.count : axis - 1
            if sizes.indices.contains(position) { sizes[position] = 1 }
        }
        return sizes
    }
}

/// A built `PReLU`.
package struct BuiltParametricReLU: Hashable, Sendable {
    package let configuration: ParametricReLU
    package let alpha: Tensor

    package init(_ configuration: ParametricReLU, alpha: Tensor) {
        self.configuration = configuration
        self.alpha = alpha
    }

    /// - Throws: `EngineError.incompatibleInput` for an input of another rank, or of other sizes.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        input.applying([try step(for: input.shape)])
    }

    /// What is done to an input of this shape, in place.
    ///
    /// - Throws: as calling the layer does.
    func step(for shape: Shape) throws(EngineError) -> BroadcastStep {
        guard shape.rank == alpha.shape.rank + 1,
            let array = BroadcastArray(
                alpha.cast(to: configuration.identity.policy.compute).elements, shape: alpha.shape.dimensions, to: shape
            )
        else {
            throw .incompatibleInput(
                layer: configuration.name, shape: shape,
                reason: "alpha of shape \(alpha.shape) cannot be broadcast to the axes behind the batch.")
        }
        return BroadcastStep(operation: .rectify, array: array)
    }
}
