internal import Locks

/// Batches that wait for more requests, for models that want that (`maximumDelay`).
final class BatchLot: Sendable {
    typealias Group = BatchGrouping<QueuedRequest>.Group

    /// Names a batch that began to wait.
    struct Ticket: Hashable, Sendable {
        let key: BatchKey
        let number: Int
        /// When its time is over.
        let end: Instant
    }

    private struct Parked: Sendable {
        var group: Group
        let ticket: Ticket
    }

    private struct State: Sendable {
        var parked: [BatchKey: Parked] = [:]
        var number = 0
    }

    private let state = Lock(State())

    /// Adds a group to the batch of its key, or lets it begin one.
    ///
    /// - Returns: the groups that are to be computed now, and the ticket of a batch that has begun to wait.
    func add(_ group: Group, now: Instant) -> (ready: [Group], waiting: Ticket?) {
        guard let key = group.key, let limits = group.members.first?.request.limits, limits.maximumDelay > 0,
            let arrival = group.members.map(\.arrival).min()
        else { return ([group], nil) }
        return state.withLock { state in
            var ready: [Group] = []
            if var parked = state.parked.removeValue(forKey: key) {
                if parked.group.rows <= limits.maximumRows - group.rows {
                    parked.group.members += group.members
                    parked.group.rows += group.rows
                    guard parked.group.rows < limits.maximumRows else { return ([parked.group], nil) }
                    state.parked[key] = parked
                    return ([], nil)
                }
                ready.append(parked.group)
            }
            let end = arrival.advanced(microseconds: limits.maximumDelay)
            guard group.rows < limits.maximumRows, now < end else { return (ready + [group], nil) }
            state.number += 1
            let ticket = Ticket(key: key, number: state.number, end: end)
            state.parked[key] = Parked(group: group, ticket: ticket)
            return (ready, ticket)
        }
    }

    /// Takes the batch of a ticket, unless it was computed already.
    func take(_ ticket: Ticket) -> Group? {
        state.withLock { state in
            guard state.parked[ticket.key]?.ticket == ticket else { return nil }
            return state.parked.removeValue(forKey: ticket.key)?.group
        }
    }
}
