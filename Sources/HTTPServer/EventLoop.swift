import Glibc
import Locks
import Synchronization

/// One thread that waits for its sockets and serves them (epoll(7)). It owns its connections outright.
///
/// `@unchecked Sendable`: other threads use `post` and `deliver` alone, which go through a locked mailbox; everything else
/// belongs to the loop's thread, and its entry points check that in debug builds.
final class EventLoop: AnswerDestination, @unchecked Sendable {
    /// What other threads ask of a loop.
    enum Message: Sendable {
        case adopt(Socket, ConnectionPlace)
        case answer(Exchange, HTTPResponse?)
        case wake(Exchange)
        /// Stop gracefully, and for good at this time of the monotonic clock. What waits to be accepted is left to another
        /// process if that has the listeners, too.
        case drain(until: UInt64, leavesQueue: Bool)
    }

    private struct Mailbox {
        var messages: [Message] = []
        var isClosed = false
    }

    private struct Slot {
        var connection: Connection?
        var generation: UInt32 = 0
    }

    private static let wakeUpToken = UInt64.max
    private static let acceptorToken = UInt64.max - 1

    /// What its connections share.
    let state: LoopState
    /// What its connections receive into.
    let input = InputBuffer()
    /// The connections it has or is about to have.
    let load = Counter()

    private let mailbox = Lock(Mailbox())
    private let wakeUp: WakeUp
    private let thread = Atomic<UInt>(0)

    private var epoll: Epoll
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    /// Connections that have received bytes which were not read yet.
    private var unfinished: [ConnectionID] = []
    private var pace: RefusalPace<ConnectionID>
    /// How often a connection had to rest.
    let rests = Counter()
    private var acceptor: Acceptor?
    private var spareBuffer: OutputBuffer?
    private var nextSweep = UInt64.max
    /// When the last wait for events began.
    private var waitBegan: UInt64 = 0
    private var end: UInt64?
    private let gate: AcceptGate
    private var hasClosed = false

    init(state: LoopState, gate: AcceptGate) throws(HTTPServerError) {
        self.state = state
        self.gate = gate
        pace = RefusalPace(rate: state.configuration.maxRefusalRate)
        wakeUp = try WakeUp()
        epoll = try Epoll()
        _ = epoll.add(wakeUp.number, token: Self.wakeUpToken, .readable)
    }

    // MARK: From any thread

    /// Puts a message into the mailbox; false if the loop has ended.
    @discardableResult
    func post(_ message: Message) -> Bool {
        let (isFirst, isOpen) = mailbox.withLock { box in
            guard !box.isClosed else { return (false, false) }
            box.messages.append(message)
            return (box.messages.count == 1, true)
        }
        if isFirst { wakeUp.signal() }
        return isOpen
    }

    func deliver(_ response: consuming HTTPResponse?, to exchange: Exchange) {
        if isCurrent, state.isRunning(exchange) {
            state.keepInline(response)
        } else {
            post(.answer(exchange, response))
        }
    }

    func wake(_ exchange: Exchange) { post(.wake(exchange)) }

    private var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Running

    /// Makes this the loop that accepts. Before it runs.
    func accept(with acceptor: Acceptor) {
        self.acceptor = acceptor
        for (index, number) in acceptor.numbers.enumerated() {
            _ = epoll.add(number, token: Self.acceptorToken - UInt64(index), .readable)
        }
    }

    /// Gives the listeners up. Before it runs; an acceptor refers to all loops, its own among them.
    func stopAccepting() { acceptor = nil }

    /// Serves until it was drained. The calling thread becomes the loop's.
    func run() { while turn() {} }

    /// Waits for events, so many milliseconds at most, and handles them. False when it was drained. The calling thread becomes
    /// the loop's.
    @discardableResult
    func turn(waitingAtMost limit: Int32 = .max) -> Bool {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let time = timeToWait()
        let count = epoll.wait(milliseconds: time < 0 && limit < .max ? limit : min(time, limit))
        state.tick()
        endRests()
        for index in 0..<count {
            let (token, events) = epoll.event(index)
            handle(token, events)
        }
        for id in takeUnfinished() { connection(id)?.handle(.readable) }
        if hasClosed {
            // Now that their descriptors are free.
            hasClosed = false
            gate.open()
        }
        keepTime()
        return !(state.isDraining && load.value == 0 && closeMailbox())
    }

    /// Takes no more messages, unless there is one that came meanwhile: a connection may be among them.
    private func closeMailbox() -> Bool {
        mailbox.withLock { box in
            box.isClosed = box.messages.isEmpty
            return box.isClosed
        }
    }

    private func handle(_ token: UInt64, _ events: Epoll.Events) {
        if token == Self.wakeUpToken {
            wakeUp.clear()
            readMail()
        } else if token > UInt64(UInt32.max) << 32 {
            if let acceptor, !acceptor.accept(Int(Self.acceptorToken - token)) { pauseAccepting() }
        } else {
            connection(
                ConnectionID(
                    slot: UInt32(truncatingIfNeeded: token), generation: UInt32(truncatingIfNeeded: token >> 32)))?
                .handle(events)
        }
    }

    private func readMail() {
        let messages = mailbox.withLock { box in
            defer { box.messages = [] }
            return box.messages
        }
        for message in messages {
            switch message {
            case .adopt(let socket, let place): adopt(socket, place)
            case .answer(let exchange, let response):
                guard case .connection(_, let id) = exchange.destination else { continue }
                connection(id)?.answer(exchange, with: response)
            case .wake(let exchange):
                guard case .connection(_, let id) = exchange.destination else { continue }
                connection(id)?.wake(exchange)
            case .drain(let deadline, let leavesQueue): drain(until: deadline, leavesQueue: leavesQueue)
            }
        }
    }

    // MARK: Connections

    /// Takes over an accepted socket, which `load` counts already.
    func adopt(_ socket: Socket, _ place: ConnectionPlace) {
        assertIsCurrent()
        let slot = freeSlots.popLast() ?? UInt32(slots.count)
        if slot == slots.count { slots.append(Slot()) }
        slots[Int(slot)].generation = (slots[Int(slot)].generation &+ 1) & 0x7FFF_FFFF
        let id = ConnectionID(slot: slot, generation: slots[Int(slot)].generation)
        let isReady = socket.beginSession()
        let choice: WireChoice = socket.expectsTLS ? .tls(socket) : .detect
        let wire = choice.wire(loop: state, peer: socket.peer) { [unowned self] stream in
            Exchange(destination: .connection(self, id), stream: stream)
        }
        let connection = Connection(socket, place, id: id, wire: wire, loop: self)
        slots[Int(slot)].connection = connection
        guard isReady, epoll.add(socket.number, token: token(id), .readable) else { return connection.close() }
        if state.isDraining { connection.beginDraining() }
        if let refusal = place.refusal { connection.refuse(refusal) }
    }

    /// Forgets a connection; its socket closes with the last reference to it.
    func remove(_ connection: Connection) {
        assertIsCurrent()
        slots[Int(connection.id.slot)].connection = nil
        freeSlots.append(connection.id.slot)
        load.add(-1)
        hasClosed = true
    }

    /// Changes what a connection waits for.
    func watch(_ connection: Connection, _ events: Epoll.Events) {
        epoll.modify(connection.number, token: token(connection.id), events)
    }

    /// Has a connection go on with what it has already received, once others had their turn.
    func handleAgain(_ id: ConnectionID) { unfinished.append(id) }

    /// Takes note of an answer that refused a request for want of room.
    func countRefusal() { pace.countRefusal(at: state.now) }

    /// Whether a connection whose request was refused is to be left alone until it is told to go on.
    func rest(_ id: ConnectionID) -> Bool {
        guard !state.isDraining, pace.rest(id, at: state.now) else { return false }
        rests.add(1)
        return true
    }

    /// Has those go on that have rested. Before others are read from, who were answered meanwhile: so there is room for them.
    private func endRests() {
        var isOneMore = false
        while let id = pace.takeRested(at: state.now, isOneMore: isOneMore) {
            // It may have been closed.
            if connection(id)?.endRest() == true { isOneMore = true }
        }
    }

    private func takeUnfinished() -> [ConnectionID] {
        guard !unfinished.isEmpty else { return [] }
        defer { unfinished = [] }
        return unfinished
    }

    private func connection(_ id: ConnectionID) -> Connection? {
        guard id.slot < slots.count, slots[Int(id.slot)].generation == id.generation else { return nil }
        return slots[Int(id.slot)].connection
    }

    private func token(_ id: ConnectionID) -> UInt64 { UInt64(id.generation) << 32 | UInt64(id.slot) }

    private func drain(until deadline: UInt64, leavesQueue: Bool) {
        end = min(end ?? .max, deadline)
        guard !state.isDraining else { return }
        state.isDraining = true
        if !leavesQueue { acceptor?.acceptAll() }
        for number in acceptor?.numbers ?? [] { epoll.remove(number) }
        acceptor = nil
        for slot in slots { slot.connection?.beginDraining() }
    }

    // MARK: Buffers

    /// An empty buffer for output. It comes back when everything in it was sent.
    func takeBuffer() -> OutputBuffer {
        defer { spareBuffer = nil }
        return spareBuffer ?? OutputBuffer(within: state.memory)
    }

    /// Takes an empty buffer back.
    func giveBack(_ buffer: OutputBuffer) { spareBuffer = buffer }

    // MARK: Time

    /// The time so many milliseconds from now.
    func deadline(in milliseconds: Int) -> UInt64 { state.deadline(in: milliseconds) }

    /// Takes note of a connection's deadline: no connection is looked at before one may be over.
    func note(_ deadline: UInt64) { nextSweep = min(nextSweep, deadline) }

    private func timeToWait() -> Int32 {
        waitBegan = state.now
        if !unfinished.isEmpty { return 0 }
        let next = min(nextSweep, pace.nextEnd, end ?? .max, acceptor?.pausedUntil ?? .max)
        guard next < .max else { return -1 }
        let now = LoopState.clock()
        waitBegan = now
        return next <= now ? 0 : Int32(clamping: (next - now + 999_999) / 1_000_000)
    }

    private func keepTime() {
        let now = state.now
        if let end, now >= end {
            for slot in slots { slot.connection?.close() }
        }
        if let acceptor, let until = acceptor.pausedUntil, now >= until || gate.isOpen {
            gate.open()
            acceptor.pausedUntil = nil
            watchAcceptor(.readable)
        }
        // Late is who had sent nothing when a wait began after the deadline: after a halt of the process, or of the machine,
        // many are late by the clock and not by their own fault, and what they sent is read first.
        guard waitBegan >= nextSweep, !epoll.mayHaveMore else { return }
        // All connections are looked at, so the more there are the rarer; every deadline may be late by that much.
        nextSweep = .max
        var earliest = UInt64.max
        for index in slots.indices {
            guard let connection = slots[index].connection else { continue }
            if connection.deadline <= waitBegan { connection.timeOut() }
            if slots[index].connection != nil { earliest = min(earliest, connection.deadline) }
        }
        let pause = UInt64(5_000_000 + slots.count * 20_000)
        nextSweep = earliest == .max ? nextSweep : min(nextSweep, max(earliest, now + pause))
    }

    /// Out of descriptors or memory: clients wait in the kernel's queue until a connection is closed, or something else that
    /// had them is.
    private func pauseAccepting() {
        gate.close { [weak self] in self?.wakeUp.signal() }
        acceptor?.pausedUntil = deadline(in: 100)
        watchAcceptor([])
    }

    private func watchAcceptor(_ events: Epoll.Events) {
        for (index, number) in (acceptor?.numbers ?? []).enumerated() {
            epoll.modify(number, token: Self.acceptorToken - UInt64(index), events)
        }
    }

    private func assertIsCurrent() { assert(isCurrent, "An event loop was entered from another thread.") }
}
