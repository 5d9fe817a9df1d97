/// Keras's `Dropout`. It acts in training only; at inference it is the identity, and its arguments are kept so that the
/// configuration is written as it was read.
///
/// - input:  any shape
/// - output: the input
package struct Dropout: Hashable, Sendable {
    package var identity: LayerIdentity
    /// The fraction of units that training drops, 0 to 1.
    package var rate: Double
    package var seed: Int?
    /// The shape of the dropout mask; `nil` axes follow the input.
    package var noiseShape: [Int?]?

    package init(
        rate: Double, noiseShape: [Int?]? = nil, seed: Int? = nil, name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.rate = rate
        self.noiseShape = noiseShape
        self.seed = seed
    }
}
