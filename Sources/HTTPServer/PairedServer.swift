import CEpoll
import Glibc

/// A server without a port: its event loop is in the caller's hand, and its connections are pairs of sockets. For fuzzing of
/// what lies below the protocols, which `WireConversation` leaves out: sockets, TLS, their buffers and their end.
///
/// Used by one thread at a time.
package final class PairedServer {
    private let loop: EventLoop
    private let tls: TLSContexts?
    private let places = ConnectionPlaces(maxConnections: 1 << 20, maxPerNetwork: 0)

    /// A server that listens nowhere. Its connections speak TLS when the configuration has it.
    package init(configuration: ServerConfiguration, handler: any HTTPHandler) throws(HTTPServerError) {
        tls = configuration.tls
        loop = try EventLoop(
            state: LoopState(configuration: configuration, handler: handler, observer: nil), gate: AcceptGate())
    }

    /// Makes a connection. Returns the client's end, which does not block and is the caller's to close.
    package func connect() throws(HTTPServerError) -> Int32 {
        let pair = try SocketPair()
        guard let place = places.take(for: nil) else { return pair.first }
        loop.load.add(1)
        loop.post(
            .adopt(
                Socket(FileDescriptor(owning: pair.second), peer: HTTPPeer(address: "pair", isLocal: true), tls: tls),
                place))
        return pair.first
    }

    /// Handles all that is ready, without waiting for more.
    package func turn() { loop.turn(waitingAtMost: 0) }

    /// Connections that are not closed yet.
    package var openConnections: Int { loop.load.value }

    /// What bodies and answers take of `maxBufferBytes`.
    package var bufferBytes: Int { loop.state.memory.used }

    /// What TLS has counted.
    package var counts: TLSCounts? { tls?.counts }
}

/// Two sockets that do not block, connected to each other. Not closed with it.
package struct SocketPair {
    package let first: Int32
    package let second: Int32

    /// - Throws: `HTTPServerError.system`.
    package init() throws(HTTPServerError) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        _ = try SystemCallResult.of { unsafe Int(socketpair(AF_UNIX, type, 0, &ends)) }.get(
            "socketpair", "a connection")
        (first, second) = (ends[0], ends[1])
    }
}
