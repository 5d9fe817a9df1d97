/// What every Keras layer has: its name and whether training would change it.
package struct LayerIdentity: Hashable, Sendable {
    /// `nil` until somebody names the layer; `Sequential` gives unnamed layers Keras's unique names.
    package var name: String?
    package var trainable: Bool

    package init(name: String? = nil, trainable: Bool = true) {
        self.name = name
        self.trainable = trainable
    }
}
