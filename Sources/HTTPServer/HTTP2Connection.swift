/// HTTP/2 on one connection (RFC 9113): streams side by side, each a request and its answer.
///
/// Here is what concerns the connection as a whole: bytes, time and the end. `HTTP2Connection+Requests` takes requests off
/// the session, `HTTP2Connection+Answers` brings answers back to it.
final class HTTP2Connection: WireProtocol {
    /// An answer of more bytes shares the connection with others, part by part.
    static let largeAnswer = 64 << 10
    /// How much of a body may come before any of it is consumed: what a new stream can cost without asking.
    static let streamWindow = 256 << 10
    /// The same for a body that is large, as long as the connection holds little: each time a window is opened further, both
    /// sides stop for a moment.
    static let largeStreamWindow = 2 << 20
    static let mostLargeWindows = 8
    /// All streams together: what comes is in memory at once, so this bounds nothing but what is under way.
    static let connectionWindow = 16 << 20
    /// A connection without streams gives memory back after so many milliseconds.
    static let restDelay = 2_000

    /// How far the end has come.
    private enum Ending {
        case no
        /// The client was told that the end is near; until when it may answer.
        case announced(UInt64)
        /// No more streams are taken.
        case decided
    }

    let loop: LoopState
    let peer: HTTPPeer
    let tls: TLSDetails?
    let makeExchange: (Int32) -> Exchange
    let limits: HTTP1RequestParser.Limits

    /// Nil only when there was no memory for it.
    private(set) var session: HTTP2Session?
    var streams: [Int32: HTTP2Stream] = [:]
    var closedStreams = HTTP2ClosedStreams()
    var floods: HTTP2FloodGuard
    var budget: HTTP2Budget
    /// Requests that handlers have, those whose stream is gone included.
    var running = 0
    /// Bodies of requests whose stream is gone, held until their handlers let go of them.
    var orphans: [ObjectIdentifier: Int] = [:]
    /// Streamed requests that are over, held until their handlers let go of them.
    var strays: [ObjectIdentifier: Stray] = [:]
    /// Streams whose handlers have not heard yet that there is room for more of their answers.
    var roomy: [Int32] = []
    /// Complete requests that wait for room, in order.
    var waiting: [Int32] = []
    /// Streams that may not send more for now.
    var withheld: Set<Int32> = []
    /// How many streams may send much at a time.
    var largeWindows = 0
    /// Where frames go while they are taken out of the session.
    var output: OutputBuffer?
    /// What is to be reported when the bytes written so far were sent.
    var finished: [FinishedExchange] = []
    /// When the client last took a good part of what was to be sent.
    var lastTaken: UInt64
    var taken = 0
    /// When something last came from the client.
    private var lastHeard: UInt64
    /// Whether it was asked since whether it is still there.
    private var isAsked = false

    private var ending = Ending.no
    private var isFinished = false
    private var settingsDeadline: UInt64
    private var idleSince: UInt64
    private var isResting = false
    /// No time is over before this.
    private(set) var deadline: UInt64

    /// A connection of a loop. `makeExchange` makes exchanges of a stream whose answers come back to it.
    init(
        loop: LoopState, peer: HTTPPeer, tls: TLSDetails? = nil, makeExchange: @escaping (Int32) -> Exchange
    ) {
        self.loop = loop
        self.peer = peer
        self.tls = tls
        self.makeExchange = makeExchange
        limits = HTTP1RequestParser.Limits(loop.configuration)
        floods = HTTP2FloodGuard(now: loop.now)
        budget = HTTP2Budget(limit: loop.configuration.maxConnectionBytes)
        lastTaken = loop.now
        lastHeard = loop.now
        idleSince = loop.now
        settingsDeadline = loop.deadline(in: loop.configuration.headTimeout)
        deadline = min(settingsDeadline, loop.deadline(in: Self.restDelay))
        session = nil
        session = HTTP2Session(
            HTTP2Session.Offer(
                maxConcurrentStreams: loop.configuration.maxConcurrentStreams,
                maxFieldBytes: loop.configuration.maxHeadBytes, streamWindow: Self.streamWindow,
                connectionWindow: Self.connectionWindow),
            delegate: self)
        isFinished = session == nil
    }

    var phase: WirePhase { isFinished ? .finished : .streams }
    let progress: UInt64 = 0
    var successor: (any WireProtocol)? { nil }

    // MARK: Bytes

    func receive(_ input: Span<UInt8>, into output: OutputBuffer) -> Int {
        send(into: output)
        if isFinished { return input.count }
        // What was asked for already comes first, so that a client that does not read cannot pile more up.
        if output.isFull { return 0 }
        if !input.isEmpty {
            lastHeard = loop.now
            isAsked = false
            if let code = session?.receive(input) {
                if code == .enhanceYourCalm { calmDown() } else { session?.terminate(code) }
            }
            send(into: output)
        }
        return input.count
    }

    func directSpace() -> UnsafeMutableRawBufferPointer? { nil }
    func receivedDirectly(_ count: Int) {}

    /// Takes frames out of the session until the output is full or there are no more.
    func send(into output: OutputBuffer) {
        guard !isFinished else { return }
        self.output = output
        defer { self.output = nil }
        repeat {
            while !output.isFull, unsafe session?.nextFrame({ unsafe output.append($0) }) == true {}
        } while !output.isFull && (tellOfRoom() || beginWaiting() || widenWindows())
        for exchange in finished { output.append(exchange) }
        finished.removeAll(keepingCapacity: true)
        if isOver { finish(into: output) }
    }

    private var isOver: Bool {
        if case .decided = ending, streams.isEmpty, session?.isSilent == true { return true }
        return session?.isOver ?? true
    }

    /// Nothing more is read or sent. What had no answer gets none.
    private func finish(into output: OutputBuffer) {
        isFinished = true
        for exchange in abandon() { output.append(exchange) }
    }

    // MARK: The end

    func beginDraining(into output: OutputBuffer) {
        announceEnd()
        send(into: output)
    }

    /// Tells the client to send no new requests here. Those that are under way are not lost: only when the client has
    /// heard of it, or had the time to, is it decided which stream is the last (RFC 9113, section 6.8).
    func announceEnd() {
        guard case .no = ending else { return }
        let until = loop.deadline(in: loop.configuration.farewellTimeout)
        ending = .announced(until)
        note(until)
        session?.announceEnd()
        session?.ping()
        drainStreams()
    }

    /// Whether the end was announced.
    var isEnding: Bool { if case .no = ending { false } else { true } }

    /// The client has heard that the end is near.
    func decideEnd() {
        guard case .announced = ending else { return }
        ending = .decided
        session?.goAway(.noError)
    }

    func inputEnded(into output: OutputBuffer) {
        for stream in streams.values {
            stream.exchange?.clientLeft()
            if !stream.clientIsDone || stream.phase == .streaming { session?.reset(stream.id, .cancel) }
        }
        ending = .decided
        send(into: output)
    }

    func refuse(_ error: HTTPError, into output: OutputBuffer) {
        session?.terminate(.enhanceYourCalm)
        send(into: output)
    }

    func abandon() -> [FinishedExchange] {
        defer {
            streams.removeAll()
            finished.removeAll()
        }
        return finished
            + streams.values.sorted { $0.id < $1.id }.compactMap { stream in
                stream.exchange?.clientLeft()
                if let flow = stream.flow { cancel(stream, flow) }
                return stream.isReported ? nil : stream.finished()
            }
    }

    /// The client does what costs more than it brings.
    func calmDown() {
        loop.floods.add(1)
        session?.terminate(.enhanceYourCalm)
    }

    // MARK: Time

    /// Takes note of a time that may be over one day.
    func note(_ deadline: UInt64) { self.deadline = min(self.deadline, deadline) }

    /// The client has agreed to the settings.
    func settingsWereAcknowledged() { settingsDeadline = .max }

    /// There are no streams any more.
    func becameIdle() {
        idleSince = loop.now
        isResting = false
        note(min(idleDeadline, restDeadline))
    }

    private var idleDeadline: UInt64 {
        streams.isEmpty ? idleSince &+ UInt64(loop.configuration.idleTimeout) &* 1_000_000 : .max
    }

    /// When a client is asked whether it is still there that has nothing but streams on which nothing has to happen, and
    /// when it is taken to be gone.
    var quietDeadline: UInt64 {
        guard !streams.isEmpty, streams.values.allSatisfy({ $0.phase == .streaming }) else { return .max }
        return lastHeard &+ UInt64(loop.configuration.idleTimeout) &* (isAsked ? 2_000_000 : 1_000_000)
    }

    private var restDeadline: UInt64 {
        streams.isEmpty && !isResting ? idleSince &+ UInt64(Self.restDelay) &* 1_000_000 : .max
    }

    func timedOut(into output: OutputBuffer) {
        let now = loop.now
        if settingsDeadline <= now { session?.terminate(.settingsTimeout) }
        if idleDeadline <= now {
            loop.timeouts[.idle].add(1)
            session?.terminate(.noError)
        }
        if quietDeadline <= now {
            if isAsked {
                loop.timeouts[.idle].add(1)
                session?.terminate(.noError)
            } else {
                isAsked = true
                session?.ping()
            }
        }
        if case .announced(let until) = ending, until <= now { decideEnd() }
        for stream in streams.values where stream.deadline <= now { timeOut(stream) }
        send(into: output)
        if restDeadline <= now {
            isResting = true
            session?.rest()
        }
        deadline = min(settingsDeadline, idleDeadline, restDeadline, quietDeadline)
        if case .announced(let until) = ending { note(until) }
        for stream in streams.values { note(stream.deadline) }
    }

    private func timeOut(_ stream: HTTP2Stream) {
        stream.deadline = .max
        switch stream.phase {
        case .head:
            // Nothing else can be read before the rest of it.
            loop.timeouts[.head].add(1)
            session?.terminate(.enhanceYourCalm)
        case .body:
            loop.timeouts[.body].add(1)
            respond(
                stream,
                loop.handler.errorResponse(
                    .bodyTimeout(milliseconds: loop.configuration.bodyTimeout), to: stream.head))
        case .sending where stream.isSent, .streaming where stream.isSent: session?.reset(stream.id, .noError)
        case .sending:
            // Only a client that keeps this stream's window shut, or takes nothing at all, is to blame.
            if isTakingNothing(stream) {
                loop.timeouts[.answer].add(1)
                session?.reset(stream.id, .cancel)
            } else {
                stream.deadline = loop.deadline(in: loop.configuration.sendTimeout)
            }
        case .streaming: if let flow = stream.flow { timeOut(stream, flow) }
        case .waiting, .running: break
        }
    }

    /// Whether the client keeps this stream's window shut, or takes nothing at all.
    func isTakingNothing(_ stream: HTTP2Stream) -> Bool {
        let patience = UInt64(loop.configuration.sendTimeout) &* 1_000_000
        return session?.isStalled(stream.id) == true || lastTaken &+ patience <= loop.now
    }
}
