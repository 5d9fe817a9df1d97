/// The right, and the duty, to answer one request.
///
/// Answering consumes it, so a second answer does not compile; one that is dropped unanswered sends a 500.
package struct HTTPResponder: ~Copyable, Sendable {
    /// Nil only once another responder answers in this one's place.
    private var exchange: Exchange?

    init(_ exchange: Exchange) {
        self.exchange = exchange
    }

    /// A responder that hands its answer to `answer`: to call a handler without a server.
    package init(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
        exchange = Exchange(destination: .function(answer))
    }

    /// A responder for a part of what came on a stream, whose answer goes to `answer`.
    package init(of stream: HTTPStream, _ answer: @escaping @Sendable (HTTPResponse) -> Void) {
        exchange = Exchange(destination: .part(stream.exchange, answer))
    }

    deinit {
        exchange?.abandon()
    }

    /// Sends the response. From any thread; it leaves the caller's hands at once.
    package consuming func respond(_ response: consuming HTTPResponse) {
        exchange?.answer(response)
    }

    /// Whether the client closed its side of the connection since the request was handed over, so that work which has
    /// not begun may be dropped. An answer is sent nevertheless, since a client may close one direction only.
    package var clientHasGone: Bool { exchange?.clientHasGone ?? true }

    /// A responder in this one's place, whose answer goes to `change`, together with this one, on the thread that gives
    /// the answer.
    package consuming func answering(
        _ change: @escaping @Sendable (HTTPResponse, consuming HTTPResponder) -> Void
    ) -> HTTPResponder {
        guard let exchange else { return self }
        self.exchange = nil
        return HTTPResponder(Exchange(destination: .changed(exchange, change)))
    }
}
