import Dispatch
import Locks
package import Logging

/// What can be read again while the server runs: each with a name for the log. SIGHUP reads all of it, and a change of
/// files what was made of them.
package final class Reloads: Sendable {
    private struct Entry: Sendable {
        var name: String
        var isDue: (@Sendable () -> Bool)?
        var read: @Sendable () throws -> Void
    }

    /// How often files are looked at, in seconds.
    private static let interval = 2

    private let logger: Logger
    private let entries = Lock<[Entry]>([])
    /// One reading at a time, and not on the thread that waits for signals: a file system may be slow.
    private let queue = DispatchQueue(label: "reload")

    package init(logger: Logger) { self.logger = logger }

    /// Adds something. `read` takes the new state if it can be used; when it throws, the earlier state must stay.
    ///
    /// - Parameter isDue: is asked every few seconds whether it should be read without anybody asking.
    package func add(
        _ name: String, isDue: (@Sendable () -> Bool)? = nil, _ read: @escaping @Sendable () throws -> Void
    ) {
        let isFirst = entries.withLock { entries in
            defer { entries.append(Entry(name: name, isDue: isDue, read: read)) }
            return isDue != nil && !entries.contains { $0.isDue != nil }
        }
        if isFirst { lookLater() }
    }

    /// Reads everything again, on a thread of its own. What fails is logged, and hinders nothing else.
    package func run() {
        queue.async { [self] in
            let entries = entries.withLock { $0 }
            if entries.isEmpty { logger.info("nothing to reload") }
            for entry in entries { read(entry) }
        }
    }

    private func read(_ entry: Entry) {
        do {
            try entry.read()
            logger.info("reloaded", metadata: ["what": "\(entry.name)"])
        } catch {
            logger.error(
                "not reloaded, the earlier state stays", metadata: ["what": "\(entry.name)", "reason": "\(error)"])
        }
    }

    private func lookLater() {
        queue.asyncAfter(deadline: .now() + .seconds(Self.interval)) { [weak self] in
            guard let self else { return }
            for entry in entries.withLock({ $0 }) where entry.isDue?() == true { read(entry) }
            lookLater()
        }
    }
}
