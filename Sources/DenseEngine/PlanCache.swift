internal import Synchronization

/// The plans that a model has made for shapes it was not built for. Filled until it is full and never emptied, so that who
/// looks for a plan takes no lock, and shapes without end take no memory without end.
@safe final class PlanCache: Sendable {
    /// The most plans that are kept.
    static let capacity = 8

    private final class Node: Sendable {
        let plan: SequentialPlan
        let next: Node?
        /// This one and those behind it.
        let count: Int

        init(_ plan: SequentialPlan, before next: Node?) {
            self.plan = plan
            self.next = next
            count = 1 + (next?.count ?? 0)
        }
    }

    /// Holds a node, which holds those behind it: all that were ever first live as long as the cache.
    private let first = unsafe Atomic<Unmanaged<Node>?>(nil)

    private var firstNode: Node? { unsafe first.load(ordering: .acquiring)?.takeUnretainedValue() }

    deinit { unsafe first.load(ordering: .acquiring)?.release() }

    /// A plan that takes an input of this shape, if there is one.
    func plan(for shape: Shape) -> SequentialPlan? {
        var node = firstNode
        while let current = node {
            if current.plan.takes(shape) { return current.plan }
            node = current.next
        }
        return nil
    }

    /// Keeps a plan, if there is room.
    func keep(_ plan: SequentialPlan) {
        while true {
            let old = firstNode
            guard (old?.count ?? 0) < Self.capacity else { return }
            // The new node holds the old one, which the cache held until now.
            let new = unsafe Unmanaged.passRetained(Node(plan, before: old))
            let expected = unsafe old.map { unsafe Unmanaged.passUnretained($0) }
            if unsafe first.compareExchange(expected: expected, desired: new, ordering: .acquiringAndReleasing)
                .exchanged
            {
                unsafe expected?.release()
                return
            }
            unsafe new.release()
        }
    }

    /// How many are kept.
    var count: Int { firstNode?.count ?? 0 }
}
