/// A layer that only applies an activation: Keras's `Activation`, and its relatives that name one activation each and
/// carry its arguments. They compute alike; the class is kept so that a configuration is written as it was read.
///
/// - input:  any shape
/// - output: the same shape (`glu` halves its axis)
package struct ActivationLayer: Hashable, Sendable {
    /// The Keras class the layer came from.
    package enum Class: String, Hashable, Sendable, CaseIterable {
        case activation = "Activation"
        case relu = "ReLU"
        case leakyReLU = "LeakyReLU"
        case elu = "ELU"
        case softmax = "Softmax"
    }

    package var identity: LayerIdentity
    package var layerClass: Class
    package var activation: Activation
    package var activityRegularizer: Regularizer?

    package init(
        _ activation: Activation, layerClass: Class = .activation, activityRegularizer: Regularizer? = nil,
        name: String? = nil, trainable: Bool = true
    ) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.layerClass = layerClass
        self.activation = activation
        self.activityRegularizer = activityRegularizer
    }
}
