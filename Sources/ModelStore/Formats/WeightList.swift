internal import DenseEngine

/// The tensors of a file that holds arrays by name and no model: safetensors, NPZ, NPY.
struct WeightList {
    let kind: FileKind
    /// In the file's order; names differ.
    var tensors: [(name: String, tensor: Tensor)] = []
    /// Arrays of types that are not read, and why. They matter only when a layer needs them.
    var unread: [String: ModelFileError] = [:]
    /// The layers' configuration, when the file says it: in those this server writes.
    var configuration: ConfigValue?
    /// The shape of the model's input, likewise.
    var inputShape: [Int?]?
    /// What the metadata `lora_alpha` of an adapter's file says.
    var alphas: ConfigValue?

    init(kind: FileKind) { self.kind = kind }
}

extension WeightList {
    /// The layers' own names, and PyTorch's for the same.
    static let suffixes = [
        "kernel", "bias", "kernel_scale", "kernel_zero", "g_idx", "awq_scales", "inputs_scale", "inputs_amax_history",
        "kernel_amax_history", "outputs_grad_scale", "outputs_grad_amax_history", "lora_kernel_a", "lora_kernel_b",
        "gamma", "beta", "moving_mean",
        "moving_variance", "mean", "variance",
        "count", "scale",
        "alpha", "moving_stddev", "renorm_mean", "renorm_stddev", "weight", "running_mean", "running_var",
        "num_batches_tracked",
    ]

    /// One layer's arrays: those whose names differ in the last part only.
    struct Group {
        let name: String
        var tensors: [String: Tensor] = [:]
        var unread: [String: ModelFileError] = [:]

        /// The weight of a layer: by its name, or by the one PyTorch has for it. `nn.Linear` keeps `[out, in]`.
        func weight(_ name: String, isNormalizing: Bool) throws(ModelFileError) -> Tensor? {
            let torch = isNormalizing ? Self.torchNormalization[name] : name == "kernel" ? "weight" : nil
            for alias in [name] + (torch.map { [$0] } ?? []) {
                if let error = unread[alias] { throw error }
                guard let tensor = tensors[alias] else { continue }
                return alias == "weight" && name == "kernel" ? tensor.transposed : tensor
            }
            return nil
        }

        private static let torchNormalization = [
            "gamma": "weight", "scale": "weight", "beta": "bias", "moving_mean": "running_mean",
            "moving_variance": "running_var",
        ]
    }

    /// The layers' groups, ordered by their names with numbers by value: `layers.2` before `layers.10`.
    ///
    /// - Throws: `mismatch` for arrays that are no layer's weights by their names.
    func groups() throws(ModelFileError) -> [Group] {
        var groups: [String: Group] = [:]
        let entries: [(name: String, tensor: Tensor?)] =
            tensors.map { ($0.name, $0.tensor) } + unread.keys.sorted().map { ($0, nil) }
        for (name, tensor) in entries {
            let (prefix, suffix) = Self.split(name)
            guard Self.suffixes.contains(suffix) else {
                throw .mismatch(
                    kind,
                    message:
                        "The array \(name.quoted) is no layer's weight by its name. Expected names that end in one "
                        + "of 'kernel', 'bias', 'weight' and the like, after the layer's and a '.' or '/'.")
            }
            var group = groups[prefix] ?? Group(name: prefix)
            if group.tensors[suffix] != nil || group.unread[suffix] != nil {
                throw .mismatch(kind, message: "Expected every weight once, received \(name.quoted) twice.")
            }
            if let tensor { group.tensors[suffix] = tensor } else { group.unread[suffix] = unread[name] }
            groups[prefix] = group
        }
        return groups.values.sorted { Self.precedes($0.name, $1.name) }
    }

    /// The layer's name and the weight's: `a.b.kernel` is `kernel` of `a.b`. Keras 2 ends names in `:0`.
    static func split(_ name: String) -> (layer: String, weight: String) {
        var name = name[...]
        if name.hasSuffix(":0") { name = name.dropLast(2) }
        guard let place = name.lastIndex(where: { $0 == "." || $0 == "/" }) else { return ("", String(name)) }
        return (String(name[..<place]), String(name[name.index(after: place)...]))
    }

    /// Whether a name comes first when runs of digits are compared as numbers.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let (left, right) = (runs(left), runs(right))
        for (a, b) in zip(left, right) where a != b {
            let digits = a.first?.isNumber == true && b.first?.isNumber == true
            guard digits, a.count != b.count else { return a < b }
            return a.count < b.count
        }
        return left.count < right.count
    }

    /// Runs of digits, without leading zeros, and of what is between them.
    private static func runs(_ text: String) -> [String] {
        var runs: [String] = []
        var wasDigit: Bool?
        for character in text {
            let isDigit = character.isASCII && character.isNumber
            if isDigit == wasDigit, let last = runs.indices.last {
                if runs[last] == "0" && isDigit { runs[last] = "" }
                runs[last].append(character)
            } else {
                runs.append(String(character))
            }
            wasDigit = isDigit
        }
        return runs
    }
}

extension Tensor {
    /// Rank 2 with its axes exchanged; any other as it is.
    var transposed: Tensor {
        let dimensions = shape.dimensions
        guard dimensions.count == 2, let turned = try? Shape([dimensions[1], dimensions[0]]) else { return self }
        let (rows, columns) = (dimensions[0], dimensions[1])
        if let doubles {
            let moved = (0..<doubles.count).map { doubles[$0 % rows * columns + $0 / rows] }
            return (try? Tensor(shape: turned, doubles: moved)) ?? self
        }
        // In squares, so that neither side's lines are read or written one number at a time from memory.
        return unsafe Tensor(shape: turned, type: type) { output in
            unsafe elements.withUnsafeBufferPointer { input in
                for top in stride(from: 0, to: rows, by: 32) {
                    for left in stride(from: 0, to: columns, by: 32) {
                        for column in left..<min(left + 32, columns) {
                            for row in top..<min(top + 32, rows) {
                                unsafe output.initializeElement(
                                    at: column * rows + row, to: input[row * columns + column])
                            }
                        }
                    }
                }
            }
        }
    }
}
