import HTTPServer
import Locks

/// A responder that a closure can hold.
final class PendingResponder: Sendable {
    private struct Box: ~Copyable { var responder: HTTPResponder? }

    private let box: Lock<Box>

    init(_ responder: consuming HTTPResponder) { box = Lock(Box(responder: responder)) }

    func respond(_ response: HTTPResponse) {
        if let responder = box.withLock({ $0.responder.take() }) { responder.respond(response) }
    }
}
