/// The way to answer one streamed request, from any thread: a head, data piece by piece, and an end.
///
/// What is sent waits here until the client's window lets it through; `unsentBytes` and `HTTPStreamHandler.sendMore` tell
/// whoever makes it when to pause. When nobody refers to a stream any more that was not ended, its client gets a 500, or a
/// reset if the answer had begun.
package final class HTTPStream: Sendable {
    /// When so much or less is left to be sent, more may be made.
    package static let lowWater = 64 << 10

    /// What `X-Request-Id` the answer will carry.
    package let id: RequestID
    private let channel: HTTPStreamChannel
    private let memory: MemoryBudget

    init(_ channel: HTTPStreamChannel, id: RequestID, memory: MemoryBudget) {
        self.channel = channel
        self.id = id
        self.memory = memory
    }

    deinit { channel.add { $0.ending = .dropped } }

    /// Begins the answer, once. Its body, trailers and `closesConnection` are left out.
    package func begin(_ head: HTTPResponse) { channel.add { $0.head = head } }

    /// Sends bytes behind those that were given before. The answer has to have begun.
    package func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        channel.willSend(bytes.count)
        channel.add { $0.pieces.append(bytes) }
    }

    /// Ends an answer that has begun.
    ///
    /// - Parameter innerStatus: as `HTTPResponse.innerStatus`.
    package func end(trailers: [(name: String, value: String)] = [], innerStatus: Int? = nil) {
        channel.add { $0.ending = .trailers(trailers, innerStatus: innerStatus) }
    }

    /// Answers all at once, where no answer has begun.
    package func answer(_ response: HTTPResponse) { channel.add { $0.ending = .answer(response) } }

    /// Ends the stream with RST_STREAM (CANCEL).
    package func reset() { channel.add { $0.ending = .reset } }

    /// So many bytes of the body are needed no more: as many others may come.
    package func release(_ count: Int) { channel.add { $0.released += count } }

    /// How much of what was given to be sent the client has not let through yet.
    package var unsentBytes: Int { channel.unsentBytes }

    var exchange: Exchange { channel.exchange }

    /// Whether the client has gone, so that what it asked for need not be begun.
    package var clientHasGone: Bool { channel.exchange.clientHasGone }

    /// A body for what comes on the stream, counted in the server's memory.
    package func makeBody(length: Int) -> HTTPBody { HTTPBody(length: length, within: memory) }
}
