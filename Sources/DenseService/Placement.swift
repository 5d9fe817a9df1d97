/// Where a piece of work runs. The only place that decides it, by arithmetic on what the work will cost: work cheaper than
/// a hop to another thread runs at once on the event loop's own, everything else on a worker.
enum Placement {
    case inline, worker

    /// About what a hop to a worker's thread and back costs.
    private static let hop = 10_000
    /// A body of so many bytes is never read on a loop's thread.
    static let leastWorkerBytes = hop

    /// - Parameters:
    ///   - bytes: to decode and encode
    ///   - multiplyAdds: of the matmuls
    ///   - elements: floats written besides: activations, initializers, the text of the output
    init(bytes: Int = 0, multiplyAdds: Int = 0, elements: Int = 0) {
        // Nanoseconds: JSON is read at about 0.5 GB/s, one float of output costs about 30 ns to compute and print, and a
        // core does 16 multiply-adds even when the weights come from L2. No product can overflow behind these bounds.
        let isSmall = bytes < Self.hop && multiplyAdds < Self.hop * 16 && elements < Self.hop
        let cost = isSmall ? bytes * 2 + multiplyAdds / 16 + elements * 30 : .max
        self = cost < Self.hop ? .inline : .worker
    }
}
