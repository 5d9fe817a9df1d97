/// Keras's `Reshape`: the same elements, in row-major order, with other axes behind the batch.
///
/// - input:  `[batch, ...]`
/// - output: `[batch] + targetShape`, one `-1` in it worked out from the input's size
package struct Reshape: Hashable, Sendable {
    package var identity: LayerIdentity
    /// Without the batch axis. At most one axis is -1, the others are zero or more.
    package var targetShape: [Int]

    package init(targetShape: [Int], name: String? = nil, trainable: Bool = true) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.targetShape = targetShape
    }

    /// - Throws: `EngineError.rankTooLow` for a single number, `.incompatibleInput` when the sizes do not match.
    package func callAsFunction(_ input: Tensor) throws(EngineError) -> Tensor {
        try input.reshaped(to: outputShape(for: input.shape))
    }

    /// - Throws: as calling the layer does.
    func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        let name = identity.name ?? "reshape"
        guard let batch = shape.dimensions.first else { throw .rankTooLow(layer: name, minimum: 1, shape: shape) }
        switch resolve(Array(shape.dimensions.dropFirst())) {
        case .axes(let axes): return try Shape([batch] + axes)
        case .impossible(let reason): throw .incompatibleInput(layer: name, shape: shape, reason: reason)
        }
    }

    /// - Throws: `EngineError.invalidConfigValue` when no input of that shape can be reshaped.
    func outputShape(for shape: PartialShape) throws(EngineError) -> PartialShape {
        let free = PartialShape([shape.dimensions.first ?? nil] + targetShape.map { $0 == -1 ? nil : $0 })
        let known = shape.dimensions.dropFirst().compactMap(\.self)
        guard !shape.isRankFree, known.count == shape.dimensions.count - 1 else { return free }
        switch resolve(known) {
        case .axes(let axes): return PartialShape([shape.dimensions.first ?? nil] + axes)
        case .impossible(let reason): throw .invalidConfigValue(path: [], message: reason)
        }
    }

    private enum Resolution {
        case axes([Int])
        case impossible(String)
    }

    /// Keras's `compute_reshape_output_shape` (keras/src/ops/operation_utils.py), for the axes behind the batch.
    private func resolve(_ axes: [Int]) -> Resolution {
        let received =
            "Received: input_shape=\(pythonTuple(axes)), target_shape=\(pythonTuple(targetShape))"
        let mismatch = Resolution.impossible("The total size of the tensor must be unchanged. \(received).")
        guard let size = Self.product(axes), let target = Self.product(targetShape.filter { $0 != -1 }) else {
            return mismatch
        }
        guard let free = targetShape.firstIndex(of: -1) else { return size == target ? .axes(targetShape) : mismatch }
        guard target > 0, size.isMultiple(of: target) else {
            return .impossible(
                "The total size of the tensor must be unchanged, however, the input size cannot by divided by the "
                    + "specified dimensions in target_shape. \(received).")
        }
        var resolved = targetShape
        resolved[free] = size / target
        return .axes(resolved)
    }

    /// `nil` when it does not fit an `Int`.
    private static func product(_ axes: [Int]) -> Int? {
        var product = 1
        for axis in axes {
            let (next, overflow) = product.multipliedReportingOverflow(by: axis)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }
}
