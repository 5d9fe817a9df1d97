/// An HTTP server: listeners and event loops around one handler.
package final class Server: Sendable {
    private let configuration: ServerConfiguration

    /// A server that is not listening yet.
    package init(
        configuration: ServerConfiguration, handler: any HTTPHandler, observer: (any HTTPExchangeObserver)? = nil
    ) {
        self.configuration = configuration
    }

    /// Opens the port and the Unix socket and begins to serve. Returns the addresses, with the port the system chose.
    package func start() throws(HTTPServerError) -> [SocketAddress] { [] }

    /// Begins a graceful stop and returns at once: no new connections, idle ones are closed, requests in flight finish and
    /// are answered with `Connection: close`; what is left after `drainTimeout` milliseconds is cut off.
    package func stop(drainTimeout: Int) {}

    /// Waits until a stop has finished: every connection is closed and every loop's thread has ended.
    package func wait() {}

    /// What the server has counted since its start.
    package var counters: ServerCounters { ServerCounters() }
}
