internal import Glibc
internal import Locks
internal import Synchronization

/// A connection without a socket: bytes in, bytes out, and the clock in the caller's hand. For tests and fuzzing of all that
/// lies between.
package final class WireConversation {
    /// Keeps the answers that come after their handler has returned.
    private final class LateAnswers: AnswerDestination {
        /// What came.
        enum Late: Sendable {
            case answer(HTTPResponse?)
            case wake
        }

        private let state: Lock<LoopStateReference>
        private let answers = Lock<[(Exchange, Late)]>([])
        /// The thread on which a handler may be running; 0 for none.
        private let thread = Atomic<UInt>(0)

        init(_ state: LoopState) { self.state = Lock(LoopStateReference(state: state)) }

        func deliver(_ response: consuming HTTPResponse?, to exchange: Exchange) {
            // Nobody would take what comes after the conversation, and the exchange refers to this.
            guard let state = state.withLock({ $0.state }) else { return }
            let isInline = thread.load(ordering: .relaxed) == UInt(pthread_self())
            if isInline, state.isRunning(exchange) { return state.keepInline(response) }
            let response = response
            answers.withLock { $0.append((exchange, .answer(response))) }
        }

        func wake(_ exchange: Exchange) {
            guard state.withLock({ $0.state }) != nil else { return }
            answers.withLock { $0.append((exchange, .wake)) }
        }

        /// Runs `body`, in which handlers may answer on this thread.
        func whileRunning(_ body: () -> Void) {
            thread.store(UInt(pthread_self()), ordering: .relaxed)
            body()
            thread.store(0, ordering: .relaxed)
        }

        func take() -> [(Exchange, Late)] {
            answers.withLock { answers in
                defer { answers = [] }
                return answers
            }
        }
    }

    private struct LoopStateReference: @unchecked Sendable {
        weak var state: LoopState?
    }

    private let state: LoopState
    private let lateAnswers: LateAnswers
    private let output = OutputBuffer()
    private var wire: any WireProtocol
    private var time = WireTime()
    private var isClosed = false
    private var unread: [UInt8] = []
    private var inputHasEnded = false

    /// A fresh connection. `speaksHTTP2` leaves HTTP/1 out, as ALPN would.
    package init(
        configuration: ServerConfiguration = ServerConfiguration(), handler: any HTTPHandler,
        observer: (any HTTPExchangeObserver)? = nil, speaksHTTP2: Bool = false
    ) {
        let state = LoopState(configuration: configuration, handler: handler, observer: observer)
        let lateAnswers = LateAnswers(state)
        self.state = state
        self.lateAnswers = lateAnswers
        let choice: WireChoice = speaksHTTP2 ? .http2 : .detect
        wire = choice.wire(loop: state, peer: HTTPPeer(address: "test", isLocal: true)) { stream in
            Exchange(
                destination: .connection(lateAnswers, ConnectionID(slot: 0, generation: 0)), stream: stream)
        }
        time.update(wire, state)
    }

    deinit { _ = lateAnswers.take() }

    /// What its bodies and answers take of `maxBufferBytes`.
    package var bufferBytes: Int { state.memory.used }

    /// How many requests were refused for want of room.
    package private(set) var turnedAwayCount = 0

    /// Whether what was written is the last.
    package var isFinished: Bool { isClosed || wire.phase == .finished }

    /// How many bytes are kept because nothing could be done with them yet.
    package var unreadCount: Int { unread.count }

    /// Receives bytes; returns what is sent. Those of a body go where a socket would put them.
    package func receive(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        while unread.isEmpty, !rest.isEmpty, let space = unsafe wire.directSpace() {
            let count = min(space.count, rest.count)
            unsafe space.copyBytes(from: rest.prefix(count))
            wire.receivedDirectly(count)
            rest = rest.dropFirst(count)
        }
        let count = unread.isEmpty ? min(rest.count, wire.unwantedCount) : 0
        if count > 0 {
            wire.discarded(count)
            rest = rest.dropFirst(count)
        }
        unread += rest
        proceed()
        return flush()
    }

    /// The client sends no more.
    package func endInput() -> [UInt8] {
        inputHasEnded = true
        wire.inputEnded(into: output)
        return flush()
    }

    /// What the connection is waiting for took too long.
    package func timeOut() -> [UInt8] {
        wire.timedOut(into: output)
        return flush()
    }

    /// The server is stopping.
    package func beginDraining() -> [UInt8] {
        state.isDraining = true
        wire.beginDraining(into: output)
        return flush()
    }

    /// Lets time pass, all at once.
    package func advance(milliseconds: Int) -> [UInt8] {
        state.now += UInt64(milliseconds) * 1_000_000
        if time.deadline <= state.now {
            if wire.phase == .idle { isClosed = true } else { wire.timedOut(into: output) }
        }
        return flush()
    }

    /// Sends the answers that were given since the last call, and what streamed requests' handlers gave to be sent.
    package func sendLateAnswers() -> [UInt8] {
        for (exchange, late) in lateAnswers.take() {
            lateAnswers.whileRunning {
                switch late {
                case .answer(let response): wire.answer(exchange, with: response, into: output)
                case .wake: wire.wake(exchange, into: output)
                }
            }
            flushInto()
            proceed()
        }
        return flush()
    }

    /// The connection is gone.
    package func abandon() { for exchange in wire.abandon() { report(exchange) } }

    /// Lets the protocol go on with what is here, as a connection does after every event.
    private func proceed() {
        while true {
            lateAnswers.whileRunning { unread.removeFirst(wire.receive(unread.span, into: output)) }
            if let successor = wire.successor {
                wire = successor
            } else if !output.isFull {
                break
            }
            flushInto()
        }
        if isFinished { unread = [] }
        if inputHasEnded, !isFinished, wire.phase != .answer { wire.inputEnded(into: output) }
    }

    private var written: [UInt8] = []

    private func flushInto() {
        written += output.take()
        output.takeExchanges(report)
    }

    /// All that is to be sent, as a client that takes everything would get it.
    private func flush() -> [UInt8] {
        while true {
            let wasFull = output.isFull
            flushInto()
            guard wasFull else { break }
            let none: [UInt8] = []
            lateAnswers.whileRunning { _ = wire.receive(none.span, into: output) }
        }
        time.update(wire, state)
        defer { written = [] }
        return written
    }

    private func report(_ exchange: FinishedExchange) {
        if exchange.turnsAway { turnedAwayCount += 1 }
        state.observer?.exchangeFinished(exchange.record(remoteAddress: "test", now: state.now))
        if let head = exchange.head { state.spares.giveBack(head) }
    }
}
