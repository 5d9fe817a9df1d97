/// What every Keras layer has: its name, whether training would change it, and the types it computes in.
package struct LayerIdentity: Hashable, Sendable {
    /// `nil` until somebody names the layer; `Sequential` gives unnamed layers Keras's unique names.
    package var name: String?
    package var trainable: Bool
    package var policy: DTypePolicy

    package init(name: String? = nil, trainable: Bool = true, policy: DTypePolicy = .float32) {
        self.name = name
        self.trainable = trainable
        self.policy = policy
    }
}
