import Glibc

/// Accepts connections from all listeners and hands each to the loop with the fewest. Confined to the loop it runs on, the
/// first.
final class Acceptor {
    /// The most that are accepted before others have their turn.
    private static let turn = 64
    /// The most that are accepted before the listeners are closed: more than any queue holds.
    private static let farewell = 1 << 16

    private let listeners: [Listener]
    private let loops: [EventLoop]
    private let places: ConnectionPlaces
    private let accepted: Counter
    /// When accepting goes on, while it is paused.
    var pausedUntil: UInt64?

    init(listeners: [Listener], loops: [EventLoop], places: ConnectionPlaces, accepted: Counter) {
        self.listeners = listeners
        self.loops = loops
        self.places = places
        self.accepted = accepted
    }

    /// The listeners' descriptors.
    var numbers: [Int32] { listeners.map(\.number) }

    /// Accepts what waits at one of the listeners. False if the system has no room for more.
    func accept(_ index: Int) -> Bool {
        guard index < listeners.count else { return true }
        for _ in 0..<Self.turn {
            switch listeners[index].accept() {
            case .socket(let socket): handOver(socket)
            case .nothing: return true
            case .exhausted: return false
            }
        }
        return true
    }

    /// Accepts all that waits and would be reset when the listener is closed.
    func acceptAll() {
        for listener in listeners where listener.isOwn {
            for _ in 0..<Self.farewell {
                guard case .socket(let socket) = listener.accept() else { break }
                handOver(socket)
            }
        }
    }

    private func handOver(_ socket: Socket) {
        accepted.add(1)
        guard let place = places.take(for: socket.network),
            let loop = loops.min(by: { $0.load.value < $1.load.value })
        else { return }
        loop.load.add(1)
        if loop.post(.adopt(socket, place)) { return }
        // That loop has ended, while this one still accepts what came before the listeners are closed.
        loop.load.add(-1)
        loops[0].load.add(1)
        loops[0].adopt(socket, place)
    }
}
