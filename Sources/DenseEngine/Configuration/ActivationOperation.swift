/// Activations with arguments that no Keras layer carries, as the operations of `keras.ops` that do: any callable may be a
/// layer's activation, and Keras serialises operations like layers.
///
/// Source: `keras/src/ops/nn.py`.
extension Activation {
    /// The operations' classes, with the names of the activations.
    private static let operations = [
        "LeakyRelu": "leaky_relu", "Celu": "celu", "Gelu": "gelu", "LogSoftmax": "log_softmax",
        "Sparsemax": "sparsemax",
        "Glu": "glu", "Squareplus": "squareplus", "HardShrink": "hard_shrink", "SoftShrink": "soft_shrink",
        "Threshold": "threshold", "Elu": "elu",
    ]

    /// What the class of an operation is called as an activation.
    static func name(ofOperation className: String) -> String? { operations[className] }

    /// What Keras can load: `serialized`, or an operation in the place of arguments beside a name. `nil` for arguments that
    /// nothing in Keras takes: a `relu` with a negative one.
    package var kerasSerialized: ConfigValue? {
        guard case .object(let object) = serialized, object["class_name"] == nil else { return serialized }
        guard let className = Self.operations.first(where: { $0.value == name })?.key else { return nil }
        return .object([
            "module": .string("keras.src.ops.nn"), "class_name": .string(className), "config": .object(object),
            "registered_name": .null,
        ])
    }
}
