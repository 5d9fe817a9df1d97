/// Keras's `InputLayer`: says, and checks, what shape a model's input has.
///
/// - input:  a shape that agrees with `batchShape` in all axes but the batch. Like Keras, it also takes one more axis
///   of size 1 at the end, or one less.
/// - output: the input, with as many axes as `batchShape`
package struct InputLayer: Hashable, Sendable {
    package var name: String?
    /// With the batch axis first; `nil` stands for any size.
    package var batchShape: [Int?]
    /// What inputs are cast to.
    package var type: DType

    package init(batchShape: [Int?], type: DType = .float32, name: String? = nil) {
        self.batchShape = batchShape
        self.type = type
        self.name = name
    }

    /// - Throws: `EngineError.lastAxisMismatch` when the last axis alone is wrong, else `.incompatibleInput`.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        let shape = try outputShape(for: input.shape)
        return shape == input.shape ? input : try input.reshaped(to: shape)
    }

    /// - Throws: as calling the layer does.
    func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        var dimensions = shape.dimensions
        // Keras's Functional._adjust_input_rank.
        if dimensions.count == batchShape.count + 1, dimensions.last == 1 {
            dimensions.removeLast()
        } else if dimensions.count == batchShape.count - 1, batchShape.last == 1 {
            dimensions.append(1)
        }
        // The batch axis is not compared: Keras does not hold a caller to it either.
        let agrees =
            dimensions.count == batchShape.count
            && zip(dimensions, batchShape).dropFirst().allSatisfy { $1 == nil || $0 == $1 }
        if !agrees, dimensions.count == batchShape.count, dimensions.count >= 2,
            let last = batchShape[batchShape.count - 1],
            zip(dimensions, batchShape).dropFirst().dropLast().allSatisfy({ $1 == nil || $0 == $1 })
        {
            throw .lastAxisMismatch(layer: name ?? "input_layer", expected: last, shape: shape)
        }
        guard agrees else {
            let expected: [Int?] = batchShape.isEmpty ? [] : [nil] + batchShape.dropFirst()
            throw .incompatibleInput(
                layer: name ?? "input_layer", shape: shape,
                reason: "expected shape=\(pythonTuple(expected)), found shape=\(shape).")
        }
        return dimensions.count == shape.rank ? shape : try Shape(dimensions)
    }
}
