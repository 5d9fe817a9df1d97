/// What can be wrong with a tensor, a layer configuration or their meeting. Cases carry facts; `description` makes the
/// sentence, in Keras's words where Keras has them.
package enum EngineError: Error, Hashable, Sendable {
    // MARK: Tensors

    /// A negative dimension, or an element count that does not fit an `Int`.
    case invalidShape([Int])
    case elementCountMismatch(shape: Shape, received: Int)

    // MARK: A tensor meeting a layer

    /// Keras's `min_ndim`: `Dense` needs rank 2 or more.
    case rankTooLow(layer: String, minimum: Int, shape: Shape)
    /// The last axis of the input is not the one the kernel was made for.
    case lastAxisMismatch(layer: String, expected: Int, shape: Shape)
    /// The input does not fit the layer for another reason, which `reason` states as a full sentence.
    case incompatibleInput(layer: String, shape: Shape, reason: String)
    /// The output, or weights that would have to be made, would have more than `maximum` elements.
    case tooLarge(layer: String, what: String, shape: Shape, maximum: Int)

    // MARK: Weights

    /// A weight's shape is not what the configuration needs. `-1` in `expected` stands for any size.
    case weightShapeMismatch(layer: String, weight: String, expected: [Int], received: Shape)
    /// A weight is missing, or one was given that the layer does not have.
    case missingWeight(layer: String, weight: String)
    /// An element of a weight that its type does not have. `expected` says in words what it has.
    case weightOutOfRange(layer: String, weight: String, expected: String, received: Float)
    case unexpectedWeight(layer: String, weight: String, expected: [String])
    /// No weights were given, and without an input shape none can be made.
    case unknownInputShape(layer: String)

    // MARK: Configuration. `path` leads from the configuration's root to the value: member names and array indices.

    /// `owner` is the Keras class whose argument it was meant to be, `value` its value as Python prints it.
    case unknownConfigKey(path: [String], owner: String, value: String, allowed: [String])
    case missingConfigKey(path: [String], context: String)
    /// A value of the wrong type, or out of range. `message` is the full sentence, Keras's own where it has one.
    case invalidConfigValue(path: [String], message: String)
    /// A layer class, activation, initializer, regularizer or constraint that is not known.
    case unknownIdentifier(path: [String], kind: String, name: String, expected: [String])
    /// Something Keras has and this server does not (yet).
    case unsupported(path: [String], message: String)

    // MARK: Running

    /// The worker queue is full. `limit` names the bound that was reached; in about `seconds` what waits now will have been
    /// computed.
    case queueFull(limit: String, seconds: Int = 1)
}

extension EngineError {
    /// The same error, found one level further down: `name` is put in front of a configuration error's path.
    package func prefixed(by name: String) -> EngineError {
        switch self {
        case .unknownConfigKey(let path, let owner, let value, let allowed):
            .unknownConfigKey(path: [name] + path, owner: owner, value: value, allowed: allowed)
        case .missingConfigKey(let path, let context): .missingConfigKey(path: [name] + path, context: context)
        case .invalidConfigValue(let path, let message): .invalidConfigValue(path: [name] + path, message: message)
        case .unknownIdentifier(let path, let kind, let identifier, let expected):
            .unknownIdentifier(path: [name] + path, kind: kind, name: identifier, expected: expected)
        case .unsupported(let path, let message): .unsupported(path: [name] + path, message: message)
        case .invalidShape, .elementCountMismatch, .rankTooLow, .lastAxisMismatch, .incompatibleInput, .tooLarge,
            .weightShapeMismatch, .missingWeight, .weightOutOfRange, .unexpectedWeight, .unknownInputShape, .queueFull:
            self
        }
    }
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidShape(let dimensions):
            "A shape's dimensions must be zero or more and their product must fit 63 bits. Received \(dimensions)."
        case .elementCountMismatch(let shape, let received):
            "The number of elements must match the shape. Expected \(shape.count) for shape \(shape), received \(received)."
        case .rankTooLow(let layer, let minimum, let shape):
            "Input 0 of layer \(layer.quoted) is incompatible with the layer: expected min_ndim=\(minimum), "
                + "found ndim=\(shape.rank). Full shape received: \(shape)"
        case .lastAxisMismatch(let layer, let expected, let shape):
            "Input 0 of layer \(layer.quoted) is incompatible with the layer: expected axis -1 of input shape to have "
                + "value \(expected), but received input with shape \(shape)"
        case .incompatibleInput(let layer, let shape, let reason):
            "Input 0 of layer \(layer.quoted) is incompatible with the layer: \(reason) Full shape received: \(shape)"
        case .tooLarge(let layer, let what, let shape, let maximum):
            "The \(what) of layer \(layer.quoted) would be too large. Expected at most \(maximum) elements, "
                + "received \(shape.count) (shape \(shape))."
        case .weightShapeMismatch(let layer, let weight, let expected, let received):
            "The \(weight) of layer \(layer.quoted) has the wrong shape. Expected \(expected), received \(received.dimensions)."
        case .missingWeight(let layer, let weight):
            "Layer \(layer.quoted) needs the weight '\(weight)'. Received none."
        case .weightOutOfRange(let layer, let weight, let expected, let received):
            "The \(weight) of layer \(layer.quoted) has an element that it cannot have. Expected \(expected), received \(received)."
        case .unexpectedWeight(let layer, let weight, let expected):
            "Layer \(layer.quoted) has no weight '\(weight)'. Expected \(Self.list(expected))."
        case .unknownInputShape(let layer):
            "The weights of layer \(layer.quoted) cannot be made without the input's shape. Expected 'weights', or an "
                + "'input_shape' in the configuration; received neither."
        case .unknownConfigKey(let path, let owner, let value, let allowed):
            "Unrecognized keyword arguments passed to \(owner): {'\(path.last ?? "")': \(value)}. "
                + (allowed.isEmpty ? "Expected none." : "Expected one of \(Self.list(allowed)).")
        case .missingConfigKey(let path, let context):
            "The key '\(path.last ?? "")' is missing (\(context))."
        case .invalidConfigValue(_, let message), .unsupported(_, let message): message
        case .unknownIdentifier(_, let kind, let name, let expected):
            "Could not interpret \(kind) identifier: \(name). Expected one of \(Self.list(expected))."
        case .queueFull(let limit, _):
            "The worker queue is full. \(limit) was reached; try again later."
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "'\($0)'" }.joined(separator: ", ")
    }
}
