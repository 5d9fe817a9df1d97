/// How a connection comes to its protocol.
enum WireChoice {
    /// By its first bytes: HTTP/2 begins with a preface of its own (RFC 9113, section 3.4), anything else is HTTP/1.
    case detect
    /// HTTP/2 for certain.
    case http2
    /// By ALPN (RFC 7301), once the socket's handshake is complete.
    case tls(Socket)

    /// The protocol to begin with. `makeExchange` makes exchanges of a stream (0 in HTTP/1) whose answers come back to the
    /// connection.
    func wire(
        loop: LoopState, peer: HTTPPeer, makeExchange: @escaping (Int32) -> Exchange
    ) -> any WireProtocol {
        switch self {
        case .detect: WireNegotiation(loop: loop, peer: peer, makeExchange: makeExchange)
        case .tls(let socket): TLSNegotiation(socket, loop: loop, makeExchange: makeExchange)
        case .http2: HTTP2Connection(loop: loop, peer: peer, makeExchange: makeExchange)
        }
    }
}

/// A connection whose first bytes have not told yet what it speaks. It answers nothing itself.
final class WireNegotiation: WireProtocol {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// What a handshake of TLS begins with (RFC 8446, section 5.1).
    private static let handshake: UInt8 = 22

    private let speaksHTTP2: Bool
    private let http1: HTTP1Connection
    private let makeHTTP2: () -> HTTP2Connection
    /// What came of the preface.
    private var seen: [UInt8] = []
    private var isFinished = false
    private(set) var successor: (any WireProtocol)?

    init(loop: LoopState, peer: HTTPPeer, makeExchange: @escaping (Int32) -> Exchange) {
        speaksHTTP2 = loop.configuration.http2
        http1 = HTTP1Connection(loop: loop, peer: peer, makeExchange: makeExchange)
        makeHTTP2 = { HTTP2Connection(loop: loop, peer: peer, makeExchange: makeExchange) }
    }

    var phase: WirePhase { isFinished ? .finished : seen.isEmpty ? .idle : .head }
    var progress: UInt64 { seen.isEmpty ? 0 : 1 }

    func receive(_ input: Span<UInt8>, into output: OutputBuffer) -> Int {
        var count = 0
        while count < input.count, count < Self.preface.count, input[count] == Self.preface[count] { count += 1 }
        if count == Self.preface.count, speaksHTTP2 {
            successor = makeHTTP2()
        } else if count == 0, !input.isEmpty, input[0] == Self.handshake {
            http1.refuse(.unexpectedTLS, into: output)
            isFinished = true
            return input.count
        } else if count < input.count || !speaksHTTP2 {
            successor = http1
        } else {
            seen = Array(Self.preface[..<count])
        }
        // Whoever comes next reads them again.
        return 0
    }

    func directSpace() -> UnsafeMutableRawBufferPointer? { nil }
    func receivedDirectly(_ count: Int) {}
    func answer(_ exchange: Exchange, with response: HTTPResponse?, into output: OutputBuffer) {}
    func abandon() -> [FinishedExchange] { [] }

    // What began like the preface may have been to become `POST`, and is answered so.

    func inputEnded(into output: OutputBuffer) { end(into: output) { $0.inputEnded(into: output) } }

    func timedOut(into output: OutputBuffer) { end(into: output) { $0.timedOut(into: output) } }

    func refuse(_ error: HTTPError, into output: OutputBuffer) { end(into: output) { $0.refuse(error, into: output) } }

    private func end(into output: OutputBuffer, _ body: (HTTP1Connection) -> Void) {
        _ = http1.receive(seen.span, into: output)
        body(http1)
        isFinished = true
    }
}
