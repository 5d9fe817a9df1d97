/// Keras's `Flatten`: all axes but the batch become one.
///
/// - input:  `[batch, ...]`
/// - output: `[batch, product of the others]`; `[batch, 1]` for an input of rank 1
package struct Flatten: Hashable, Sendable {
    package enum DataFormat: String, Hashable, Sendable {
        case channelsLast = "channels_last"
        /// Axis 1 is moved to the end before flattening.
        case channelsFirst = "channels_first"
    }

    package var identity: LayerIdentity
    package var dataFormat: DataFormat

    package init(dataFormat: DataFormat = .channelsLast, name: String? = nil, trainable: Bool = true) {
        self.identity = LayerIdentity(name: name, trainable: trainable)
        self.dataFormat = dataFormat
    }
}
