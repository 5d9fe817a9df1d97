/// A connection whose TLS handshake is not complete, or that has sent nothing behind it. What comes next is told by ALPN, and
/// without it is HTTP/1: HTTP/2 over TLS is for those who agreed on it (RFC 9113, section 3.2).
final class TLSNegotiation: WireProtocol {
    private let socket: Socket
    private let loop: LoopState
    private let makeExchange: (Int32) -> Exchange
    private var isFinished = false
    private(set) var successor: (any WireProtocol)?

    /// A connection of a loop over a socket whose session has begun. `makeExchange` makes exchanges whose answers come back
    /// to it.
    init(_ socket: Socket, loop: LoopState, makeExchange: @escaping (Int32) -> Exchange) {
        self.socket = socket
        self.loop = loop
        self.makeExchange = makeExchange
    }

    var phase: WirePhase {
        if isFinished { return .finished }
        return socket.session?.isShakingHands == true ? .head : .idle
    }

    let progress: UInt64 = 0

    func receive(_ input: Span<UInt8>, into output: OutputBuffer) -> Int {
        if input.isEmpty || isFinished { return input.count }
        guard let session = socket.session else {
            // Nobody can read what is said in another language.
            http1().refuse(.unexpectedClearText, into: output)
            isFinished = true
            return input.count
        }
        successor = session.isHTTP2 ? http2() : http1()
        return 0
    }

    func directSpace() -> UnsafeMutableRawBufferPointer? { nil }
    func receivedDirectly(_ count: Int) {}
    func answer(_ exchange: Exchange, with response: HTTPResponse?, into output: OutputBuffer) {}
    func abandon() -> [FinishedExchange] { [] }

    func inputEnded(into output: OutputBuffer) { isFinished = true }

    func timedOut(into output: OutputBuffer) {
        socket.session?.fail(.timeout)
        isFinished = true
    }

    /// Without a word: a handshake would cost more than the answer.
    func refuse(_ error: HTTPError, into output: OutputBuffer) { isFinished = true }

    private func http1() -> HTTP1Connection {
        HTTP1Connection(
            loop: loop, peer: socket.peer, tls: socket.session?.details, makeExchange: makeExchange)
    }

    private func http2() -> HTTP2Connection {
        HTTP2Connection(
            loop: loop, peer: socket.peer, tls: socket.session?.details, makeExchange: makeExchange)
    }
}
