/// What one call of a model gives.
package struct ModelOutput: Hashable, Sendable {
    package var output: Tensor
    /// The value before the last layer's activation, when it was asked for.
    package var logits: Tensor?
    /// The regularization penalties in the order of Keras's `layer.losses`, when they were asked for.
    package var losses: [Float]?
    /// What Keras would have warned about, as full sentences.
    package var warnings: [String]

    package init(output: Tensor, logits: Tensor? = nil, losses: [Float]? = nil, warnings: [String] = []) {
        self.output = output
        self.logits = logits
        self.losses = losses
        self.warnings = warnings
    }
}
