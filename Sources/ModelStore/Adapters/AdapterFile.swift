package import DenseEngine
internal import TensorCoding

// Adapters as safetensors: those that clients send, and those the store keeps.

extension AdapterDocument {
    /// What each factor may be called, behind its layer's name, and whether it is transposed there.
    private static let suffixes: [(name: String, isFirst: Bool, isTransposed: Bool)] = [
        (LowRankTerm.names.a, true, false), (LowRankTerm.names.b, false, false),
        ("lora_A.weight", true, true), ("lora_B.weight", false, true),
    ]

    /// - Throws: `mismatch` for arrays that are no factors by their names, or alphas that are no numbers.
    init(_ list: WeightList) throws(ModelFileError) {
        if let error = list.unread.sorted(by: { $0.key < $1.key }).first?.value { throw error }
        self.init(fileOf: [:])
        for (name, tensor) in list.tensors {
            guard let suffix = Self.suffixes.first(where: { name.hasSuffix("." + $0.name) }) else {
                throw .mismatch(
                    .safeTensors,
                    message: "The array \(name.quoted) is no adapter's factor by its name. Expected names that end in "
                        + "'.\(Self.suffixes.map(\.name).joined(separator: "', '."))'.")
            }
            let own = String(name.dropLast(suffix.name.count + 1))
            var layer = layers[own] ?? Layer()
            guard (suffix.isFirst ? layer.a : layer.b) == nil else {
                throw .mismatch(.safeTensors, message: "Expected every factor once, received \(name.quoted) too.")
            }
            let factor = suffix.isTransposed ? tensor.transposed : tensor
            if suffix.isFirst { layer.a = factor } else { layer.b = factor }
            set(layer, of: own)
        }
        switch list.alphas {
        case nil: break
        case .object(let object)?:
            for member in object.members {
                guard var layer = layers[member.name], let number = member.value.number else {
                    throw Self.wrongAlphas
                }
                layer.alpha = number
                set(layer, of: member.name)
            }
        case let value?:
            guard let number = value.number else { throw Self.wrongAlphas }
            alpha = number
        }
    }

    private static var wrongAlphas: ModelFileError {
        .mismatch(
            .safeTensors,
            message:
                "The metadata 'lora_alpha' cannot be used. Expected a number, or an object of one for each layer of "
                + "the file, received something else.")
    }
}

extension ModelAdapter {
    /// The adapter as its file in the store.
    package var stored: [UInt8] {
        let alphas = ConfigObject(adapter.terms.map { .init(name: $0.layer, value: .double($0.term.alpha)) })
        let factors = adapter.terms.flatMap { layer, term in
            [(LowRankTerm.names.a, term.a), (LowRankTerm.names.b, term.b)].map { name, tensor in
                (name: "\(layer).\(name)", weight: StoredWeight(tensor: tensor))
            }
        }
        return SafeTensors.encode(
            factors,
            metadata: [
                ("format", "keras-lora"), ("lora_alpha", ConfigValue.object(alphas).json),
                ("sha256", digest.hexadecimal),
            ])
    }

    /// Reads such a file.
    ///
    /// - Throws: `damagedFile` for any other adapter than the one with this digest.
    package static func stored(
        _ bytes: [UInt8], named name: String, for network: Sequential, digest: ModelDigest
    ) throws(ModelStoreError) -> ModelAdapter {
        let adapter = try AdapterDocument(file: bytes).build(name, for: network)
        guard adapter.digest == digest else {
            throw .damagedFile(
                reason: "The adapter '\(name)' is not what was registered. Expected \(digest), received "
                    + "\(adapter.digest).")
        }
        return adapter
    }
}
