import Glibc

/// The signals that the server obeys, taken by one thread that waits for them.
///
/// They are blocked, not handled or ignored: a blocked signal waits for `next()` even when the process is PID 1, for
/// which the kernel drops every signal without a handler.
package enum Signals {
    /// The name of the signal that has files read again.
    package static let hangUp = "SIGHUP"

    /// Blocks SIGTERM, SIGINT and SIGHUP in this thread and all it starts later. To be called before any other thread is
    /// started.
    package static func block() {
        unsafe withSignals { _ = unsafe pthread_sigmask(SIG_BLOCK, $0, nil) }
    }

    /// Waits for the next of the blocked signals and gives its name.
    package static func next() -> String {
        var number: Int32 = 0
        unsafe withSignals { _ = unsafe sigwait($0, &number) }
        return switch number {
        case SIGHUP: hangUp
        case SIGINT: "SIGINT"
        default: "SIGTERM"
        }
    }

    private static func withSignals(_ body: (UnsafePointer<sigset_t>) -> Void) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGHUP)
        unsafe withUnsafePointer(to: &signals) { unsafe body($0) }
    }
}
