import Glibc

/// The signals that the server obeys, taken by one thread that waits for them.
///
/// They are blocked, not handled or ignored: a blocked signal waits for `next()` even when the process is PID 1, for
/// which the kernel drops every signal without a handler.
package enum Signals {
    /// What a signal asks for.
    package enum Request: Hashable, Sendable {
        /// SIGTERM, SIGINT: finish what runs, and end.
        case stop(signal: String)
        /// SIGHUP: read again what can change while the server runs.
        case reload
        /// SIGUSR2: start the program anew, and leave the ports to it.
        case handOver
    }

    private static let numbers = [SIGTERM, SIGINT, SIGHUP, SIGUSR2]

    /// Blocks the signals in this thread and all it starts later. To be called before any other thread is started.
    package static func block() {
        unsafe withSignals { _ = unsafe pthread_sigmask(SIG_BLOCK, $0, nil) }
    }

    /// Waits for the next of them.
    package static func next() -> Request {
        var number: Int32 = 0
        unsafe withSignals { _ = unsafe sigwait($0, &number) }
        return switch number {
        case SIGHUP: .reload
        case SIGUSR2: .handOver
        case SIGINT: .stop(signal: "SIGINT")
        default: .stop(signal: "SIGTERM")
        }
    }

    /// Shows the set of them.
    static func withSignals(_ body: (UnsafePointer<sigset_t>) -> Void) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in numbers { unsafe sigaddset(&signals, number) }
        unsafe withUnsafePointer(to: &signals) { unsafe body($0) }
    }
}
