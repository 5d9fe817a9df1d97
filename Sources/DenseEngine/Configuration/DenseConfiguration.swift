/// Every argument of the constructor of Keras's `Dense` (keras/src/layers/core/dense.py), with Keras's defaults.
package struct DenseConfiguration: Hashable, Sendable {
    package var identity: LayerIdentity
    /// The size of the output's last axis (before a `glu` halves it), 1 or more.
    package var units: Int
    package var activation: Activation
    package var useBias: Bool
    package var kernelInitializer: Initializer
    package var biasInitializer: Initializer
    package var kernelRegularizer: Regularizer?
    package var biasRegularizer: Regularizer?
    package var activityRegularizer: Regularizer?
    package var kernelConstraint: Constraint?
    package var biasConstraint: Constraint?
    /// How the weights were quantized, where the policy says that they are; `nil` is the mode's default.
    package var quantization: QuantizationConfiguration?
    package var lora: LoRAConfiguration?

    /// - Precondition: `units` is 1 or more; a configuration read from a client is checked by `init(config:)`.
    package init(
        units: Int, activation: Activation = .linear, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform(seed: nil), biasInitializer: Initializer = .zeros,
        kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
        activityRegularizer: Regularizer? = nil, kernelConstraint: Constraint? = nil,
        biasConstraint: Constraint? = nil, name: String? = nil, trainable: Bool = true
    ) {
        precondition(units > 0, "units must be positive")
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.units = units
        self.activation = activation
        self.useBias = useBias
        self.kernelInitializer = kernelInitializer
        self.biasInitializer = biasInitializer
        self.kernelRegularizer = kernelRegularizer
        self.biasRegularizer = biasRegularizer
        self.activityRegularizer = activityRegularizer
        self.kernelConstraint = kernelConstraint
        self.biasConstraint = biasConstraint
    }

    /// The name given, or the one Keras gives the first layer without a name: `dense`.
    package var name: String {
        get { identity.name ?? "dense" }
        set { identity.name = newValue }
    }

    package var policy: DTypePolicy {
        get { identity.policy }
        set { identity.policy = newValue }
    }

    package var trainable: Bool {
        get { identity.trainable }
        set { identity.trainable = newValue }
    }
}
