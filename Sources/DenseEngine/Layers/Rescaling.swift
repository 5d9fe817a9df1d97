/// Keras's `Rescaling`: `output = input * scale + offset`. Scale and offset are numbers, or arrays that are broadcast
/// over the input's last axes.
///
/// - input:  any shape
/// - output: the same shape
package struct Rescaling: Hashable, Sendable {
    package var identity: LayerIdentity
    package var scale: ConfigArray
    package var offset: ConfigArray

    package init(scale: ConfigArray, offset: ConfigArray = ConfigArray(0), name: String? = nil, trainable: Bool = true)
    {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.scale = scale
        self.offset = offset
    }
}
