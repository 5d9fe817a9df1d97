/// What a connection speaks: it eats bytes, begins exchanges, and turns answers into bytes.
///
/// It has no socket and no timer; `Connection` has those and nothing of HTTP. HTTP/1 and HTTP/2 are implementations, and
/// what finds out which of the two is meant. Confined to its event loop's thread.
protocol WireProtocol: AnyObject {
    /// What the connection is waiting for, which decides how long it may take.
    var phase: WirePhase { get }
    /// Changes whenever the connection has earned its time anew: a request, a phase, a good part of a body.
    var progress: UInt64 { get }
    /// In the phase `streams`: when something may have taken too long, in nanoseconds of the monotonic clock.
    var deadline: UInt64 { get }
    /// Who goes on with the connection, once that is known: what `receive` did not consume is the successor's.
    var successor: (any WireProtocol)? { get }

    /// Reads as far as it can: to the end of the bytes, to a request that has to be answered first, or until the output is
    /// full. Returns how many bytes are done with; the others are shown again, with more behind them.
    func receive(_ input: Span<UInt8>, into output: OutputBuffer) -> Int

    /// Room that the next bytes from the socket may be read into directly, if they are nothing but a body.
    func directSpace() -> UnsafeMutableRawBufferPointer?
    /// Takes note of bytes that were read into that room.
    func receivedDirectly(_ count: Int)

    /// How many of the next bytes from the socket belong to a body that nobody wants.
    var unwantedCount: Int { get }
    /// Takes note of so many of them, at least one, which were not looked at.
    func discarded(_ count: Int)

    /// Sends the answer to an exchange of this connection, nil for one that never got any.
    func answer(_ exchange: Exchange, with response: HTTPResponse?, into output: OutputBuffer)

    /// Does what the handler of a streamed request of this connection asks for.
    func wake(_ exchange: Exchange, into output: OutputBuffer)

    /// The client will send no more.
    func inputEnded(into output: OutputBuffer)
    /// The server is stopping, in the phase `streams`.
    func beginDraining(into output: OutputBuffer)
    /// The phase took too long.
    func timedOut(into output: OutputBuffer)
    /// Answers a connection that is one too many, and ends it.
    func refuse(_ error: HTTPError, into output: OutputBuffer)
    /// The connection is gone: tells those who work for it. Returns the exchanges that stay without an answer.
    func abandon() -> [FinishedExchange]
}

/// What a connection is waiting for.
enum WirePhase {
    /// The first byte of a request.
    case idle
    /// The rest of a head.
    case head
    /// The rest of a body.
    case body
    /// An answer of the handler.
    case answer
    /// Several things at once: the protocol keeps its own time.
    case streams
    /// Nothing: what was written is the last.
    case finished
}

extension WireProtocol {
    var deadline: UInt64 { .max }
    var unwantedCount: Int { 0 }
    func discarded(_ count: Int) {}
    func beginDraining(into output: OutputBuffer) {}
    func wake(_ exchange: Exchange, into output: OutputBuffer) {}
}
