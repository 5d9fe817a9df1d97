internal import HTTPServer
internal import Locks

/// A responder on its way to another thread. An escaping closure cannot consume what it captures, so the responder is taken
/// out of here; whoever takes it first answers.
final class PendingAnswer: Sendable {
    private let responder: Lock<HTTPResponder?>

    init(_ responder: consuming HTTPResponder) {
        self.responder = Lock(consume responder)
    }

    var clientHasGone: Bool { responder.withLock { $0?.clientHasGone ?? true } }

    /// The responder itself, for whoever takes it first.
    func take() -> HTTPResponder? { responder.withLock { $0.take() } }

    func respond(_ response: consuming HTTPResponse) {
        guard let responder = take() else { return }
        responder.respond(response)
    }
}
