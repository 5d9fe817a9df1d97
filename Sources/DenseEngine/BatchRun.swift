/// Requests computed as one: rows one behind the other, one run, and to each its own rows.
enum BatchRun {
    /// Computes requests of one key, or a single request of any kind.
    ///
    /// - Returns: a result for each request, in order, and whether they were computed as one. Where the whole cannot be
    ///   computed each is computed by itself, so that an error is nobody's but its own request's.
    static func run(
        _ requests: [BatchRequest], isFlat: Bool
    ) -> (results: [Result<ModelOutput, EngineError>], asOne: Bool) {
        if requests.count > 1, let outputs = try? togetherByAdapter(requests, isFlat: isFlat) {
            return (outputs.map { .success($0) }, true)
        }
        return (requests.map(alone), false)
    }

    private static func alone(_ request: BatchRequest) -> Result<ModelOutput, EngineError> {
        Result { () throws(EngineError) in
            try request.network(
                request.input, returnLogits: request.returnsLogits, returnLosses: request.returnsLosses,
                adapters: request.adapter.map(AdapterRows.init(all:)))
        }
    }

    /// Brings requests with one adapter side by side, for its factors to be read once, and the outputs back in order.
    private static func togetherByAdapter(
        _ requests: [BatchRequest], isFlat: Bool
    ) throws(EngineError) -> [ModelOutput]? {
        guard requests.contains(where: { $0.adapter != nil }) else { return try together(requests, isFlat: isFlat) }
        let order = requests.indices.sorted { precedes(requests[$0].adapter, requests[$1].adapter) }
        guard let outputs = try together(order.map { requests[$0] }, isFlat: isFlat) else { return nil }
        return zip(order, outputs).sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Any order of adapters, none first.
    private static func precedes(_ left: Adapter?, _ right: Adapter?) -> Bool {
        guard let left, let right else { return left == nil && right != nil }
        return ObjectIdentifier(left) < ObjectIdentifier(right)
    }

    /// - Returns: `nil` when the output does not have the rows of the input.
    private static func together(_ requests: [BatchRequest], isFlat: Bool) throws(EngineError) -> [ModelOutput]? {
        guard let first = requests.first else { return [] }
        let inputs = requests.map(\.input)
        let positions = inputs.map { isFlat ? $0.shape.rowCount : $0.shape.dimensions.first ?? 0 }
        let count = positions.reduce(0, +)
        let axes = isFlat ? [first.input.shape.lastAxis] : Array(first.input.shape.dimensions.dropFirst())
        let hasAdapters = requests.contains { $0.adapter != nil }
        let adapters = hasAdapters ? AdapterRows(zip(positions, requests.map(\.adapter)).map { ($0, $1) }) : nil
        let whole = try first.network(
            concatenated(inputs, as: first.network.inputType, shape: Shape([count] + axes)), adapters: adapters)
        guard count > 0, whole.output.shape.dimensions.first == count else { return nil }

        let width = whole.output.shape.count / count
        var outputs: [ModelOutput] = []
        outputs.reserveCapacity(requests.count)
        var start = 0
        for (input, positions) in zip(inputs, positions) {
            let shape =
                isFlat
                ? try input.shape.replacingLastAxis(with: width)
                : try Shape([positions] + whole.output.shape.dimensions.dropFirst())
            let end = start + positions * width
            let output = try part(start..<end, of: whole.output, shape: shape)
            // Warnings name the request's own shape.
            let warnings = try first.network.warnings(for: input.shape)
            outputs.append(ModelOutput(output: output, warnings: warnings))
            start = end
        }
        return outputs
    }

    private static func part(_ range: Range<Int>, of whole: Tensor, shape: Shape) throws(EngineError) -> Tensor {
        if let doubles = whole.doubles { return try Tensor(shape: shape, doubles: Array(doubles[range])) }
        return unsafe Tensor(shape: shape, type: whole.type) { target in
            unsafe whole.elements.withUnsafeBufferPointer { source in
                _ = unsafe target.initialize(fromContentsOf: source[range])
            }
        }
    }

    /// - Parameter type: what the network casts inputs to.
    private static func concatenated(
        _ inputs: [Tensor], as type: DType, shape: Shape
    ) throws(EngineError) -> Tensor {
        if type == .float64 { return try Tensor(shape: shape, doubles: inputs.flatMap(\.asDoubles)) }
        let inputs = inputs.map { $0.doubles == nil ? $0 : $0.cast(to: type) }
        return unsafe Tensor(shape: shape) { target in
            var start = 0
            for input in inputs {
                let end = start + input.shape.count
                _ = unsafe input.withElements { unsafe target[start..<end].initialize(fromContentsOf: $0) }
                start = end
            }
        }
    }
}
