/// One layer as configured, without weights: the layers this engine runs.
package enum LayerConfiguration: Hashable, Sendable {
    case dense(DenseConfiguration)
    case activation(ActivationLayer)
    case dropout(Dropout)
    case flatten(Flatten)
    case reshape(Reshape)
    case inputLayer(InputLayer)
    case rescaling(Rescaling)
    case normalization(Normalization)
}
