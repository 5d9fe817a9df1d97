/// Keras's `Reshape`: the same elements, in row-major order, with other axes behind the batch.
///
/// - input:  `[batch, ...]`
/// - output: `[batch] + targetShape`, one `-1` in it worked out from the input's size
package struct Reshape: Hashable, Sendable {
    package var identity: LayerIdentity
    /// Without the batch axis. At most one axis is -1, the others are zero or more.
    package var targetShape: [Int]

    package init(targetShape: [Int], name: String? = nil, trainable: Bool = true) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.targetShape = targetShape
    }
}
