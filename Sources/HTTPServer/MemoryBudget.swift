import Synchronization

/// The memory that all connections together may take for what clients make large: bodies until their requests are answered,
/// answers until they are sent.
///
/// What is announced costs nothing, only what is there: a client that announces much and sends nothing takes nothing from
/// the others. So a request is refused at its head when its body would not fit now, and in its midst when others were
/// faster.
package final class MemoryBudget: Sendable {
    /// Pieces up to this size are not counted: the number of connections and streams bounds them.
    static let free = 4 << 10

    /// The most bytes there may be.
    package let limit: Int
    private let bytes = Atomic<Int>(0)
    private let refusals = Counter()

    /// An empty budget.
    package init(limit: Int) { self.limit = limit }

    /// The bytes there are.
    package var used: Int { bytes.load(ordering: .relaxed) }
    /// How often there was no room.
    package var refused: Int { refusals.value }

    /// Whether a piece of so many bytes would fit now; counted if not.
    func hasRoom(for count: Int) -> Bool {
        if count <= Self.free || count <= limit - used { return true }
        refusals.add(1)
        return false
    }

    fileprivate func take(_ count: Int) -> Bool {
        var current = bytes.load(ordering: .relaxed)
        while current <= limit, count <= limit - current {
            let result = bytes.weakCompareExchange(expected: current, desired: current + count, ordering: .relaxed)
            if result.exchanged { return true }
            current = result.original
        }
        refusals.add(1)
        return false
    }

    fileprivate func add(_ count: Int) { bytes.wrappingAdd(count, ordering: .relaxed) }
}

/// What one owner of memory takes of a budget. It is given back with the owner, whichever way that ends.
struct MemoryCharge: ~Copyable {
    private let budget: MemoryBudget?
    private var bytes = 0

    /// Nothing yet. Without a budget nothing is ever counted.
    init(_ budget: MemoryBudget?) { self.budget = budget }

    deinit { budget?.add(-bytes) }

    /// Makes it so many bytes. False, and as before, when there is no room for more.
    mutating func set(_ count: Int) -> Bool {
        let wanted = count <= MemoryBudget.free ? 0 : count
        guard let budget, wanted != bytes else { return true }
        if wanted < bytes {
            budget.add(wanted - bytes)
        } else {
            guard budget.take(wanted - bytes) else { return false }
        }
        bytes = wanted
        return true
    }

    /// Makes it so many bytes, whether or not there is room: for what is there already.
    mutating func force(_ count: Int) {
        let wanted = count <= MemoryBudget.free ? 0 : count
        guard let budget, wanted != bytes else { return }
        budget.add(wanted - bytes)
        bytes = wanted
    }
}
