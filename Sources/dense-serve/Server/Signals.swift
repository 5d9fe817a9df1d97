import Glibc

/// The signals that stop the server, taken by one thread that waits for them.
///
/// They are blocked, not handled or ignored: a blocked signal waits for `next()` even when the process is PID 1, for
/// which the kernel drops every signal without a handler.
package enum Signals {
    /// Blocks SIGTERM and SIGINT in this thread and all it starts later. To be called before any other thread is
    /// started.
    package static func block() {
        unsafe withStopSignals { _ = unsafe pthread_sigmask(SIG_BLOCK, $0, nil) }
    }

    /// Waits for the next of the blocked signals and gives its name.
    package static func next() -> String {
        var number: Int32 = 0
        unsafe withStopSignals { _ = unsafe sigwait($0, &number) }
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }

    private static func withStopSignals(_ body: (UnsafePointer<sigset_t>) -> Void) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        unsafe withUnsafePointer(to: &signals) { unsafe body($0) }
    }
}
