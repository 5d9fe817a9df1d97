extension Layer {
    /// Whether a layer's output at each position of axis 0 comes from that position of its input alone, wherever it
    /// stands and however many there are.
    ///
    /// - Parameter rank: the input's, 1 or more.
    func isBatchIndependent(rank: Int) -> Bool {
        switch self {
        case .dense(let layer): layer.configuration.activation.isBatchIndependent(rank: rank)
        case .activation(let layer): layer.activation.isBatchIndependent(rank: rank)
        case .rescaling(let layer):
            [layer.scale, layer.offset].allSatisfy { array in
                array.shape.rank < rank || array.shape.dimensions[0] == 1
            }
        case .normalization(let layer): !layer.configuration.axes.contains { $0 == 0 || $0 == -rank }
        case .batchNormalization(let layer): ![0, -rank].contains(layer.configuration.axis)
        case .axisNormalization(let layer): !layer.configuration.axes.contains { $0 == 0 || $0 == -rank }
        // A model that makes a single number of `[1]` has no batch.
        case .inputLayer(let layer): !layer.batchShape.isEmpty
        case .dropout, .flatten, .reshape, .parametricReLU: true
        }
    }

    /// The rank of the output; `nil` when the layer takes no input of that rank. It may take none for other reasons.
    fileprivate func outputRank(for rank: Int) -> Int? {
        switch self {
        case .dense(let layer): rank >= 2 ? layer.configuration.activation.outputRank(for: rank) : nil
        case .activation(let layer): layer.activation.outputRank(for: rank)
        case .rescaling(let layer): max(layer.scale.shape.rank, layer.offset.shape.rank) <= rank ? rank : nil
        case .normalization(let layer):
            layer.configuration.axes.allSatisfy { $0 >= -rank && $0 < rank } ? rank : nil
        case .batchNormalization(let layer):
            layer.configuration.axis >= -rank && layer.configuration.axis < rank ? rank : nil
        case .axisNormalization(let layer):
            layer.configuration.axes.allSatisfy { $0 >= -rank && $0 < rank } ? rank : nil
        case .parametricReLU(let layer): layer.alpha.shape.rank == rank - 1 ? rank : nil
        case .inputLayer(let layer):
            abs(rank - layer.batchShape.count) <= 1 ? layer.batchShape.count : nil
        case .flatten: 2
        case .reshape(let layer): 1 + layer.targetShape.count
        case .dropout: rank
        }
    }

    /// The ranks at which the two functions above may answer otherwise than at the rank above or below.
    fileprivate var decisiveRanks: [Int] {
        switch self {
        case .dense(let layer): [2] + layer.configuration.activation.decisiveRanks
        case .activation(let layer): layer.activation.decisiveRanks
        case .rescaling(let layer): [layer.scale.shape.rank, layer.offset.shape.rank]
        case .normalization(let layer): layer.configuration.axes.flatMap(ranks(where:))
        case .batchNormalization(let layer): ranks(where: layer.configuration.axis)
        case .axisNormalization(let layer): layer.configuration.axes.flatMap(ranks(where:))
        case .parametricReLU(let layer): [layer.alpha.shape.rank + 1]
        case .inputLayer(let layer): [layer.batchShape.count]
        case .dropout, .flatten, .reshape: []
        }
    }
}

extension Activation {
    fileprivate func isBatchIndependent(rank: Int) -> Bool {
        configuredAxis != 0 && configuredAxis != -rank
    }

    fileprivate func outputRank(for rank: Int) -> Int? {
        guard let axis = configuredAxis else { return rank }
        return axis >= -rank && axis < rank ? rank : nil
    }

    fileprivate var decisiveRanks: [Int] {
        configuredAxis.map(ranks(where:)) ?? []
    }
}

/// The least rank that has an axis of this number, and the one whose axis 0 it is.
private func ranks(where axis: Int) -> [Int] {
    [axis < 0 ? Int(clamping: axis.magnitude) : axis == .max ? axis : axis + 1]
}

extension Sequential {
    /// See the property of the same name.
    static func isBatchIndependent(_ layers: [Layer]) -> Bool {
        // Between these, all ranks fare alike.
        let decisive = Set(layers.flatMap(\.decisiveRanks).flatMap { [$0 - 1, $0, $0 == .max ? $0 : $0 + 1] } + [1])
        return decisive.filter { $0 >= 1 }.allSatisfy { rank in
            var rank = rank
            var isIndependent = true
            for layer in layers {
                guard let next = layer.outputRank(for: rank) else { return true }
                isIndependent = isIndependent && layer.isBatchIndependent(rank: rank)
                rank = next
            }
            return isIndependent
        }
    }
}
