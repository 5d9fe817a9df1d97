internal import DenseEngine
internal import ModelStore

/// What the protocols of other servers call a model's interface: one input and one output, with names. The input is
/// called as the Keras input layer is, and `input` without one; the output as the last layer is.
struct ModelSignature: Sendable {
    let input: String
    let output: String
    /// The batch axis first; nil for any size.
    let inputShape: [Int?]
    let outputShape: [Int?]
    /// What the input is cast to, whatever it comes as.
    let inputType: DType
    let outputType: DType
    /// Whether the input is to be read as float64.
    let takesDoubles: Bool

    init(_ model: Model) {
        let layers = model.network.layers
        let first = layers.first?.configuration
        if case .inputLayer(let layer)? = first { input = layer.name ?? "input" } else { input = "input" }
        output = layers.last?.name ?? "output"
        inputShape = Self.withAnyBatch(model.network.inputShape)
        outputShape = Self.withAnyBatch(model.network.outputShape)
        inputType = model.network.inputType
        outputType = model.network.outputType
        takesDoubles = model.network.takesDoubles
    }

    private static func withAnyBatch(_ shape: [Int?]?) -> [Int?] {
        guard let shape, !shape.isEmpty else { return [nil, nil] }
        return [nil] + shape.dropFirst()
    }
}
