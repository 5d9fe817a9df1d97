internal import Glibc

/// A value guarded by a POSIX mutex.
///
/// `Synchronization.Mutex` would do, but on Linux a thread that waited for it is handed the lock by the kernel, which the
/// thread sanitizer cannot see: every contended use is reported as a race. (Measured with Swift 6.3: four threads adding
/// to one `Mutex<Int>` are enough.) It knows POSIX mutexes.
@safe package final class Lock<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Touched only while `mutex` is held.
    private var value: Value

    package init(_ value: Value) {
        unsafe mutex.initialize(to: pthread_mutex_t())
        let status = unsafe pthread_mutex_init(mutex, nil)
        precondition(status == 0, "a default mutex can always be made")
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs `body` while no other thread is in `withLock` of the same lock. Not reentrant; never to be held while
    /// computing.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
