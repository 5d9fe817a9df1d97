internal import Dispatch
internal import Locks
internal import Synchronization

/// The bounded queue on which the engine's work runs: at most `width` pieces of work at a time, by priority and first come
/// first served, and an immediate refusal when it holds too many requests or bytes.
///
/// Requests that may share a matmul are taken several at a time: a worker that becomes free takes its fair share of what
/// waits, prepares each, and computes those that fit together as one. Nobody waits for that on purpose, unless a model
/// asks for it (`BatchLimits.maximumDelay`).
///
/// Order and bounds are kept here, under a mutex, and Dispatch lends the threads: a concurrent Dispatch queue by itself
/// has no bound, and starts more threads than cores when work blocks.
package final class WorkerQueue: Sendable {
    /// A request that may share is taken with others while their bytes together are no more than this: a worker is not to
    /// sit over large bodies while another one has nothing to do.
    private static let shareBytes = 256 << 10
    /// The most requests a worker takes at once.
    private static let shareCount = 64

    private struct State {
        var order = QueueOrder<Item>()
        /// What was taken already and goes on elsewhere: its turn has come.
        var urgent = FirstInFirstOut<@Sendable () -> Void>()
        /// Threads that are taking work.
        var lanes = 0
        /// Waiting and running.
        var requests = 0
        var bytes = 0
        /// Work that there was no room for.
        var refused = 0
    }

    private let width: Int
    private let maximumRequests: Int
    private let maximumBytes: Int
    private let clock: @Sendable () -> Instant
    private let queue = DispatchQueue(label: "dense.workers", qos: .userInitiated, attributes: .concurrent)
    private let busyLanes = DispatchGroup()
    private let state = Lock(State())
    private let expiry: Expiry
    private let lot = BatchLot()

    /// - Parameters:
    ///   - width: how many pieces of work run at a time; the number of cores, usually. At least 1.
    ///   - maximumRequests: the bound of work waiting and running together.
    ///   - maximumBytes: the bound of the bytes given with that work.
    ///   - clock: what tells when work came and whether its time is over.
    package init(
        width: Int, maximumRequests: Int, maximumBytes: Int, clock: @escaping @Sendable () -> Instant = { .now }
    ) {
        self.width = max(width, 1)
        self.maximumRequests = maximumRequests
        self.maximumBytes = maximumBytes
        self.clock = clock
        expiry = Expiry(clock)
        expiry.onExpiry { [weak self] in self?.dropExpired() ?? .never }
    }

    /// Work waiting and running, and the bytes given with it.
    package var depth: (requests: Int, bytes: Int) {
        state.withLock { ($0.requests, $0.bytes) }
    }

    /// How often there was no room for more.
    package var refused: Int { state.withLock { $0.refused } }

    // MARK: Adding work

    /// Runs `work` on a worker's thread when its turn comes.
    ///
    /// - Throws: `EngineError.queueFull`, at once, when the queue holds as much as it may. `work` is then dropped.
    package func async(bytes: Int, _ work: @escaping @Sendable () -> Void) throws(EngineError) {
        try async(WorkOptions(bytes: bytes)) { _ in work() }
    }

    /// Runs `work` on a worker's thread when its turn comes, and tells it if it is not wanted any more.
    ///
    /// - Throws: `EngineError.queueFull`, at once, when the queue holds as much as it may. `work` is then dropped.
    package func async(
        _ options: WorkOptions, _ work: @escaping @Sendable (DropReason?) -> Void
    ) throws(EngineError) {
        try enqueue(Item(options: options, arrival: clock(), work: .alone(work)))
    }

    /// Computes a request on a worker's thread when its turn comes, together with others that wait.
    ///
    /// - Parameter prepare: gives the request, on a worker's thread; it is told if it is not wanted any more. The request
    ///   counts as running until its `finish` has returned.
    /// - Throws: `EngineError.queueFull`, at once, when the queue holds as much as it may. `prepare` is then dropped.
    package func async(
        _ options: WorkOptions, preparing prepare: @escaping @Sendable (DropReason?) -> Preparation
    ) throws(EngineError) {
        try enqueue(Item(options: options, arrival: clock(), work: .shared(prepare)))
    }

    private func enqueue(_ item: Item) throws(EngineError) {
        enum Decision { case full(EngineError), enqueued(newLane: Bool) }
        let decision = state.withLock { state -> Decision in
            if let error = objection(to: item.options.bytes, in: &state, now: item.arrival) { return .full(error) }
            state.bytes += item.options.bytes
            state.requests += 1
            state.order.append(item, priority: item.options.priority, arrival: item.arrival)
            return .enqueued(newLane: addLane(&state))
        }
        switch decision {
        case .full(let error): throw error
        case .enqueued(newLane: true): startLane()
        // Every worker has something to do: its time may be over before one is free.
        case .enqueued(newLane: false): expiry.watch(item.options.deadline)
        }
    }

    /// Tells the work whose time is over, without waiting for a worker.
    ///
    /// - Returns: the next deadline of what is left.
    private func dropExpired() -> Instant {
        busyLanes.enter()
        defer { busyLanes.leave() }
        let now = clock()
        let (expired, next) = state.withLock { state in
            let expired = state.order.remove { $0.options.isOver(at: now) }
            var next = Instant.never
            state.order.forEach { next = min(next, $0.options.deadline) }
            return (expired, next)
        }
        for item in expired {
            item.drop(.deadlinePassed)
            finished(item.options)
        }
        return next
    }

    /// What would be said now to work with so many bytes, nil if it would be taken: for whoever can spare what comes before
    /// it.
    package func objection(to bytes: Int) -> EngineError? {
        let now = clock()
        return state.withLock { objection(to: bytes, in: &$0, now: now) }
    }

    private func objection(to bytes: Int, in state: inout State, now: Instant) -> EngineError? {
        let limit: String
        if state.requests >= maximumRequests {
            limit = "max_queue_requests (\(maximumRequests))"
        } else if !hasRoom(for: bytes, in: state) {
            limit = "max_queue_bytes (\(maximumBytes))"
        } else {
            return nil
        }
        state.refused += 1
        // What is the next to be served has waited as long as a queue of about this length takes.
        let waited = state.order.first.map { now.since($0.arrival) } ?? 0
        return .queueFull(limit: limit, seconds: min(max(waited / 1_000_000_000 + 1, 1), 60))
    }

    /// Goes on with what was taken and counted already, on the next free worker.
    private func resume(_ work: @escaping @Sendable () -> Void) {
        let newLane = state.withLock { state in
            state.urgent.append(work)
            return addLane(&state)
        }
        if newLane { startLane() }
    }

    private func addLane(_ state: inout State) -> Bool {
        guard state.lanes < width else { return false }
        state.lanes += 1
        return true
    }

    private func startLane() { queue.async(group: busyLanes) { self.runLane() } }

    // MARK: Memory

    /// Counts `bytes` more for work that is running and needs them, until `release` is called with as many.
    ///
    /// - Throws: `EngineError.queueFull` when they would be more than the queue may hold.
    package func hold(bytes: Int) throws(EngineError) {
        guard state.withLock({ reserve(max(bytes, 0), in: &$0) }) else {
            throw .queueFull(limit: "max_queue_bytes (\(maximumBytes))")
        }
    }

    /// Gives back what `hold` counted.
    package func release(bytes: Int) {
        state.withLock { $0.bytes -= max(bytes, 0) }
    }

    private func reserve(_ bytes: Int, in state: inout State) -> Bool {
        guard hasRoom(for: bytes, in: state) else {
            state.refused += 1
            return false
        }
        state.bytes += bytes
        return true
    }

    private func hasRoom(for bytes: Int, in state: State) -> Bool {
        // Not a sum, which could overflow.
        bytes <= maximumBytes && state.bytes <= maximumBytes - bytes
    }

    // MARK: Without waiting

    /// Runs `work` on the caller's thread, at once and outside the bounds: for work that costs less than a hop to another
    /// thread. It is not counted in `depth`.
    package func sync(_ work: inout some InlineWork) { InlineQueue.sync(&work) }

    /// Blocks the caller until nothing waits or runs, or the time is up; never to be called from work on this queue.
    /// Refusing new work meanwhile is the caller's business.
    ///
    /// - Returns: whether the queue became idle in time.
    @discardableResult
    package func waitUntilIdle(timeoutMilliseconds: Int? = nil) -> Bool {
        guard let timeoutMilliseconds else {
            busyLanes.wait()
            return true
        }
        return busyLanes.wait(timeout: .now() + .milliseconds(timeoutMilliseconds)) == .success
    }

    // MARK: Working

    private enum Taken {
        case resumed(@Sendable () -> Void)
        case alone(Item, @Sendable (DropReason?) -> Void)
        /// With the number of requests that a worker may take for a batch, this one included.
        case shared(Item, @Sendable (DropReason?) -> Preparation, share: Int)
    }

    /// Takes and runs work until none is left.
    private func runLane() {
        ComputeThreads.shared.counted {
            while let taken = takeNext() {
                switch taken {
                case .resumed(let work): work()
                case .alone(let item, let work):
                    work(item.options.objection(at: clock()))
                    finished(item.options)
                case .shared(let item, let prepare, let share): gather(item, prepare, share: share)
                }
            }
        }
    }

    /// The next piece of work; without one the calling lane is counted as gone, under the same lock, so that work which
    /// comes a moment later starts a new lane.
    private func takeNext() -> Taken? {
        state.withLock { state in
            if let work = state.urgent.popFirst() { return .resumed(work) }
            // No more than leaves the other workers as many.
            let share = min((state.order.count + width - 1) / width, Self.shareCount)
            guard let item = state.order.popFirst() else {
                state.lanes -= 1
                return nil
            }
            switch item.work {
            case .alone(let work): return .alone(item, work)
            case .shared(let prepare): return .shared(item, prepare, share: share)
            }
        }
    }

    /// The next piece of work if it may share and has no more than `bytes`.
    private func takeShared(bytes: Int) -> (Item, @Sendable (DropReason?) -> Preparation)? {
        state.withLock { state in
            guard let next = state.order.first, case .shared(let prepare) = next.work, next.options.bytes <= bytes,
                let item = state.order.popFirst()
            else { return nil }
            return (item, prepare)
        }
    }

    private func finished(_ options: WorkOptions) {
        state.withLock {
            $0.requests -= 1
            $0.bytes -= options.bytes
        }
    }

    // MARK: Sharing

    /// Prepares a request and others that wait, and computes together those that fit. A request that cannot share ends the
    /// gathering, so that nobody waits for it who could be served by another worker.
    private func gather(_ item: Item, _ prepare: @escaping @Sendable (DropReason?) -> Preparation, share: Int) {
        var grouping = BatchGrouping<QueuedRequest>()
        var next: (Item, @Sendable (DropReason?) -> Preparation)? = (item, prepare)
        var count = 0
        var bytes = Self.shareBytes
        while let (item, prepare) = next {
            var isLast = false
            switch prepare(item.options.objection(at: clock())) {
            case .nothing: finished(item.options)
            case .work(let work):
                resume { [self] in
                    work(item.options.objection(at: clock()))
                    finished(item.options)
                }
            case .request(let request):
                let key = BatchKey(request)
                isLast = key == nil
                grouping.add(
                    QueuedRequest(request: request, options: item.options, arrival: item.arrival), key: key,
                    rows: request.input.shape.rowCount, maximumRows: request.limits.maximumRows)
            }
            count += 1
            bytes -= item.options.bytes
            next = isLast || count >= share || bytes <= 0 ? nil : takeShared(bytes: bytes)
        }
        var ready: [BatchLot.Group] = []
        for group in grouping.groups {
            let (groups, ticket) = lot.add(group, now: clock())
            ready += groups
            if let ticket { wait(for: ticket) }
        }
        // One here and now; the others wherever a worker is free, which may be here.
        for group in ready.dropFirst() { resume { [self] in compute(group) } }
        if let first = ready.first { compute(first) }
    }

    private func compute(_ group: BatchLot.Group) {
        let started = clock()
        var wanted: [QueuedRequest] = []
        for member in group.members {
            if let reason = member.options.objection(at: started) {
                member.request.finish(.dropped(reason))
                finished(member.options)
            } else {
                wanted.append(member)
            }
        }
        guard !wanted.isEmpty else { return }
        let rows = wanted.reduce(0) { $0 + $1.request.input.shape.rowCount }
        let (results, asOne) = BatchRun.run(wanted.map(\.request), isFlat: group.key?.isFlat ?? false)
        let ended = clock()
        for (position, (member, result)) in zip(wanted, results).enumerated() {
            switch result {
            case .success(let output):
                let facts = BatchFacts(
                    rows: asOne ? rows : member.request.input.shape.rowCount, requests: asOne ? wanted.count : 1,
                    position: asOne ? position : 0, started: started, ended: ended)
                member.request.finish(.computed(output, facts))
            case .failure(let error): member.request.finish(.failed(error))
            }
            finished(member.options)
        }
    }

    /// Computes a waiting batch when its time is over, if it is still there.
    private func wait(for ticket: BatchLot.Ticket) {
        busyLanes.enter()
        let timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
        timer.schedule(deadline: .now() + .nanoseconds(max(ticket.end.since(clock()), 0)), leeway: .nanoseconds(0))
        timer.setEventHandler { [self] in
            timer.cancel()
            if let group = lot.take(ticket) { resume { [self] in compute(group) } }
            busyLanes.leave()
        }
        timer.activate()
    }
}
