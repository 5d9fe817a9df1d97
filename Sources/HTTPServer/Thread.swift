import Glibc
internal import Locks

/// A thread of an event loop.
enum Thread {
    /// Starts a thread that ends with `body`. Nobody joins it. Signals are left to the other threads.
    static func start(_ body: @escaping @Sendable () -> Void) throws(HTTPServerError) {
        var every = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&every)
        unsafe pthread_sigmask(SIG_SETMASK, &every, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        do throws(SystemThread.Failure) { pthread_detach(try SystemThread.start(body)) } catch {
            throw .system(call: "pthread_create", subject: "an event loop", errno: error.code)
        }
    }
}
