/// A value that is read all the time and replaced now and then. Threads that read do not meet: each has a copy.
package final class Snapshot<Value: Sendable>: Sendable {
    /// Held only to look at the value, or to replace it.
    private final class Copy: Sendable {
        let value: Lock<Value>

        init(_ value: Value) { self.value = Lock(value) }
    }

    private let copies: [Copy]

    /// A snapshot of a first value.
    package init(_ value: Value) { copies = (0..<16).map { _ in Copy(value) } }

    /// Looks at the value. Beyond so many threads as there are copies some share one, which is slower and as right.
    package func read<Result, Failure: Error>(_ body: (Value) throws(Failure) -> Result) throws(Failure) -> Result {
        try copies[ThreadNumber.current % copies.count].value.withLock { value throws(Failure) in try body(value) }
    }

    /// Replaces the value: who reads after this has returned sees the new one.
    package func replace(_ value: Value) {
        for copy in copies { copy.value.withLock { $0 = value } }
    }
}
