import Locks

/// How many connections are open, in all and from each network, and whether one more may be. Its table is as long as there
/// are connections at most.
final class ConnectionPlaces: Sendable {
    /// So many connections at once are told why they are refused; beyond them a socket is closed without a word.
    private static let refusals = 256

    private struct State {
        var open = 0
        var refused = 0
        var networks: [ClientNetwork: Int] = [:]
    }

    private let state = Lock(State())
    private let maxConnections: Int
    private let maxPerNetwork: Int
    private let refusedAltogether = Counter()
    private let refusedForNetwork = Counter()

    /// - Parameter maxPerNetwork: zero for any number.
    init(maxConnections: Int, maxPerNetwork: Int) {
        self.maxConnections = maxConnections
        self.maxPerNetwork = maxPerNetwork
    }

    /// Connections refused, because there were too many, and because there were too many from their network.
    var refused: (altogether: Int, forNetwork: Int) { (refusedAltogether.value, refusedForNetwork.value) }

    /// Counts a new connection. Nil when it is not even to be told why it is refused.
    func take(for network: ClientNetwork?) -> ConnectionPlace? {
        let network = maxPerNetwork > 0 ? network : nil
        return state.withLock { state in
            var refusal: HTTPError?
            if state.open >= maxConnections {
                refusal = .tooManyConnections(limit: maxConnections)
                refusedAltogether.add(1)
            } else if let network, state.networks[network, default: 0] >= maxPerNetwork {
                refusal = .tooManyFromAddress(limit: maxPerNetwork)
                refusedForNetwork.add(1)
            }
            if refusal != nil {
                guard state.refused < Self.refusals else { return nil }
                state.refused += 1
            } else {
                state.open += 1
                if let network { state.networks[network, default: 0] += 1 }
            }
            return ConnectionPlace(refusal: refusal, network: network, to: self)
        }
    }

    fileprivate func leave(_ place: ConnectionPlace) {
        state.withLock { state in
            guard place.refusal == nil else {
                state.refused -= 1
                return
            }
            state.open -= 1
            guard let network = place.network, let count = state.networks[network] else { return }
            state.networks[network] = count > 1 ? count - 1 : nil
        }
    }
}

/// One connection's place among all, given back with the last reference to it.
final class ConnectionPlace: Sendable {
    /// Why the connection is refused, nil for one that is served.
    let refusal: HTTPError?
    fileprivate let network: ClientNetwork?
    private let places: ConnectionPlaces

    fileprivate init(refusal: HTTPError?, network: ClientNetwork?, to places: ConnectionPlaces) {
        self.refusal = refusal
        self.network = network
        self.places = places
    }

    deinit { places.leave(self) }
}
