/// One accepted socket: receives, lets its protocol eat, sends, and keeps the time. Confined to its event loop's thread.
///
/// The bytes it holds on to are few: what the protocol could not use yet, and what the client has not taken yet. While
/// something is left to send nothing more is read, so a client that does not read cannot make it grow.
final class Connection {
    /// While a request is being answered, so much of what follows it is read ahead; reading is what notices a client that
    /// leaves.
    private static let readAhead = 64 << 10
    /// So much is read first from a client whose last request was refused for its head.
    private static let headOfRefused = 4 << 10
    /// The most that is read for one connection before others have their turn.
    private static let turn = 1 << 20

    let id: ConnectionID
    private let socket: Socket
    private let place: ConnectionPlace
    private var wire: any WireProtocol
    private let loop: EventLoop
    private var unread: [UInt8] = []
    /// What `unread` takes of the server's memory.
    private var charge: MemoryCharge
    /// What is left to send; nil when nothing is.
    private var output: OutputBuffer?
    private var interest = Epoll.Events.readable
    private var inputHasEnded = false
    private var isClosed = false
    private var isLingering = false
    /// Whether an answer since it last settled refused a request for want of room.
    private var wasTurnedAway = false
    /// Whether it is not read from, because too many are turned away.
    private var isResting = false
    /// Whether the last request was refused before its body had come.
    private var wasRefused = false
    private var time = WireTime()
    private var sendTime: SendTime
    /// When its time is over, in nanoseconds of the monotonic clock.
    private(set) var deadline = UInt64.max

    init(_ socket: Socket, _ place: ConnectionPlace, id: ConnectionID, wire: any WireProtocol, loop: EventLoop) {
        self.socket = socket
        self.place = place
        self.id = id
        self.wire = wire
        self.loop = loop
        charge = MemoryCharge(loop.state.memory)
        sendTime = SendTime(loop.state.configuration)
        keepTime()
    }

    var number: Int32 { socket.number }
    var remoteAddress: String { socket.peer.address }

    // MARK: What happens to it

    /// Something can be received or sent, or the connection broke.
    func handle(_ events: Epoll.Events) {
        if !events.isDisjoint(with: .broken) { return close() }
        if events.contains(.writable) {
            if let output {
                guard flush(output) else { return }
                if self.output == nil { proceed() }
            } else if waitsToSend {
                receive()
            }
        }
        if events.contains(.readable), !isClosed, !isResting { receive() }
        if !isClosed { settle() }
    }

    /// An exchange has its answer.
    func answer(_ exchange: Exchange, with response: HTTPResponse?) {
        write { wire.answer(exchange, with: response, into: $0) }
    }

    /// The handler of a streamed request asks for something.
    func wake(_ exchange: Exchange) {
        write { wire.wake(exchange, into: $0) }
    }

    /// The time is over.
    func timeOut() {
        if isLingering { return close() }
        if let output {
            if sendTime.goOn(taken: output.sent - socket.untakenCount, now: loop.state.now) { return keepTime() }
            loop.state.timeouts[.answer].add(1)
            return close()
        }
        if wire.phase == .idle {
            loop.state.timeouts[.idle].add(1)
            return leave()
        }
        write { wire.timedOut(into: $0) }
    }

    /// Ends an idle connection. A request that is here by now is answered; one that is still on its way finds the end of
    /// the answers and no reset, so that its client knows that nothing was done.
    private func leave() {
        receive()
        guard !isClosed else { return }
        if wire.phase == .idle, output == nil { linger() }
        settle()
    }

    /// The server is stopping.
    func beginDraining() {
        switch wire.phase {
        case .idle:
            // A request may be on its way.
            time.hasten(to: loop.deadline(in: loop.state.configuration.farewellTimeout))
            keepTime()
        case .streams: write { wire.beginDraining(into: $0) }
        case .head, .body, .answer, .finished: break
        }
    }

    /// It has been left alone for long enough. False if it was not left alone.
    @discardableResult
    func endRest() -> Bool {
        guard isResting, !isClosed else { return false }
        isResting = false
        handle(.readable)
        return true
    }

    /// It is one too many.
    func refuse(_ error: HTTPError) {
        write { wire.refuse(error, into: $0) }
    }

    /// Ends it at once. What was not sent is reported as left by the client.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        // What was cut off may look like it.
        if output == nil { socket.endSession() }
        if let output { report(output, status: 499) }
        for exchange in wire.abandon() { report(exchange, now: LoopState.clock()) }
        // Last: whoever no longer counts it can rely on it that those who work for it know that it is gone.
        loop.remove(self)
    }

    // MARK: Receiving

    private func receive() {
        if isLingering { return drain() }
        // It will be told again that there is something to read.
        if socket.session?.isShakingHands == true, !loop.state.mayShakeHands() { return }
        var budget = Self.turn
        while budget > 0, unread.isEmpty, let space = unsafe wire.directSpace() {
            switch unsafe socket.receive(into: space) {
            case .bytes(let count):
                wire.receivedDirectly(count)
                budget -= count
            case .end: return endInput()
            case .wouldBlock: return proceed()
            case .failed: return breakOff()
            }
        }
        guard budget == Self.turn else { return proceed() }
        if unread.isEmpty, wire.unwantedCount > 0 { return discardUnwanted() }
        let earlier = unread
        unread = []
        // What HTTP/1 does not eat is kept; and of a client that was refused the body that would come along is most likely
        // unwanted, too.
        let most = wire.phase == .streams ? InputBuffer.size : wasRefused ? Self.headOfRefused : Self.readAhead
        let (transfer, rest) = loop.input.receive(from: socket, atMost: most, behind: earlier) { eat($0) }
        keep(rest)
        switch transfer {
        case .end: endInput()
        case .failed: breakOff()
        case .bytes:
            wasRefused = wire.unwantedCount > 0
            if wasRefused, output == nil { discardUnwanted() }
        case .wouldBlock: break
        }
    }

    /// Has what there is of a body that nobody wants forgotten.
    private func discardUnwanted() {
        var budget = Self.turn
        while budget > 0, wire.unwantedCount > 0 {
            switch loop.input.discard(from: socket, atMost: min(wire.unwantedCount, budget)) {
            case .bytes(let count):
                wire.discarded(count)
                budget -= count
            case .end: return endInput()
            case .wouldBlock: return
            case .failed: return breakOff()
            }
        }
        proceed()
    }

    /// Nothing more can be received. Over TLS the client may yet have to read why.
    private func breakOff() {
        guard socket.session != nil, output == nil else { return close() }
        for exchange in wire.abandon() { report(exchange, now: LoopState.clock()) }
        linger()
    }

    /// Lets the protocol go on with what is here, after an answer or a body was completed.
    private func proceed() {
        guard !isClosed, output == nil else { return }
        var bytes = unread
        unread = []
        let count = eat(bytes.span)
        bytes.removeFirst(min(count, bytes.count))
        keep(bytes)
    }

    private func keep(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        unread = bytes
        if !charge.set(bytes.count) {
            // What is read ahead is bounded; the rest of a head need not be waited for.
            if wire.phase == .head { return refuse(.noRoom(limit: loop.state.memory.limit)) }
            charge.force(bytes.count)
        }
        endIfNothingFollows()
    }

    private func endInput() {
        inputHasEnded = true
        // Only a client that leaves while it is waited upon has gone: one that closed its side before is still there.
        if wire.phase == .answer { write(andProceed: false) { wire.inputEnded(into: $0) } }
        endIfNothingFollows()
    }

    /// After the client's last byte, what is incomplete stays so.
    private func endIfNothingFollows() {
        guard inputHasEnded, !isLingering, output == nil, !isClosed, wire.phase != .answer else { return }
        write(andProceed: false) { wire.inputEnded(into: $0) }
    }

    /// Shows the protocol bytes, and sends what it answers, until it can do no more. Returns how many it is done with.
    private func eat(_ input: Span<UInt8>) -> Int {
        var position = 0
        while output == nil {
            let buffer = loop.takeBuffer()
            position += wire.receive(input.extracting(position..<input.count), into: buffer)
            if let successor = wire.successor {
                wire = successor
                position += wire.receive(input.extracting(position..<input.count), into: buffer)
                if loop.state.isDraining { wire.beginDraining(into: buffer) }
            }
            let wasFull = buffer.isFull
            guard flush(buffer) else { return input.count }
            if !wasFull { break }
        }
        return position
    }

    /// Reads and forgets, so that the client reads the last answer before it learns that the connection is closed.
    private func drain() {
        switch loop.input.discard(from: socket) {
        case .bytes, .wouldBlock: break
        case .end, .failed: close()
        }
    }

    // MARK: Sending

    private func write(andProceed proceeds: Bool = true, _ body: (OutputBuffer) -> Void) {
        guard !isClosed else { return }
        let buffer = output ?? loop.takeBuffer()
        body(buffer)
        guard flush(buffer) else { return }
        if proceeds, output == nil { proceed() }
        if !isClosed { settle() }
    }

    /// Sends; what is left stays in `output`. False if the connection is gone.
    private func flush(_ buffer: OutputBuffer) -> Bool {
        switch buffer.flush(to: socket) {
        case .done:
            output = nil
            report(buffer)
            loop.giveBack(buffer)
            return true
        case .blocked:
            if output == nil { sendTime.begin(taken: buffer.sent - socket.untakenCount, now: loop.state.now) }
            output = buffer
            return true
        case .failed:
            output = buffer
            close()
            return false
        }
    }

    /// Tells of the exchanges whose answers are in the buffer; `status` replaces that of answers that were never sent.
    private func report(_ buffer: OutputBuffer, status: Int? = nil) {
        guard !buffer.exchanges.isEmpty else { return }
        let now = LoopState.clock()
        buffer.takeExchanges { report($0, now: now, status: status) }
    }

    private func report(_ exchange: FinishedExchange, now: UInt64, status: Int? = nil) {
        if exchange.turnsAway {
            wasTurnedAway = true
            loop.countRefusal()
        }
        loop.state.observer?.exchangeFinished(
            exchange.record(remoteAddress: remoteAddress, now: now, status: status))
        if let head = exchange.head { loop.state.spares.giveBack(head) }
    }

    // MARK: Waiting

    /// After every event: closes what is finished, waits for what is needed, keeps the time.
    private func settle() {
        if wire.phase == .finished, output == nil, !isLingering {
            if inputHasEnded { return close() }
            linger()
        }
        if wasTurnedAway {
            wasTurnedAway = false
            // Not in the middle of a request.
            if wire.phase == .idle || wire.phase == .streams { isResting = loop.rest(id) }
        }
        var wanted: Epoll.Events = []
        if output != nil || waitsToSend { wanted.insert(.writable) }
        if !waitsToSend, isLingering || canRead { wanted.insert(.readable) }
        if wanted.contains(.readable), socket.session?.hasPending == true { loop.handleAgain(id) }
        if wanted != interest {
            interest = wanted
            loop.watch(self, wanted)
        }
        keepTime()
    }

    /// Sends no more, and waits for the client to do the same.
    private func linger() {
        isLingering = true
        unread = []
        socket.shutdownSending()
        deadline = loop.deadline(in: loop.state.configuration.lingerTimeout)
    }

    /// Whether TLS has to send something before it can receive.
    private var waitsToSend: Bool { socket.session?.waitsToSend ?? false }

    private var canRead: Bool {
        !inputHasEnded && !isResting && output == nil && (wire.phase != .answer || unread.count < Self.readAhead)
    }

    private func keepTime() {
        if !isLingering {
            if output != nil {
                time.forget()
                deadline = sendTime.deadline
            } else {
                time.update(wire, loop.state)
                deadline = time.deadline
            }
        }
        loop.note(deadline)
    }
}
