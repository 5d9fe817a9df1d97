import HTTPServer
import Locks

/// Handles one streamed request: keeps what comes, and lets a test say the rest.
final class StreamedRequest: HTTPStreamHandler {
    enum Event: Hashable {
        case begin, end, more, drain, cancel
    }

    private struct State {
        var stream: HTTPStream?
        var body: [UInt8] = []
        var events: [Event] = []
        var appetite: HTTPStreamAppetite
    }

    private let state: Lock<State>
    /// Whether received bytes are given back at once.
    private let releases: Bool
    private let react: @Sendable (Event, HTTPStream) -> Void

    init(
        appetite: HTTPStreamAppetite = .anything, releases: Bool = true,
        _ react: @escaping @Sendable (Event, HTTPStream) -> Void = { _, _ in }
    ) {
        state = Lock(State(appetite: appetite))
        self.releases = releases
        self.react = react
    }

    var stream: HTTPStream? { state.withLock { $0.stream } }
    var body: [UInt8] { state.withLock { $0.body } }
    var events: [Event] { state.withLock { $0.events } }

    /// Lets go of the stream.
    func drop() { state.withLock { $0.stream = nil } }

    func want(_ appetite: HTTPStreamAppetite) { state.withLock { $0.appetite = appetite } }

    private func note(_ event: Event) {
        state.withLock { $0.events.append(event) }
        if let stream { react(event, stream) }
    }

    func begin(_ stream: HTTPStream) {
        state.withLock { $0.stream = stream }
        note(.begin)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        state.withLock { unsafe $0.body.append(contentsOf: bytes) }
        if releases { stream?.release(bytes.count) }
    }

    func receiveEnd() { note(.end) }
    var appetite: HTTPStreamAppetite { state.withLock { $0.appetite } }
    func sendMore() { note(.more) }
    func drain() { note(.drain) }
    func cancel() { note(.cancel) }
}

/// Streams every request with what `make` gives for its path, and handles the others.
struct StreamingHandler: HTTPHandler {
    var make: @Sendable (HTTPRequestHead) -> StreamedRequest?

    func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission {
        make(head).map { .streamed($0, client: "somebody") } ?? .welcome
    }

    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) { responder.respond(.echo(request)) }
}
