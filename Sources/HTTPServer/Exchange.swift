import Synchronization

/// One request between its arrival and its answer: what a responder holds on to.
final class Exchange: Sendable {
    /// Where the answer goes.
    enum Destination: Sendable {
        /// To a function, without a server.
        case function(@Sendable (HTTPResponse) -> Void)
    }

    private let destination: Destination
    private let gone = Atomic<Bool>(false)
    private let answered = Atomic<Bool>(false)

    init(destination: Destination) {
        self.destination = destination
    }

    var clientHasGone: Bool { gone.load(ordering: .relaxed) }

    func clientLeft() { gone.store(true, ordering: .relaxed) }

    func answer(_ response: HTTPResponse) {
        guard !answered.exchange(true, ordering: .relaxed) else { return }
        switch destination {
        case .function(let function): function(response)
        }
    }

    /// The responder is gone; without an answer the client gets a 500.
    func abandon() {
        guard !answered.load(ordering: .relaxed) else { return }
        answer(HTTPResponse(.internalServerError))
    }
}
