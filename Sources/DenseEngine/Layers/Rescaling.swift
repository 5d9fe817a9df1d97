/// Keras's `Rescaling`: `output = input * scale + offset`. Scale and offset are numbers, or arrays that are broadcast
/// over the input's last axes.
///
/// - input:  any shape
/// - output: the same shape
package struct Rescaling: Hashable, Sendable {
    package var identity: LayerIdentity
    package var scale: ConfigArray
    package var offset: ConfigArray

    package init(scale: ConfigArray, offset: ConfigArray = ConfigArray(0), name: String? = nil, trainable: Bool = true)
    {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.scale = scale
        self.offset = offset
    }

    /// - Throws: `EngineError.incompatibleInput` when an array of scales or offsets does not fit the input's last axes.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        input.applying(try steps(for: input.shape))
    }

    private var type: DType { identity.policy.compute }

    /// What is done to an input of this shape, in place. Two roundings, as Keras's two operations have; never a fused
    /// multiply-add.
    ///
    /// - Throws: as calling the layer does.
    func steps(for shape: Shape) throws(EngineError) -> [BroadcastStep] {
        [
            BroadcastStep(operation: .multiply, array: try broadcast(scale, "scale", to: shape), type: type),
            BroadcastStep(operation: .add, array: try broadcast(offset, "offset", to: shape), type: type),
        ]
    }

    private func broadcast(
        _ array: ConfigArray, _ argument: String, to shape: Shape
    ) throws(EngineError) -> BroadcastArray {
        guard
            let broadcast = BroadcastArray(
                array.elements.map(type.rounded(_:)), shape: array.shape.dimensions, to: shape)
        else {
            throw .incompatibleInput(
                layer: identity.name ?? "rescaling", shape: shape,
                reason: "`\(argument)` of shape \(array.shape) cannot be broadcast to the input's shape.")
        }
        return broadcast
    }
}
