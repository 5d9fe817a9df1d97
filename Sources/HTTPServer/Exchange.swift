import Synchronization

/// Names a connection of one event loop: a place in its table, and which of the place's connections.
struct ConnectionID: Hashable, Sendable {
    var slot: UInt32
    var generation: UInt32
}

/// What takes answers to the connection that waits for them.
protocol AnswerDestination: AnyObject, Sendable {
    /// Delivers the answer to an exchange, nil when its responder was dropped. From any thread.
    func deliver(_ response: consuming HTTPResponse?, to exchange: Exchange)
    /// Has the connection look at what the handler of a streamed request asks for. From any thread.
    func wake(_ exchange: Exchange)
}

/// One request between its arrival and its answer: what a responder holds on to.
final class Exchange: Sendable {
    /// Where the answer goes.
    enum Destination: Sendable {
        /// To a connection.
        case connection(any AnswerDestination, ConnectionID)
        /// To a function that answers another exchange with what it makes of it.
        case changed(Exchange, @Sendable (HTTPResponse, consuming HTTPResponder) -> Void)
        /// To a function, for a part of a streamed request: whoever waits for the one waits for the other.
        case part(Exchange, @Sendable (HTTPResponse) -> Void)
        /// To a function, without a server.
        case function(@Sendable (HTTPResponse) -> Void)
    }

    let destination: Destination
    /// Which of the connection's streams it is on; 0 in HTTP/1.
    let stream: Int32
    private let gone = Atomic<Bool>(false)
    private let answered = Atomic<Bool>(false)

    init(destination: Destination, stream: Int32 = 0) {
        self.destination = destination
        self.stream = stream
    }

    var clientHasGone: Bool {
        switch destination {
        case .changed(let exchange, _), .part(let exchange, _): return exchange.clientHasGone
        case .connection, .function: break
        }
        return gone.load(ordering: .relaxed)
    }

    /// Makes it one that nobody has answered. Only for who has the last reference to it.
    func renew() {
        gone.store(false, ordering: .relaxed)
        answered.store(false, ordering: .relaxed)
    }

    func clientLeft() { gone.store(true, ordering: .relaxed) }

    func answer(_ response: consuming HTTPResponse) {
        guard !answered.exchange(true, ordering: .relaxed) else { return }
        deliver(response)
    }

    /// The responder is gone; without an answer the client gets a 500.
    func abandon() {
        guard !answered.exchange(true, ordering: .relaxed) else { return }
        deliver(nil)
    }

    /// A streamed request's handler asks for something.
    func wake() {
        if case .connection(let destination, _) = destination { destination.wake(self) }
    }

    private func deliver(_ response: consuming HTTPResponse?) {
        switch destination {
        case .connection(let destination, _): destination.deliver(response, to: self)
        case .changed(let exchange, let change):
            guard let response else { return exchange.abandon() }
            change(response, HTTPResponder(exchange))
        case .part(_, let function), .function(let function):
            function(response ?? HTTPResponse(HTTPError.unanswered.status))
        }
    }
}
