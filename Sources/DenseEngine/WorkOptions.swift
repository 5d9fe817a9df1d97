/// What a queue is told about a piece of work besides the work itself.
package struct WorkOptions: Sendable {
    /// The priorities there are; higher ones come first.
    package static let priorities = 0...9
    /// The priority of work that does not say.
    package static let defaultPriority = 5

    /// One of `priorities`.
    package let priority: Int
    /// What the work holds in memory while it waits and runs.
    package let bytes: Int
    /// Work that has not begun by then is dropped.
    package let deadline: Instant
    /// Whether nobody wants the work any more; asked when its turn comes.
    package let isCancelled: @Sendable () -> Bool

    /// - Parameters:
    ///   - priority: outside `priorities` the nearest one.
    ///   - bytes: a negative number counts as 0.
    package init(
        priority: Int = WorkOptions.defaultPriority, bytes: Int = 0, deadline: Instant = .never,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.priority = min(max(priority, Self.priorities.lowerBound), Self.priorities.upperBound)
        self.bytes = max(bytes, 0)
        self.deadline = deadline
        self.isCancelled = isCancelled
    }

    /// Why the work is not to be done, if it is not.
    package func objection(at now: Instant) -> DropReason? {
        if isCancelled() { return .cancelled }
        return isOver(at: now) ? .deadlinePassed : nil
    }

    /// Whether it is too late to begin.
    func isOver(at now: Instant) -> Bool { now >= deadline && deadline != .never }
}

/// Why work was dropped before it was done.
package enum DropReason: Hashable, Sendable, CaseIterable {
    /// Its time was over before its turn came.
    case deadlinePassed
    /// Whoever asked for it has gone.
    case cancelled
}
