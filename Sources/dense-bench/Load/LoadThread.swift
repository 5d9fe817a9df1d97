internal import Glibc
internal import Locks

/// A thread that is waited for.
@safe struct LoadThread {
    private let thread: pthread_t

    /// Starts it; signals go where the starting thread lets them.
    init(_ body: @escaping @Sendable () -> Void) throws(LoadError) {
        do throws(SystemThread.Failure) { thread = try SystemThread.start(body) } catch {
            throw .system(call: "pthread_create", reason: systemReason(error.code))
        }
    }

    func join() { pthread_join(thread, nil) }
}

/// Ctrl-C and SIGTERM, taken out of the way of everything else while this lives and asked for by one thread.
@safe final class Interruptions {
    private var signals = sigset_t()
    private var before = sigset_t()

    init() {
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
    }

    deinit { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }

    /// Waits for one, at most for some nanoseconds; whether there was one.
    func wait(nanoseconds: Int) -> Bool {
        let time = max(nanoseconds, 0)
        var timeout = timespec(tv_sec: time / 1_000_000_000, tv_nsec: time % 1_000_000_000)
        return unsafe sigtimedwait(&signals, nil, &timeout) > 0
    }
}
