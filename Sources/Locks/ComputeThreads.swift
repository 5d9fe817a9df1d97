internal import Dispatch
internal import Glibc
internal import Synchronization

/// The threads that compute, and how many may. Whoever computes is counted, so that a large call is split over no more
/// threads than are idle: threads beyond those would only wait for one another.
package final class ComputeThreads: Sendable {
    /// Those of this process.
    package static let shared = ComputeThreads(cores: cores)

    /// The cores there are.
    package static let cores = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)

    private let cores: Int
    private let limit: Atomic<Int>
    private let busy = Atomic<Int>(0)

    /// Set on threads that are counted.
    private let key: pthread_key_t

    /// - Parameter cores: the most threads that ever pay.
    package init(cores: Int) {
        self.cores = max(cores, 1)
        limit = Atomic(max(cores, 1))
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key, nil)
        precondition(status == 0, "a process has room for a few keys")
        self.key = key
    }

    deinit { pthread_key_delete(key) }

    /// So many threads compute at a time at most, and never more than there are cores. At least 1.
    package var maximum: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(min(max(newValue, 1), cores), ordering: .relaxed) }
    }

    /// Counts the calling thread while `body` runs. Whether or not there is room: who has work to do does it.
    package func counted<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        guard unsafe pthread_getspecific(key) == nil else { return try body() }
        busy.wrappingAdd(1, ordering: .relaxed)
        unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
        defer {
            pthread_setspecific(key, nil)
            busy.wrappingSubtract(1, ordering: .relaxed)
        }
        return try body()
    }

    /// Counts the calling thread and as many idle ones as there are, `most` together, while `body` runs with their number.
    package func withIdle<Result, Failure: Error>(
        most: Int, _ body: (_ threads: Int) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try counted { () throws(Failure) in
            let others = take(most - 1)
            defer { busy.wrappingSubtract(others, ordering: .relaxed) }
            return try body(1 + others)
        }
    }

    /// Counts up to `wanted` threads more, as far as they are idle. Returns how many.
    private func take(_ wanted: Int) -> Int {
        var now = busy.load(ordering: .relaxed)
        while true {
            let taken = min(wanted, maximum - now)
            guard taken > 0 else { return 0 }
            let (exchanged, original) = busy.compareExchange(
                expected: now, desired: now + taken, ordering: .relaxed)
            if exchanged { return taken }
            now = original
        }
    }

    /// Runs `work` for every part, on so many threads: parts go to whichever is free. Returns when all are done.
    package static func perform(_ parts: Int, threads: Int, _ work: @Sendable (_ part: Int) -> Void) {
        guard threads > 1, parts > 1 else {
            for part in 0..<parts { work(part) }
            return
        }
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: min(threads, parts)) { _ in
            while true {
                let part = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard part < parts else { return }
                work(part)
            }
        }
    }
}
