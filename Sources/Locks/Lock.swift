package import Glibc

/// A value that one thread at a time can use: a POSIX mutex, with the value beside it.
///
/// Stands where `Synchronization.Mutex` would. On Linux that one waits in the kernel, which hands the lock over from one
/// thread to the next (`FUTEX_LOCK_PI`); the thread sanitizer does not see that, and reports every contended use as a
/// race. (Measured with Swift 6.3, `-sanitize=thread`: four threads that add to one `Mutex<Int>` are reported, although
/// no addition is lost; with a POSIX mutex they are not.) A sanitizer that always has something to say is not listened to.
@safe package struct Lock<Value: Sendable & ~Copyable>: ~Copyable, @unchecked Sendable {
    /// Two allocations instead of one of a generic structure, whose layout would be looked up at run time wherever the
    /// code is not specialised. Neither moves, as a mutex must not.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// An open lock around `value`.
    @inlinable package init(_ value: consuming Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
        let status = unsafe pthread_mutex_init(mutex, nil)
        precondition(status == 0, "a default mutex can always be made")
    }

    @inlinable deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }

    /// Runs `body` while no other thread is in `withLock` of the same lock. Not reentrant; never to be held while
    /// computing.
    @inlinable @inline(__always) package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }
}
