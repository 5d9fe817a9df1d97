internal import Glibc

/// A thread that is waited for.
@safe struct LoadThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t

    /// Starts it; signals go where the starting thread lets them.
    init(_ body: @escaping @Sendable () -> Void) throws(LoadError) {
        let context = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context { unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            throw .system(call: "pthread_create", reason: systemReason(code))
        }
        self.thread = thread
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
