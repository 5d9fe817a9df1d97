/// Keras's `Dropout` and its relatives. They act in training only; at inference they are the identity, and their arguments
/// are kept so that the configuration is written as it was read.
///
/// - input:  any shape
/// - output: the input
package struct Dropout: Hashable, Sendable {
    /// The Keras class the layer came from.
    package enum Class: String, Hashable, Sendable, CaseIterable {
        case dropout = "Dropout"
        case alphaDropout = "AlphaDropout"
        case gaussianDropout = "GaussianDropout"
        case gaussianNoise = "GaussianNoise"

        var defaultName: String { snakeCase(rawValue) }

        /// The argument that says how much is dropped.
        var rateName: String { self == .gaussianNoise ? "stddev" : "rate" }

        var hasNoiseShape: Bool { self == .dropout || self == .alphaDropout }
    }

    package var identity: LayerIdentity
    package var layerClass: Class
    /// The fraction of units that training drops, or the deviation of the noise it adds, 0 to 1.
    package var rate: Double
    package var seed: Int?
    /// The shape of the dropout mask; `nil` axes follow the input.
    package var noiseShape: [Int?]?

    package init(
        rate: Double, layerClass: Class = .dropout, noiseShape: [Int?]? = nil, seed: Int? = nil, name: String? = nil,
        trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.layerClass = layerClass
        self.rate = rate
        self.noiseShape = noiseShape
        self.seed = seed
    }
}
