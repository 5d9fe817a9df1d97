package import DenseEngine

/// An adapter of one version of a model: low-rank terms that requests choose by its name. Immutable.
package final class ModelAdapter: Sendable {
    package let name: String
    package let adapter: Adapter
    /// Over the adapted layers' names, their alphas and factors.
    package let digest: ModelDigest

    package init(_ name: String, _ adapter: Adapter) {
        self.name = name
        self.adapter = adapter
        digest = ModelDigest(
            layers: adapter.terms.map { layer, term in
                (
                    .object(["adapted": .string(layer), "lora_alpha": .double(term.alpha)]),
                    [(LowRankTerm.names.a, term.a), (LowRankTerm.names.b, term.b)]
                )
            })
    }

    /// What it holds in memory.
    package var byteCount: Int { adapter.memoryByteCount }
}

extension Model {
    /// The adapter that a request names.
    ///
    /// - Throws: `unknownAdapter`.
    package func adapter(named name: String) throws(ModelStoreError) -> ModelAdapter {
        guard let adapter = adapters[name] else {
            throw .unknownAdapter(name: self.name, version: version, adapter: name, available: adapters.keys.sorted())
        }
        return adapter
    }

    /// The version with an adapter merged into its weights, as Keras saves it: a model by itself, registered nowhere.
    ///
    /// - Parameter adapter: one of its own.
    /// - Throws: `engine`.
    package func merged(with adapter: ModelAdapter) throws(ModelStoreError) -> Model {
        do throws(EngineError) {
            var merged = Model(
                name: name, version: version, content: ModelContent(try network.merged(with: adapter.adapter)))
            merged.trainable = trainable
            return merged
        } catch { throw .engine(error, path: []) }
    }
}
