import Locks
import Synchronization

/// What lies between a stream's handler, on any thread, and its connection, on the loop's: what was asked for and is not done
/// yet.
final class HTTPStreamChannel: Sendable {
    /// How an answer ends.
    enum Ending: Sendable {
        case answer(HTTPResponse)
        case trailers([(name: String, value: String)], innerStatus: Int?)
        case reset
        /// Nobody can end it any more.
        case dropped
    }

    /// What is to be done, in this order.
    struct Batch: Sendable {
        var released = 0
        var head: HTTPResponse?
        var pieces: [[UInt8]] = []
        var ending: Ending?
    }

    private struct Box {
        var batch = Batch()
        /// Whether the connection is going to look here anyway.
        var isExpected = false
        var hasEnded = false
    }

    let exchange: Exchange
    private let box = Lock(Box())
    private let unsent = Atomic<Int>(0)

    init(_ exchange: Exchange) { self.exchange = exchange }

    // MARK: From any thread

    /// Adds to what is to be done; of no effect behind the end.
    func add(_ change: (inout Batch) -> Void) {
        let isFirst = box.withLock { box in
            guard !box.hasEnded else { return false }
            change(&box.batch)
            box.hasEnded = box.batch.ending != nil
            defer { box.isExpected = true }
            return !box.isExpected
        }
        if isFirst { exchange.wake() }
    }

    var unsentBytes: Int { unsent.load(ordering: .relaxed) }

    func willSend(_ count: Int) { unsent.wrappingAdd(count, ordering: .relaxed) }

    // MARK: On the loop's thread

    /// The handler is being called, and `take` follows: nobody need be woken for what it asks for.
    func expect() { box.withLock { $0.isExpected = true } }

    /// Takes what is to be done.
    func take() -> Batch {
        box.withLock { box in
            box.isExpected = false
            defer { box.batch = Batch() }
            return box.batch
        }
    }

    func sent(_ count: Int) { unsent.wrappingSubtract(count, ordering: .relaxed) }
}
