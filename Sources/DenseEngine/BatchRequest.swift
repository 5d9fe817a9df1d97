/// A tensor to be computed by a network, together with others where that is allowed.
package struct BatchRequest: Sendable {
    /// What computes it.
    package let network: Sequential
    /// What it is computed from.
    package let input: Tensor
    /// Also gives the value before the last activation. Such a request is computed by itself.
    package let returnsLogits: Bool
    /// Also gives the penalties, some of which are averages over a batch. Such a request is computed by itself.
    package let returnsLosses: Bool
    /// What is added to the network's products for this request alone, made for that network.
    package let adapter: Adapter?
    /// Requests of one line, which all have the same network, may share a matmul; one without a line is computed by
    /// itself.
    package let line: BatchLine?
    /// What the model allows.
    package let limits: BatchLimits
    /// Takes the outcome: called once, on a worker's thread.
    package let finish: @Sendable (BatchOutcome) -> Void

    /// A request from its parts.
    package init(
        _ network: Sequential, _ input: Tensor, returnsLogits: Bool = false, returnsLosses: Bool = false,
        adapter: Adapter? = nil, line: BatchLine? = nil, limits: BatchLimits = BatchLimits(),
        finish: @escaping @Sendable (BatchOutcome) -> Void
    ) {
        self.network = network
        self.input = input
        self.returnsLogits = returnsLogits
        self.returnsLosses = returnsLosses
        self.adapter = adapter
        self.line = line
        self.limits = limits
        self.finish = finish
    }
}

/// What became of a request.
package enum BatchOutcome: Sendable {
    /// The output, to the bit the same as the request alone would have given.
    case computed(ModelOutput, BatchFacts)
    /// What the network has against the request's input.
    case failed(EngineError)
    /// It was not computed.
    case dropped(DropReason)
}

/// How a request was computed.
package struct BatchFacts: Hashable, Sendable {
    /// Rows of all requests that were computed with it, its own included.
    package let rows: Int
    /// The requests that were computed with it, itself included.
    package let requests: Int
    /// Which of these it was, from 0.
    package let position: Int
    /// When computing began.
    package let started: Instant
    /// When computing had ended.
    package let ended: Instant

    /// Facts from their parts.
    package init(rows: Int, requests: Int, position: Int = 0, started: Instant, ended: Instant) {
        self.rows = rows
        self.requests = requests
        self.position = position
        self.started = started
        self.ended = ended
    }
}
