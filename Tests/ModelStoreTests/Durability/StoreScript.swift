import DenseEngine
import ModelStore

/// A series of changes of every kind, each of which may be tried again.
enum StoreScript {
    typealias Change = @Sendable (ModelRegistry) throws(ModelStoreError) -> Void

    static let changes: [Change] = [
        register("m", 1), register("m", 2), label("stable", 1), register("n", 1), train("m"), label("stable", 2),
        adapt("m", 2, "a", 1), remove("m", 1), batch("m"), label("canary", 2), adapt("m", 2, "b", 2),
        unlabel("canary"), unadapt("m", 2, "a"), register("m", 3), adapt("m", 2, "a", 3), adapt("n", 1, "a", 4),
        remove("n", nil), register("o", 4), adapt("o", 1, "c", 5), register("n", 5), remove("o", nil), register("m", 1),
    ]

    private static func register(_ name: String, _ seed: Float) -> Change {
        { registry throws(ModelStoreError) in
            let text = Array(ModelSamples.json(seed).utf8)
            _ = try registry.register(name, try ModelDocument(json: text))
        }
    }

    private static func adapt(_ name: String, _ version: Int, _ adapter: String, _ seed: Float) -> Change {
        { registry throws(ModelStoreError) in
            let document = try ModelSamples.adapter(seed)
            _ = try registry.registerAdapter(adapter, of: name, version: version, document)
        }
    }

    private static func unadapt(_ name: String, _ version: Int, _ adapter: String) -> Change {
        { registry throws(ModelStoreError) in
            do throws(ModelStoreError) {
                try registry.removeAdapter(adapter, of: name, version: version)
            } catch {
                guard case .unknownAdapter = error else { throw error }
            }
        }
    }

    private static func label(_ label: String, _ version: Int) -> Change {
        { registry throws(ModelStoreError) in _ = try registry.setLabel(label, of: "m", to: version) }
    }

    private static func unlabel(_ label: String) -> Change {
        { registry throws(ModelStoreError) in
            do throws(ModelStoreError) { try registry.removeLabel(label, of: "m") } catch {
                guard case .unknownLabel = error else { throw error }
            }
        }
    }

    private static func train(_ name: String) -> Change {
        { registry throws(ModelStoreError) in try registry.change(name, trainable: false) }
    }

    private static func batch(_ name: String) -> Change {
        { registry throws(ModelStoreError) in
            var options = BatchOptions()
            options.maximumRows = 7
            try registry.change(name, batching: options)
        }
    }

    private static func remove(_ name: String, _ version: Int?) -> Change {
        { registry throws(ModelStoreError) in
            do throws(ModelStoreError) { try registry.remove(name, version: version) } catch {
                switch error {
                case .unknownModel, .unknownVersion: break
                default: throw error
                }
            }
        }
    }

    /// Everything about a registry that a client can see, and which versions come next, as text.
    static func description(of registry: ModelRegistry) -> String {
        registry.all.map { model in
            let versions = model.versions.map { version in
                let weight = version.network.layers[0].weights[0].tensor.elements[0]
                return "\(version.version):\(version.content.digest.hexadecimal.prefix(8)):\(weight)"
                    + ":\(version.trainable.map(String.init) ?? "-"):\(version.batching.maximumRows ?? 0)"
                    + version.adapters.sorted { $0.key < $1.key }.map { name, adapter in
                        ":\(name)=\(adapter.adapter.terms[0].term.a.elements[0])"
                    }.joined()
            }
            let labels = model.labels.map { "\($0.label)=\($0.version)" }
            return "\(model.name) \(versions.joined(separator: " ")) \(labels.joined(separator: " "))"
        }.joined(separator: "\n")
    }

    /// What a registry in memory is at before the first change and after each.
    static func states() throws -> [String] {
        let registry = ModelRegistry(maximumBytes: 1 << 24)
        return try [description(of: registry)]
            + changes.map { change in
                try change(registry)
                return description(of: registry)
            }
    }

    /// The versions that another registration of each name would get; it gets them.
    static func nextVersions(of registry: ModelRegistry) throws -> [Int] {
        try ["m", "n", "o"].map { try registry.register($0, ModelSamples.document(99)).model.version }
    }
}
