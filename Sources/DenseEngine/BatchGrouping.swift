/// What requests must have in common to be computed as one.
struct BatchKey: Hashable, Sendable {
    let line: ObjectIdentifier
    /// The axes the concatenated tensor has behind its rows: the last one where every row stands for itself, whatever the
    /// rank; all but the first where only the positions of axis 0 do.
    let axes: [Int]
    /// Whether every row stands for itself.
    let isFlat: Bool

    /// The key of a request; `nil` for one that has to be computed by itself.
    init?(_ request: BatchRequest) {
        let shape = request.input.shape
        guard let line = request.line, !request.returnsLogits, !request.returnsLosses, shape.rank >= 2,
            shape.count > 0, shape.rowCount < request.limits.maximumRows
        else { return nil }
        isFlat = request.network.isRowIndependent
        guard isFlat || request.network.isBatchIndependent else { return nil }
        axes = isFlat ? [shape.lastAxis] : Array(shape.dimensions.dropFirst())
        self.line = ObjectIdentifier(line)
    }
}

/// Which of some requests are computed together: pure arithmetic on shapes.
struct BatchGrouping<Member: Sendable>: Sendable {
    /// Requests of one key, and their rows.
    struct Group: Sendable {
        /// `nil` for a request by itself.
        let key: BatchKey?
        var members: [Member]
        var rows: Int
    }

    /// The groups, in the order of their first members.
    private(set) var groups: [Group] = []
    /// The group of each key that takes more.
    private var open: [BatchKey: Int] = [:]

    /// Adds a request to the group of its key, or begins a group where that one is full.
    ///
    /// - Parameters:
    ///   - key: `nil` puts it into a group of its own.
    ///   - maximumRows: of a group of this key.
    mutating func add(_ member: Member, key: BatchKey?, rows: Int, maximumRows: Int) {
        if let key, let index = open[key], groups[index].rows <= maximumRows - rows {
            groups[index].members.append(member)
            groups[index].rows += rows
            return
        }
        if let key { open[key] = groups.count }
        groups.append(Group(key: key, members: [member], rows: rows))
    }
}

extension Sequential {
    /// See the property of the same name.
    static func isRowIndependent(_ layers: [Layer]) -> Bool {
        layers.allSatisfy { layer in
            switch layer {
            case .dense(let layer): layer.configuration.activation.isAlongRows(rank: nil)
            case .activation(let layer): layer.activation.isAlongRows(rank: nil)
            case .dropout: true
            case .rescaling(let layer): layer.scale.shape.rank <= 1 && layer.offset.shape.rank <= 1
            case .batchNormalization(let layer): layer.configuration.axis == -1
            case .axisNormalization(let layer): layer.configuration.axes == [-1]
            case .flatten, .reshape, .inputLayer, .normalization, .parametricReLU: false
            }
        }
    }
}
