package import Glibc

/// A value that one thread at a time can use: a POSIX mutex, with the value beside it.
///
/// Stands where `Synchronization.Mutex` would. On Linux that one waits in the kernel, which hands the lock over from one
/// thread to the next (`FUTEX_LOCK_PI`); the thread sanitizer does not see that, and reports every contended use as a
/// race. (Measured with Swift 6.3, `-sanitize=thread`: four threads that add to one `Mutex<Int>` are reported, although
/// no addition is lost; with a POSIX mutex they are not.) A sanitizer that always has something to say is not listened to.
@safe package struct Lock<Value: Sendable & ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline
    @safe struct Storage: ~Copyable {
        @usableFromInline var mutex: pthread_mutex_t
        @usableFromInline var value: Value

        @inlinable init(_ value: consuming Value) {
            unsafe mutex = pthread_mutex_t()
            self.value = value
        }
    }

    /// Neither moves, as a mutex must not.
    @usableFromInline let storage: UnsafeMutablePointer<Storage>

    /// An open lock around `value`.
    @inlinable package init(_ value: consuming Value) {
        unsafe storage = .allocate(capacity: 1)
        unsafe storage.initialize(to: Storage(value))
        let status = unsafe pthread_mutex_init(&storage.pointee.mutex, nil)
        precondition(status == 0, "a default mutex can always be made")
    }

    @inlinable deinit {
        unsafe pthread_mutex_destroy(&storage.pointee.mutex)
        unsafe storage.deinitialize(count: 1)
        unsafe storage.deallocate()
    }

    /// Runs `body` while no other thread is in `withLock` of the same lock. Not reentrant; never to be held while
    /// computing.
    @inlinable package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(&storage.pointee.mutex)
        defer { unsafe pthread_mutex_unlock(&storage.pointee.mutex) }
        return try unsafe body(&storage.pointee.value)
    }
}
