package import DenseEngine

/// What a model computes: built layers and their identity. Immutable and shared: by every name and version registered
/// with the same content, and by the requests running on it, which keep it alive after its removal.
package final class ModelContent: Sendable {
    package let digest: ModelDigest
    package let network: Sequential

    /// What it holds in memory: the weights, and their copy packed for the matmul.
    package let byteCount: Int

    package init(_ network: Sequential) {
        self.network = network
        digest = ModelDigest(layers: network.layers.map { ($0.configuration.serialized, $0.weights) })
        byteCount = network.memoryByteCount
    }
}

/// Where a version's content comes from.
package enum ModelOrigin: Hashable, Sendable {
    /// A client, for good.
    case client
    /// A file of the folder of models, for as long as it is there; with the number its folder's name says.
    case folder(version: Int?)
}

/// One registered version of a model.
package struct Model: Sendable {
    package let name: String

    /// 1 or more, given out by the registry, never given out twice under one name.
    package let version: Int
    package let content: ModelContent

    /// Set by `ModelRegistry.change` on all layers at once, as Keras's `model.trainable` does; `nil` while every
    /// layer has the value it was registered with.
    package internal(set) var trainable: Bool?

    /// What the model has of its own among the limits of batching. Not content: it changes no bit of any answer.
    package internal(set) var batching = BatchOptions()

    /// Whether it is there for as long as a file of the folder of models is, and not for good.
    package internal(set) var isFromFolder = false

    /// What requests may choose to be added to its products, by name.
    package internal(set) var adapters: [String: ModelAdapter] = [:]

    /// The version's requests that wait or run, the same for as long as the version is registered.
    package let line = BatchLine()

    /// What is counted of its requests, likewise.
    package let statistics = ModelStatistics()

    package var network: Sequential { content.network }

    /// The layers' configurations as Keras serialises them, with the current `trainable`.
    package var layerConfigurations: [ConfigValue] {
        network.layers.map { layer in
            let serialized = layer.configuration.serialized
            guard let trainable, case .object(var object) = serialized, case .object(var config)? = object["config"]
            else { return serialized }
            config["trainable"] = .bool(trainable)
            object["config"] = .object(config)
            return .object(object)
        }
    }
}
