import Dispatch
import Glibc
import HTTPServer
import Locks

/// A server on a free port, stopped at the end of the test.
final class TestServer {
    let server: Server
    let address: SocketAddress
    let addresses: [SocketAddress]
    let records: Records

    convenience init(
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        admit: @escaping @Sendable (HTTPRequestHead, HTTPPeer) -> HTTPAdmission = { _, _ in .welcome },
        handle: @escaping @Sendable (HTTPRequest, consuming HTTPResponder) -> Void
    ) throws {
        try self.init(change, handler: TestHandler(handle: handle, admit: admit))
    }

    init(_ change: (inout ServerConfiguration) -> Void, handler: any HTTPHandler) throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.loops = 2
        configuration.bePatient()
        change(&configuration)
        records = Records()
        server = Server(
            configuration: configuration, handler: handler, observer: records)
        addresses = try server.start()
        address = addresses[0]
    }

    /// A server that echoes.
    convenience init(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
        try self.init(change, handle: { $1.respond(.echo($0)) })
    }

    convenience init(refuse: @escaping @Sendable (HTTPRequestHead) -> HTTPResponse?) throws {
        let handler = TestHandler(handle: { $1.respond(.echo($0)) }, refuse: refuse)
        try self.init(admit: handler.admit, handle: handler.handle)
    }

    func client(receiveBuffer: Int32? = nil) throws -> TestClient {
        try TestClient(address, receiveBuffer: receiveBuffer)
    }

    deinit {
        server.stop(drainTimeout: 0)
        server.wait()
    }
}

extension ServerConfiguration {
    /// Gives clients all the time that a slow and busy machine may need; only a test of a time sets one.
    mutating func bePatient() {
        headTimeout = 3_600_000
        bodyTimeout = 3_600_000
        sendTimeout = 3_600_000
        idleTimeout = 3_600_000
    }
}

/// Runs `body` with longer and longer times, in milliseconds, until it says that the machine was fast enough for one. False if
/// it never is.
func withEnoughTime(_ body: (_ milliseconds: Int) throws -> Bool) rethrows -> Bool {
    for milliseconds in [1_000, 4_000, 16_000, 64_000] where try body(milliseconds) { return true }
    return false
}

struct TestHandler: HTTPHandler {
    var handle: @Sendable (HTTPRequest, consuming HTTPResponder) -> Void
    var admit: @Sendable (HTTPRequestHead, HTTPPeer) -> HTTPAdmission

    init(
        handle: @escaping @Sendable (HTTPRequest, consuming HTTPResponder) -> Void,
        admit: @escaping @Sendable (HTTPRequestHead, HTTPPeer) -> HTTPAdmission
    ) {
        self.handle = handle
        self.admit = admit
    }

    /// Refuses some of the requests that announce a body.
    init(
        handle: @escaping @Sendable (HTTPRequest, consuming HTTPResponder) -> Void,
        refuse: @escaping @Sendable (HTTPRequestHead) -> HTTPResponse?
    ) {
        self.init(handle: handle) { head, _ in
            head.announcesBody ? refuse(head).map { .refused($0) } ?? .welcome : .welcome
        }
    }

    func handle(_ request: HTTPRequest, _ responder: consuming HTTPResponder) { handle(request, responder) }
    func admit(_ head: HTTPRequestHead, from peer: HTTPPeer) -> HTTPAdmission { admit(head, peer) }
}

extension HTTPResponse {
    /// Method, path and body of the request.
    static func echo(_ request: HTTPRequest) -> HTTPResponse {
        let body = unsafe request.body.withUnsafeBytes { unsafe Array($0) }
        return HTTPResponse(.ok, body: Array("\(request.method.rawValue) \(request.target.rawPath) ".utf8) + body)
    }
}

/// Collects the records of finished exchanges.
final class Records: HTTPExchangeObserver {
    private let all = Lock<[ExchangeRecord]>([])
    private let arrived = DispatchSemaphore(value: 0)

    func exchangeFinished(_ record: ExchangeRecord) {
        all.withLock { $0.append(record) }
        arrived.signal()
    }

    var isSomethingThere: Bool { all.withLock { !$0.isEmpty } }

    /// Waits for the next record.
    func next() -> ExchangeRecord? {
        guard arrived.wait(timeout: .now() + .seconds(60)) == .success else { return nil }
        return all.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

/// Waits for a condition that another thread brings about.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = DispatchTime.now() + .seconds(60)
    while DispatchTime.now() < end {
        if condition() { return true }
        sched_yield()
    }
    return false
}

/// Holds a responder until a test lets it answer.
final class Held: Sendable {
    private struct Box: ~Copyable { var responder: HTTPResponder? }

    private let box = Lock(Box(responder: nil))
    private let arrived = DispatchSemaphore(value: 0)

    func hold(_ responder: consuming HTTPResponder) {
        // A closure may not consume what it captures, so the responder goes in through an optional.
        var wrapped: HTTPResponder? = consume responder
        box.withLock { box in box.responder = wrapped.take() }
        arrived.signal()
    }

    /// Waits until a request is held.
    func wait() -> Bool { arrived.wait(timeout: .now() + .seconds(60)) == .success }

    var clientHasGone: Bool { box.withLock { $0.responder?.clientHasGone ?? false } }

    func release(_ response: HTTPResponse) {
        guard let responder = box.withLock({ $0.responder.take() }) else { return }
        responder.respond(response)
    }

    func drop() { _ = box.withLock { $0.responder.take() } }
}
