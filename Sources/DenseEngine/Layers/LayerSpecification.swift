/// One layer as a client describes it: what `Sequential` builds from.
package struct LayerSpecification: Hashable, Sendable {
    package var configuration: LayerConfiguration
    /// The weights by Keras's names (`kernel`, `bias`; `mean`, `variance`); `nil` to have the initializers make them.
    package var weights: [String: Tensor]?
    /// The shape the layer was built for, batch axis first, `nil` for any size: Keras's `build_config`,
    /// `batch_input_shape`, `input_shape` or `input_dim`. It serves to make weights and is not enforced.
    package var inputShape: [Int?]?

    package init(_ configuration: LayerConfiguration, weights: [String: Tensor]? = nil, inputShape: [Int?]? = nil) {
        self.configuration = configuration
        self.weights = weights
        self.inputShape = inputShape
    }
}
