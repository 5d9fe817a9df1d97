import Dispatch
import Glibc
import Locks

/// An HTTP server: listeners and event loops around one handler.
///
/// Once started it runs until it is stopped, whether or not anybody holds on to it.
package final class Server: Sendable {
    private struct Running {
        var loops: [EventLoop] = []
        /// Until they are given up: the loop that accepts has them, too.
        var listeners: [Listener] = []
        var addresses: [SocketAddress] = []
        var urls: [String] = []
        var wasStarted = false
    }

    private let configuration: ServerConfiguration
    private let handler: any HTTPHandler
    private let observer: (any HTTPExchangeObserver)?
    private let running = Lock(Running())
    private let threads = DispatchGroup()
    private let startThread: @Sendable (@escaping @Sendable () -> Void) throws(HTTPServerError) -> Void
    private let accepted = Counter()
    private let places: ConnectionPlaces
    private let timeouts = TimeoutCounters()
    private let floods = Counter()
    private let memory: MemoryBudget

    /// A server that is not listening yet.
    ///
    /// - Parameter startThread: starts a thread for a loop; another one than the system's shows what a failure does.
    package init(
        configuration: ServerConfiguration, handler: any HTTPHandler, observer: (any HTTPExchangeObserver)? = nil,
        startThread: @escaping @Sendable (@escaping @Sendable () -> Void) throws(HTTPServerError) -> Void = {
            body throws(HTTPServerError) in try Thread.start(body)
        }
    ) {
        self.startThread = startThread
        self.configuration = configuration
        self.handler = handler
        self.observer = observer
        places = ConnectionPlaces(
            maxConnections: configuration.maxConnections, maxPerNetwork: configuration.maxConnectionsPerAddress)
        memory = MemoryBudget(limit: configuration.maxBufferBytes)
    }

    /// Opens the port and the Unix socket and begins to serve. Returns the addresses, with the port the system chose.
    ///
    /// A server starts once; a second call returns the same addresses.
    package func start() throws(HTTPServerError) -> [SocketAddress] {
        try configuration.validate()
        return try running.withLock { running throws(HTTPServerError) in
            guard !running.wasStarted else { return running.addresses }
            let listeners = try listen()
            let gate = AcceptGate()
            var loops: [EventLoop] = []
            for _ in 0..<configuration.loops {
                loops.append(
                    try EventLoop(
                        state: LoopState(
                            configuration: configuration, handler: handler, observer: observer, memory: memory,
                            floods: floods, timeouts: timeouts),
                        gate: gate))
            }
            loops[0].accept(
                with: Acceptor(
                    listeners: listeners, loops: loops, places: places, accepted: accepted))
            running = Running(
                loops: loops, listeners: listeners, addresses: listeners.map(\.address), urls: listeners.map(\.url),
                wasStarted: true)
            do throws(HTTPServerError) {
                // The one that accepts comes last: until it runs, its listeners can be taken from it.
                for loop in loops.reversed() { try start(loop) }
            } catch {
                loops[0].stopAccepting()
                end(&running, at: 0)
                running = Running()
                throw error
            }
            return running.addresses
        }
    }

    /// What clients call the addresses, in the same order: `http://...`, `https://...` or `unix:...`.
    package var urls: [String] { running.withLock { $0.urls } }

    private func listen() throws(HTTPServerError) -> [Listener] {
        var listeners: [Listener] = []
        guard configuration.inherited.isEmpty else {
            for socket in configuration.inherited {
                listeners.append(try .inherited(socket, tls: configuration.tls))
            }
            return listeners
        }
        let backlog = configuration.backlog
        if let host = configuration.host {
            if configuration.speaksClearText {
                listeners.append(
                    try .internet(
                        host: host, port: configuration.port, backlog: backlog, reusesPort: configuration.reusePort))
            }
            if let tls = configuration.tls {
                listeners.append(
                    try .internet(
                        host: host, port: configuration.tlsPort, backlog: backlog,
                        reusesPort: configuration.reusePort, tls: tls))
            }
            for port in configuration.morePorts {
                listeners.append(
                    try .internet(
                        host: host, port: port, backlog: backlog, reusesPort: configuration.reusePort,
                        tls: configuration.speaksClearText ? nil : configuration.tls))
            }
        }
        if let path = configuration.unixSocket { listeners.append(try .unix(path: path, backlog: backlog)) }
        return listeners
    }

    /// Shows the listening sockets, for a process that is to inherit them. Empty before the start and after a stop.
    package func withListeningSockets<R>(_ body: ([InheritedSocket]) throws -> R) rethrows -> R {
        let listeners = running.withLock { $0.listeners }
        // The descriptors are open as long as these live.
        return try withExtendedLifetime(listeners) {
            try body(
                listeners.map { InheritedSocket(number: $0.number, name: $0.name, isOwn: $0.isOwn) })
        }
    }

    /// Begins a graceful stop and returns at once: what waits to be accepted is accepted, then the port is closed. A
    /// connection without a request is closed when none comes within `farewellTimeout`; requests in flight finish and are
    /// answered with `Connection: close`; what is left after `drainTimeout` milliseconds is cut off.
    ///
    /// May be called again with a shorter time.
    ///
    /// - Parameter successor: another process has inherited the listening sockets: the Unix socket's file and the
    ///   connections that wait to be accepted are its own.
    package func stop(drainTimeout: Int, successor: Bool = false) {
        running.withLock { running in
            if successor { running.listeners = [] }
            end(&running, at: LoopState.clock() &+ UInt64(max(0, drainTimeout)) &* 1_000_000, leavesQueue: successor)
        }
    }

    private func end(_ running: inout Running, at time: UInt64, leavesQueue: Bool = false) {
        for listener in running.listeners { listener.file?.remove() }
        running.listeners = []
        for loop in running.loops { loop.post(.drain(until: time, leavesQueue: leavesQueue)) }
    }

    private func start(_ loop: EventLoop) throws(HTTPServerError) {
        threads.enter()
        do throws(HTTPServerError) {
            try startThread { [threads] in
                loop.run()
                threads.leave()
            }
        } catch {
            threads.leave()
            throw error
        }
    }

    /// Waits until a stop has finished: every connection is closed and every loop's thread has ended.
    package func wait() {
        threads.wait()
    }

    /// Waits so long at most; false if a loop's thread still runs, as one does whose handler does not return.
    package func wait(milliseconds: Int) -> Bool {
        threads.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }

    /// What the server has counted since its start.
    package var counters: ServerCounters {
        let loops = running.withLock { $0.loops }
        let refused = places.refused
        return ServerCounters(
            openConnections: loops.reduce(0) { $0 + $1.load.value }, acceptedConnections: accepted.value,
            refusedConnections: refused.altogether, refusedForAddress: refused.forNetwork, timeouts: timeouts.values,
            requests: loops.reduce(0) { $0 + $1.state.requests.value }, bufferBytes: memory.used,
            bufferRefusals: memory.refused, rests: loops.reduce(0) { $0 + $1.rests.value }, floods: floods.value,
            tls: configuration.tls?.counts)
    }
}
