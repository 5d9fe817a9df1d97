internal import Glibc

/// A line on standard error that is written over; nothing at all where that is no terminal.
final class ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var isShown = false

    func show(_ text: String) {
        guard isTerminal else { return }
        isShown = true
        write("\r" + text + "\u{1B}[K")
    }

    func clear() {
        guard isShown else { return }
        isShown = false
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
