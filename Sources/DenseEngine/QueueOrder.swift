/// Elements in the order of their turn: by priority, and within one priority first come first served.
///
/// No priority waits for ever. A level is worth a tenth of a second: an element of priority 7 is treated as one of priority
/// 5 that came 0.2 s earlier. So nothing that comes later than 0.9 s after an element is ever served before it.
struct QueueOrder<Element: Sendable>: Sendable {
    /// What one level of priority is worth, in nanoseconds.
    static var step: Int { 100_000_000 }

    private struct Waiting: Sendable {
        let element: Element
        let arrival: Instant
    }

    private var lines: [FirstInFirstOut<Waiting>]
    /// How many elements wait.
    private(set) var count = 0

    init() {
        lines = WorkOptions.priorities.map { _ in FirstInFirstOut() }
    }

    /// - Parameter priority: one of `WorkOptions.priorities`.
    mutating func append(_ element: Element, priority: Int, arrival: Instant) {
        lines[priority - WorkOptions.priorities.lowerBound].append(Waiting(element: element, arrival: arrival))
        count += 1
    }

    /// The element whose turn it is.
    var first: Element? { nextLine.flatMap { lines[$0].first?.element } }

    /// Takes the element whose turn it is.
    mutating func popFirst() -> Element? {
        guard let line = nextLine, let waiting = lines[line].popFirst() else { return nil }
        count -= 1
        return waiting.element
    }

    /// Takes out the elements that `isOver` says it of, in no order that means anything.
    mutating func remove(where isOver: (Element) -> Bool) -> [Element] {
        guard count > 0 else { return [] }
        var removed: [Element] = []
        for line in lines.indices {
            removed += lines[line].remove { isOver($0.element) }.map(\.element)
        }
        count -= removed.count
        return removed
    }

    /// Shows every element.
    func forEach(_ body: (Element) -> Void) {
        guard count > 0 else { return }
        for line in lines { line.forEach { body($0.element) } }
    }

    private var nextLine: Int? {
        guard count > 0 else { return nil }
        var best: (line: Int, turn: Int)?
        // The highest first, so that it wins a tie.
        for line in lines.indices.reversed() {
            guard let waiting = lines[line].first else { continue }
            let turn = waiting.arrival.nanoseconds &- line &* Self.step
            if let best, best.turn <= turn { continue }
            best = (line, turn)
        }
        return best?.line
    }
}

/// A line of elements: the first to come is the first to go, each in constant time on average.
struct FirstInFirstOut<Element: Sendable>: Sendable {
    /// Elements from `head` on; the slots before it are empty.
    private var slots: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == slots.count }
    var first: Element? { head < slots.count ? slots[head] : nil }

    mutating func append(_ element: Element) { slots.append(element) }

    /// Takes out the elements that `isOver` says it of.
    mutating func remove(where isOver: (Element) -> Bool) -> [Element] {
        let waiting = slots[head...].compactMap { $0 }
        let removed = waiting.filter(isOver)
        guard !removed.isEmpty else { return [] }
        slots = waiting.filter { !isOver($0) }
        head = 0
        return removed
    }

    func forEach(_ body: (Element) -> Void) {
        for case let element? in slots[head...] { body(element) }
    }

    mutating func popFirst() -> Element? {
        guard head < slots.count else { return nil }
        let element = slots[head].take()
        head += 1
        // Empty slots are dropped in bulk.
        if head == slots.count {
            slots.removeAll(keepingCapacity: slots.capacity <= 1024)
            head = 0
        } else if head >= 1024, head * 2 >= slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return element
    }
}
