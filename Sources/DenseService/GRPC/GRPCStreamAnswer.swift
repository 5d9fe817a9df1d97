internal import GRPCWire
internal import HTTPServer
internal import Locks

/// The answering side of a streamed call: messages, and one status behind them. From any thread.
final class GRPCStreamAnswer: Sendable {
    private enum Phase { case fresh, begun, ended }

    /// Above this much unsent, nothing more is made.
    private static let patience = 1 << 20

    let stream: HTTPStream
    private let phase = Lock(Phase.fresh)

    init(_ stream: HTTPStream) { self.stream = stream }

    /// Whether the client takes what it gets fast enough for more to be made.
    var hasRoom: Bool { stream.unsentBytes < Self.patience }

    /// Whether nothing more can be sent.
    var hasEnded: Bool { phase.withLock { $0 == .ended } }

    /// Sends a message with its prefix.
    func send(_ framed: [UInt8]) {
        phase.withLock { phase in
            guard phase != .ended else { return }
            if phase == .fresh { stream.begin(GRPCAnswer.head()) }
            phase = .begun
            stream.send(framed)
        }
    }

    /// Ends the call, once.
    func end(_ status: GRPCStatus) {
        phase.withLock { phase in
            switch phase {
            case .fresh: stream.answer(GRPCAnswer.status(status))
            case .begun: stream.end(trailers: status.trailers, innerStatus: status.code.rawValue)
            case .ended: break
            }
            phase = .ended
        }
    }
}
