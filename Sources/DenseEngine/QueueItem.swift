extension WorkerQueue {
    /// What a request that may share its computation turns out to be once it is prepared.
    package enum Preparation: Sendable {
        /// Already answered: nothing is left to do.
        case nothing
        /// A tensor and what computes it.
        case request(BatchRequest)
        /// Work of another kind, done by itself on the next free worker.
        case work(@Sendable (DropReason?) -> Void)
    }

    /// One piece of work, waiting.
    struct Item: Sendable {
        enum Work: Sendable {
            case alone(@Sendable (DropReason?) -> Void)
            case shared(@Sendable (DropReason?) -> Preparation)
        }

        let options: WorkOptions
        let arrival: Instant
        let work: Work

        /// Tells the work that it will not be done.
        func drop(_ reason: DropReason) {
            switch work {
            case .alone(let work): work(reason)
            case .shared(let prepare): _ = prepare(reason)
            }
        }
    }
}

/// A prepared request on its way to be computed.
struct QueuedRequest: Sendable {
    let request: BatchRequest
    let options: WorkOptions
    let arrival: Instant
}
