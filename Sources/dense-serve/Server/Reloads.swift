import Dispatch
import Locks
package import Logging

/// What can be read again while the server runs: each with a name for the log. SIGHUP reads all of it.
package final class Reloads: Sendable {
    private struct Entry: Sendable {
        var name: String
        var read: @Sendable () throws -> Void
    }

    private let logger: Logger
    private let entries = Lock<[Entry]>([])
    /// One reading at a time, and not on the thread that waits for signals: a file system may be slow.
    private let queue = DispatchQueue(label: "reload")

    package init(logger: Logger) { self.logger = logger }

    /// Adds something. `read` takes the new state if it can be used; when it throws, the earlier state must stay.
    package func add(_ name: String, _ read: @escaping @Sendable () throws -> Void) {
        entries.withLock { $0.append(Entry(name: name, read: read)) }
    }

    /// Reads everything again, on a thread of its own. What fails is logged, and hinders nothing else.
    package func run() {
        queue.async { [self] in
            let entries = entries.withLock { $0 }
            if entries.isEmpty { logger.info("nothing to reload") }
            for entry in entries {
                do {
                    try entry.read()
                    logger.info("reloaded", metadata: ["what": "\(entry.name)"])
                } catch {
                    logger.error(
                        "not reloaded, the earlier state stays",
                        metadata: ["what": "\(entry.name)", "reason": "\(error)"])
                }
            }
        }
    }
}
