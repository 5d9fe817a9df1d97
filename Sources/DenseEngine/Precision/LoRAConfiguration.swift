internal import DenseKernelTable

/// The low-rank adaptation (LoRA) that a layer is configured with: Keras's `lora_rank` and `lora_alpha`.
package struct LoRAConfiguration: Hashable, Sendable {
    /// 1 or more.
    package var rank: Int
    package var alpha: Double

    /// - Parameter alpha: `nil` is the rank.
    package init(rank: Int, alpha: Double? = nil) {
        self.rank = rank
        self.alpha = alpha ?? Double(rank)
    }
}

extension LoRAConfiguration {
    /// Reads `lora_rank` and `lora_alpha`; `nil` without a rank.
    static func read(_ reader: inout ConfigReader) throws(EngineError) -> LoRAConfiguration? {
        let rank = try reader.optional("lora_rank") { value throws(EngineError) in
            let rank = try value.integer("lora_rank")
            guard rank >= 0 else { throw value.notA("zero or a positive integer", "lora_rank") }
            return rank
        }
        let alpha = try reader.optionalNumber("lora_alpha")
        guard let rank, rank > 0 else { return nil }
        return LoRAConfiguration(rank: rank, alpha: alpha)
    }

    /// What Keras writes: a whole alpha as an integer.
    var serializedAlpha: ConfigValue { Int(exactly: alpha).map(ConfigValue.int) ?? .double(alpha) }
}

extension DenseConfiguration {
    /// The names of the weights that a layer may have besides `weightNames`. Keras numbers and saves none of them: its files
    /// hold kernels with the term merged, and a layer without these weights has the term zero.
    package var optionalWeightNames: [String] { lora == nil ? [] : [LowRankTerm.names.a, LowRankTerm.names.b] }

    /// The term that the weights make, where the configuration has one and they are there.
    ///
    /// - Throws: `EngineError.missingWeight` for one factor without the other, `.weightShapeMismatch`.
    func lowRankTerm(
        _ weights: [String: Tensor], inputDimension: Int, kernels: KernelTable
    ) throws(EngineError) -> LowRankTerm? {
        guard let lora else { return nil }
        try requireAdaptable()
        switch (weights[LowRankTerm.names.a], weights[LowRankTerm.names.b]) {
        case (nil, nil): return nil
        case (let a?, let b?):
            guard a.shape.rank == 2, a.shape.lastAxis == lora.rank else {
                throw .weightShapeMismatch(
                    layer: name, weight: LowRankTerm.names.a, expected: [inputDimension, lora.rank], received: a.shape)
            }
            return try LowRankTerm(
                a: a, b: b, alpha: lora.alpha, layer: name, inputDimension: inputDimension, units: units,
                kernels: kernels)
        case (nil, .some): throw .missingWeight(layer: name, weight: LowRankTerm.names.a)
        case (.some, nil): throw .missingWeight(layer: name, weight: LowRankTerm.names.b)
        }
    }
}

extension LayerConfiguration {
    /// See `DenseConfiguration.optionalWeightNames`.
    package var optionalWeightNames: [String] {
        if case .dense(let layer) = self { layer.optionalWeightNames } else { [] }
    }
}
