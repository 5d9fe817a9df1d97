/// A tensor seen along one of its axes: `outer` blocks of `length` slices of `inner` values.
struct AxisView: Equatable {
    let outer: Int
    let length: Int
    let inner: Int

    init(_ shape: Shape, axis: Int) {
        outer = shape.dimensions[..<axis].reduce(1, *)
        length = shape.dimensions[axis]
        inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    }
}

extension Activation {
    /// The shape of the activation's output: the input's, or for `glu` with half of its axis.
    ///
    /// - Throws: `EngineError.incompatibleInput` for an axis the shape does not have, for `glu` along an odd axis and for
    ///   a softmax over no elements, in the words of Keras and NumPy.
    package func outputShape(for shape: Shape) throws(EngineError) -> Shape {
        guard let view = try axis(in: shape), case .glu(let axis) = self else { return shape }
        guard view.length.isMultiple(of: 2) else {
            throw incompatible(
                shape, "axis size must be divisible by 2. Received: x.shape=\(shape) with axis=\(axis).")
        }
        var dimensions = shape.dimensions
        dimensions[axis < 0 ? axis + shape.rank : axis] = view.length / 2
        return try Shape(dimensions)
    }

    /// What Keras warns of: a softmax over one value is always 1.
    package func warning(for shape: Shape) -> String? {
        guard case .softmax(let axis) = self, let view = try? self.axis(in: shape), view.length == 1 else { return nil }
        return
            "You are using a softmax over axis \(axis) of a tensor of shape \(shape). This axis has size 1. The softmax "
            + "operation will always return the value 1, which is likely not what you intended. Did you mean to use a "
            + "sigmoid instead?"
    }

    /// The axis the activation works along; `nil` for an element-wise one.
    func axis(in shape: Shape) throws(EngineError) -> AxisView? {
        guard let axis = configuredAxis else { return nil }
        guard axis >= -shape.rank, axis < shape.rank else {
            throw incompatible(shape, "axis \(axis) is out of bounds for array of dimension \(shape.rank).")
        }
        let view = AxisView(shape, axis: axis < 0 ? axis + shape.rank : axis)
        if view.length == 0, view.outer > 0, view.inner > 0, needsElements {
            throw incompatible(shape, "zero-size array to reduction operation maximum which has no identity.")
        }
        return view
    }

    /// The axis as configured, for an activation that works along one.
    var configuredAxis: Int? {
        switch self {
        case .softmax(let axis), .logSoftmax(let axis), .sparsemax(let axis), .glu(let axis): axis
        default: nil
        }
    }

    /// Whether each row of the last axis is activated by itself.
    ///
    /// - Parameter rank: `nil` asks about any rank from 2.
    func isAlongRows(rank: Int?) -> Bool {
        guard let axis = configuredAxis else { return true }
        return axis == -1 || rank.map { axis == $0 - 1 } ?? false
    }

    /// A maximum is taken, which nothing has none of.
    private var needsElements: Bool {
        switch self {
        case .softmax, .logSoftmax: true
        default: false
        }
    }

    private func incompatible(_ shape: Shape, _ reason: String) -> EngineError {
        .incompatibleInput(layer: name, shape: shape, reason: reason)
    }
}
